internal import BinaryCoding

/// What records are written from: borrowed once for a block.
struct RecordSources: ~Escapable {
  let operations: Span<ShapesTable.Operation>
  let shapeBytes: Span<UInt8>
  let entries: Span<UInt8>
  let leaves: Span<UInt8>
  let places: Span<UInt64>

  @_lifetime(copy operations, copy shapeBytes, copy entries, copy leaves, copy places)
  init(
    operations: Span<ShapesTable.Operation>, shapeBytes: Span<UInt8>, entries: Span<UInt8>,
    leaves: Span<UInt8>, places: Span<UInt64>
  ) {
    self.operations = operations
    self.shapeBytes = shapeBytes
    self.entries = entries
    self.leaves = leaves
    self.places = places
  }
}

/// Writes records from a block's columns.
struct RecordComposer: ~Copyable {
  private var reader: BlockReader
  private let origins: [Int64]
  private let sequences: [Int64]
  private let recorded: [Int64]
  private let whole: [(bytes: [UInt8], ends: [Int])]
  /// Where each column's next leaf is found.
  private var cursors: [Int]
  /// Where each scope's next item is found.
  private var items: [Int]
  private var nextWhole = 0
  private var sectionStart = 0
  /// Which section of the row it is.
  private var section = 0
  /// Bytes of the last length of the first section, of the second …
  private var headCounts = [Int](repeating: 1, count: 16)
  private var output = ByteWriter()
  private var ends: [Int] = []

  private init(
    _ reader: consuming BlockReader, origins: [Int64], sequences: [Int64], recorded: [Int64],
    whole: [(bytes: [UInt8], ends: [Int])]
  ) {
    self.origins = origins
    self.sequences = sequences
    self.recorded = recorded
    self.whole = whole
    cursors = zip(reader.starts, reader.windows).map { $0 + $1.lowerBound }
    items = reader.items.map(\.lowerBound)
    nextWhole = reader.symbols[0][..<reader.items[0].lowerBound].count { $0 == 0 }
    self.reader = reader
  }

  /// Reads what the records that are asked for need.
  static func make(_ block: consuming BlockReader) throws(ColumnFault) -> RecordComposer {
    try block.readNeeded()
    let origins = try block.origins()
    let sequences = try block.sequences(origins)
    let recorded = try block.recorded()
    let whole = [try block.records(.facts), try block.records(.persons)]
    return RecordComposer(
      block, origins: origins, sequences: sequences, recorded: recorded, whole: whole)
  }

  /// The records that are asked for: all of the block, or one.
  mutating func records() throws(ColumnFault) -> (bytes: [UInt8], ends: [Int]) {
    let rows = reader.items[0]
    ends.reserveCapacity(rows.count)
    output = ByteWriter(capacity: try byteCount())
    let tables = reader.tables
    let leaves = reader.sink.bytes
    let places = reader.sink.places
    let entries = tables.entries.bytes
    let sources = RecordSources(
      operations: tables.shapes.operations.span, shapeBytes: tables.shapes.bytes.span,
      entries: entries.span, leaves: leaves.span, places: places.span)
    for row in rows {
      try write(row, tables, sources)
      ends.append(output.count)
    }
    return (output.bytes, ends)
  }

  /// At least as many bytes as the records have; nothing is written before this is bounded.
  private func byteCount() throws(ColumnFault) -> Int {
    var count = reader.items[0].count * (40 + 9 + 8)
    count &+= whole[0].bytes.count &+ whole[1].bytes.count
    for (start, window) in zip(reader.starts, reader.windows) where !window.isEmpty {
      for raw in reader.sink.places[start + window.lowerBound..<start + window.upperBound] {
        count &+= Place(rawValue: raw).count
      }
    }
    for (scope, symbols) in reader.symbols.enumerated() where !symbols.isEmpty {
      let counts = reader.tables.shapes.scopes[scope].byteCounts
      for symbol in symbols[reader.items[scope]] where symbol > 0 {
        count &+= counts[Int(symbol) &- 1]
      }
    }
    try require(count <= 2 * ColumnLimits.bytesMax, "bytes of records")
    return count
  }

  private mutating func write(
    _ row: Int, _ tables: borrowing ColumnTables, _ sources: borrowing RecordSources
  ) throws(ColumnFault) {
    let origin = Int(origins[row]) * 40
    output.write(tables.shapes.origins.span.extracting(origin..<origin + 40))
    output.writeVarint(UInt64(bitPattern: sequences[row]))
    output.write(UInt64(bitPattern: recorded[row]))
    let symbol = Int(reader.symbols[0][row])
    guard symbol > 0 else { return try writeWhole() }
    section = 0
    try write(tables.shapes.scopes[0].shapes[symbol - 1], tables, sources)
  }

  private mutating func writeWhole() throws(ColumnFault) {
    for part in whole {
      let start = nextWhole == 0 ? 0 : part.ends[nextWhole - 1]
      output.write(part.bytes.span.extracting(start..<part.ends[nextWhole]))
    }
    nextWhole += 1
  }

  private mutating func write(
    _ range: Range<Int>, _ tables: borrowing ColumnTables, _ sources: borrowing RecordSources
  ) throws(ColumnFault) {
    for index in range {
      let operation = sources.operations[index]
      switch operation.kind {
      case .bytes:
        let start = Int(operation.argument)
        output.write(sources.shapeBytes.extracting(start..<start &+ Int(operation.byteCount)))
      case .leaf:
        try writeLeaf(Int(operation.argument), sources)
      case .section: beginSection()
      case .sectionEnd: endSection()
      case .array:
        let scope = Int(operation.argument)
        let lengths = tables.shapes.scopes[scope].lengthColumn
        let length = reader.integers[lengths][cursors[lengths] &- reader.starts[lengths]]
        try writeLeaf(lengths, sources)
        for _ in 0..<length {
          let shape = Int(reader.symbols[scope][items[scope]])
          items[scope] &+= 1
          try write(tables.shapes.scopes[scope].shapes[shape &- 1], tables, sources)
        }
      }
    }
  }

  @inline(__always)
  private mutating func writeLeaf(
    _ column: Int, _ sources: borrowing RecordSources
  ) throws(ColumnFault) {
    let raw = sources.places[cursors[column]]
    cursors[column] &+= 1
    let place = Place(rawValue: raw & ~LeafSink.isEntry)
    if raw & LeafSink.isEntry == 0 {
      output.write(sources.leaves.extracting(place.range))
    } else {
      output.write(sources.entries.extracting(place.range))
    }
  }

  /// Leaves room for the length of the section that begins here: as much as the last one needed.
  private mutating func beginSection() {
    for _ in 0..<headCounts[section & 15] { output.write(UInt8(0)) }
    sectionStart = output.count
  }

  /// Writes the length of the section that ends here.
  private mutating func endSection() {
    var length = UInt64(output.count - sectionStart)
    let needed = varintByteCount(length)
    let headCount = headCounts[section & 15]
    let start = sectionStart
    var at = start - headCount
    if needed != headCount {
      let room = [UInt8](repeating: 0, count: needed)
      output.bytes.replaceSubrange(at..<start, with: room)
      headCounts[section & 15] = needed
    }
    while length >= 0x80 {
      output.bytes[at] = UInt8(truncatingIfNeeded: length) | 0x80
      length >>= 7
      at += 1
    }
    output.bytes[at] = UInt8(length)
    section &+= 1
  }
}
