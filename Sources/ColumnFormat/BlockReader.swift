internal import BinaryCoding
internal import EventModel

/// Reads the columns of one block, each when it is first asked for.
struct BlockReader: ~Copyable {
  let tables: ColumnTables
  let rowCount: Int
  private var unpacker: StreamUnpacker
  private let parts: [[UInt8]]
  /// Where the streams of each column lie; those of numbers below ``StreamNumber/columns`` first.
  private var streams: [Range<Int>]
  private var recordStreams: [Range<Int>] = [0..<0, 0..<0]
  /// The block's leaves.
  private(set) var sink = LeafSink(bytesMax: ColumnLimits.bytesMax)
  /// The shapes of the items of each scope, from 1; of rows 0 too.
  private(set) var symbols: [[Int64]]
  private var hasSymbols: [Bool]
  /// How many items of each scope have each shape.
  private var shapeCounts: [[Int]]
  /// Where a column's leaves begin among the places of the sink, once it is read; -2 while it is.
  private(set) var starts: [Int]
  /// How many leaves and elements have been asked for.
  private var leafTotal = 0
  /// How many leaves a column has, once it is read.
  private(set) var counts: [Int]
  /// The numbers of leaves that come from a dictionary.
  private(set) var numbers: [[Int64]]
  /// Lengths, elements, scaled amounts.
  private(set) var integers: [[Int64]]

  private init(
    _ tables: ColumnTables, parts: [[UInt8]], rowCount: Int, unpacker: consuming StreamUnpacker
  ) {
    self.tables = tables
    self.rowCount = rowCount
    self.parts = parts
    self.unpacker = unpacker
    let columnCount = tables.shapes.columns.count
    streams = Array(repeating: 0..<0, count: StreamNumber.columns + columnCount)
    symbols = Array(repeating: [], count: tables.shapes.scopes.count)
    hasSymbols = Array(repeating: false, count: tables.shapes.scopes.count)
    shapeCounts = tables.shapes.scopes.map { Array(repeating: 0, count: $0.shapes.count) }
    starts = Array(repeating: -1, count: columnCount)
    counts = Array(repeating: 0, count: columnCount)
    numbers = Array(repeating: [], count: columnCount)
    integers = Array(repeating: [], count: columnCount)
  }

  /// Takes over a block and reads its directories and the rows' shapes.
  static func make(
    _ tables: ColumnTables, facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> BlockReader {
    try require(0...ColumnLimits.blockRows ~= rowCount, "rows of a block")
    let parts = [
      [UInt8](copying: facts, 0..<facts.count), [UInt8](copying: persons, 0..<persons.count),
    ]
    var reader = BlockReader(
      tables, parts: parts, rowCount: rowCount, unpacker: try StreamUnpacker())
    try reader.readDirectory(.facts)
    try reader.readDirectory(.persons)
    try reader.readShapes()
    return reader
  }

  private mutating func readShapes() throws(ColumnFault) {
    let shapeCount = Int64(tables.shapes.scopes[0].shapes.count)
    symbols[0] = try integers(inStream: StreamNumber.shapes)
    hasSymbols[0] = true
    for symbol in symbols[0] {
      try require(0...shapeCount ~= symbol, "shape of a row")
      if symbol > 0 { shapeCounts[0][Int(symbol) - 1] += 1 }
    }
  }

  private mutating func readDirectory(_ part: ColumnPart) throws(ColumnFault) {
    let bytes = parts[Int(part.rawValue)]
    guard !bytes.isEmpty else { return }
    var reader = SpanReader(bytes.span)
    let count = try reader.count(max: streams.count)
    var found: [(number: Int, count: Int)] = []
    var number = 0
    for index in 0..<count {
      let delta = try reader.count(max: streams.count - 1 - number)
      try require(delta > 0 || index == 0, "order of streams")
      number += delta
      found.append((number, try reader.count(max: bytes.count)))
    }
    for (number, count) in found {
      let range = try reader.range(count)
      if number == StreamNumber.records {
        recordStreams[Int(part.rawValue)] = range
      } else {
        let owner =
          number < StreamNumber.columns
          ? .facts : tables.shapes.columns[number - StreamNumber.columns].place.part
        try require(owner == part, "part of a stream")
        streams[number] = range
      }
    }
    try reader.expectEnd()
  }

  /// The integers of a stream that has one for each row.
  private mutating func integers(inStream number: Int) throws(ColumnFault) -> [Int64] {
    let bytes = parts[0]
    var reader = SpanReader(bytes.span.extracting(streams[number]))
    let values = try unpacker.integers(&reader, count: rowCount)
    try reader.expectEnd()
    return values
  }

  /// When each row was recorded.
  mutating func recorded() throws(ColumnFault) -> [Int64] {
    try integers(inStream: StreamNumber.recorded)
  }

  /// The origin of each row.
  mutating func origins() throws(ColumnFault) -> [Int64] {
    let values = try integers(inStream: StreamNumber.origins)
    let count = Int64(tables.shapes.origins.count / 40)
    for value in values { try require(0..<count ~= value, "origin of a row") }
    return values
  }

  /// The sequence of each row.
  mutating func sequences(_ origins: [Int64]) throws(ColumnFault) -> [Int64] {
    let bytes = parts[0]
    var reader = SpanReader(bytes.span.extracting(streams[StreamNumber.sequences]))
    var last: [Int64: Int64] = [:]
    for origin in Set(origins).sorted() { last[origin] = Int64(bitPattern: try reader.varint()) }
    var values = try unpacker.integers(&reader, count: rowCount)
    try reader.expectEnd()
    var known: (origin: Int64, sequence: Int64) = (-1, 0)
    for row in values.indices {
      if origins[row] != known.origin {
        if known.origin >= 0 { last[known.origin] = known.sequence }
        known = (origins[row], last[origins[row], default: 0])
      }
      known.sequence &+= values[row]
      values[row] = known.sequence
    }
    return values
  }

  /// The rows stored as they are, in order, one part of them.
  mutating func records(_ part: ColumnPart) throws(ColumnFault) -> (bytes: [UInt8], ends: [Int]) {
    let count = symbols[0].count { $0 == 0 }
    let bytes = parts[Int(part.rawValue)]
    var reader = SpanReader(bytes.span.extracting(recordStreams[Int(part.rawValue)]))
    let lengths = try unpacker.integers(&reader, count: count)
    var ends: [Int] = []
    var total = 0
    for length in lengths {
      try require(0...Int64(ColumnLimits.recordBytesMax) ~= length, "length of a record")
      total += Int(length)
      ends.append(total)
    }
    try require(total <= ColumnLimits.bytesMax, "bytes of records")
    let found = count > 0 ? try unpacker.unpack(&reader, count: total) : []
    try reader.expectEnd()
    return (found, ends)
  }

  /// The shapes of the elements of an array, or of the rows.
  private mutating func requireSymbols(ofScope scope: Int) throws(ColumnFault) {
    guard !hasSymbols[scope] else { return }
    hasSymbols[scope] = true
    let shapeScope = tables.shapes.scopes[scope]
    try read(shapeScope.lengthColumn)
    var total = 0
    for length in integers[shapeScope.lengthColumn] {
      try require(0...Int64(ColumnLimits.blockValuesMax) ~= length, "length of an array")
      total += Int(length)
      try require(total <= ColumnLimits.blockValuesMax, "elements of an array")
    }
    try take(total)
    let column = shapeScope.elementColumn
    let found = try counts(column, count: total)
    let shapeCount = Int64(shapeScope.shapes.count)
    for symbol in found {
      try require(symbol > 0 && symbol <= shapeCount, "shape of an element")
      shapeCounts[scope][Int(symbol) - 1] += 1
    }
    symbols[scope] = found
    integers[column] = found
  }

  /// Counts leaves against the most that a block may have; before they are read.
  private mutating func take(_ count: Int) throws(ColumnFault) {
    leafTotal += count
    try require(leafTotal <= ColumnLimits.blockLeavesMax, "leaves of a block")
  }

  /// The integers of a column of lengths or elements.
  private mutating func counts(_ column: Int, count: Int) throws(ColumnFault) -> [Int64] {
    let plan = tables.shapes.columns[column].plan
    try require(plan.store == .constant || plan.store == .values, "store of counts")
    if plan.store == .constant {
      let value = Int64(bitPattern: tables.shapes.columns[column].constant)
      return [Int64](repeating: value, count: count)
    }
    let (part, range) = stream(ofColumn: column)
    let bytes = parts[part]
    var reader = SpanReader(bytes.span.extracting(range))
    let values = try unpacker.integers(&reader, count: count)
    try reader.expectEnd()
    return values
  }

  private func stream(ofColumn column: Int) -> (part: Int, range: Range<Int>) {
    (
      Int(tables.shapes.columns[column].place.part.rawValue),
      streams[StreamNumber.columns + column]
    )
  }

  /// How many leaves of a column the block has.
  private func leafCount(_ column: Int) throws(ColumnFault) -> Int {
    let scope = tables.shapes.columns[column].place.scope
    var total = 0
    for (count, perItem) in zip(shapeCounts[scope], tables.shapes.columns[column].perShape) {
      total &+= count &* Int(perItem)
    }
    try require(total <= ColumnLimits.blockValuesMax, "leaves of a column")
    return total
  }

  /// Whether a row's record needs a column: it has the column, or an array of the columns' scope.
  func isNeeded(_ column: Int, byRow row: Int) -> Bool {
    let symbol = Int(symbols[0][row])
    guard tables.shapes.columns[column].place.scope == 0 else { return true }
    return tables.shapes.columns[column].place.kind == .length
      || (symbol > 0 && tables.shapes.columns[column].perShape[symbol - 1] > 0)
  }

  /// Reads a column, and before that the one it is predicted by.
  mutating func read(_ column: Int) throws(ColumnFault) {
    guard starts[column] == -1 else {
      return try require(starts[column] >= 0, "column that waits for itself")
    }
    starts[column] = -2
    let place = tables.shapes.columns[column].place
    try requireSymbols(ofScope: place.scope)
    if place.kind == .element {
      starts[column] = sink.places.count
      return
    }
    let count = try leafCount(column)
    counts[column] = count
    try take(count)
    if place.kind == .length {
      let lengths = try counts(column, count: count)
      starts[column] = sink.places.count
      for length in lengths { try sink.add(length: length) }
      integers[column] = lengths
      return
    }
    if let key = tables.shapes.columns[column].plan.predictor.key { try read(key) }
    try readLeaves(column, count: count)
  }

  private mutating func readLeaves(_ column: Int, count: Int) throws(ColumnFault) {
    var start = sink.places.count
    let (part, range) = stream(ofColumn: column)
    let bytes = parts[part]
    var reader = SpanReader(bytes.span.extracting(range))
    let table = tables.shapes.columns[column]
    if count > 0 {
      let flags =
        table.plan.predictor == .none ? [] : try unpacker.flags(&reader, count: count)
      let kept = flags.isEmpty ? count : flags.count { $0 == 0 }
      switch table.plan.store {
      case .constant:
        let leaf = tables.entries.places[Int(table.constant)] | LeafSink.isEntry
        sink.places.append(contentsOf: repeatElement(leaf, count: count))
      case .values, .words:
        if table.plan.store == .values {
          try unpacker.leaves(
            &reader, count: kept, of: table.place, plan: table.plan, head: table.head, to: &sink)
        } else {
          guard let words = table.words else { throw .bounds("words") }
          try unpacker.words(&reader, count: kept, table: words, head: table.head, to: &sink)
        }
        if !flags.isEmpty {
          start = sink.places.count
          try merge(column, flags, stored: start - kept)
        }
      case .dictionary: try readNumbers(column, &reader, flags: flags, count: count, kept: kept)
      case .ranks: try readKeys(column, &reader, count: count)
      }
    }
    try reader.expectEnd()
    starts[column] = start
  }

  private mutating func readKeys(
    _ column: Int, _ reader: inout SpanReader, count: Int
  ) throws(ColumnFault) {
    guard let keys = tables.keys else { throw .bounds("keys") }
    let head = tables.shapes.columns[column].head
    for rank in try unpacker.integers(&reader, count: count) {
      try require(0..<Int64(keys.count) ~= rank, "rank of a key")
      let key = keys.keys[Int(rank)]
      try sink.add(upper: key.upper, lower: key.lower, form: keys.form, head)
    }
  }

  /// The integers that each row has in a field of section 0; nothing for rows without one, an empty
  /// array if none has one.
  mutating func amounts(ofFact path: [UInt8]) throws(ColumnFault) -> [Int64?] {
    let place = ColumnPlace(scope: 0, section: 0, path: path, kind: .amount)
    guard let column = tables.shapes.columns.firstIndex(where: { $0.place == place }) else {
      return []
    }
    let table = tables.shapes.columns[column]
    let count = try leafCount(column)
    guard count > 0 else { return [] }
    var amounts: [Amount]
    if table.plan.store == .values, table.plan.predictor == .none {
      let bytes = parts[0]
      var reader = SpanReader(bytes.span.extracting(stream(ofColumn: column).range))
      amounts = try unpacker.amounts(&reader, count: count, plan: table.plan)
    } else {
      try read(column)
      amounts = []
      for place in sink.places[starts[column]..<starts[column] + count] {
        amounts.append(amount(of: place))
      }
    }
    var next = 0
    return symbols[0].map { symbol in
      guard symbol > 0, table.perShape[Int(symbol) &- 1] > 0 else { return nil }
      defer { next &+= Int(table.perShape[Int(symbol) &- 1]) }
      return amounts[next].scale == 0 ? amounts[next].coefficient : nil
    }
  }

  private func amount(of place: UInt64) -> Amount {
    let bytes = place & LeafSink.isEntry != 0 ? tables.entries.bytes : sink.bytes
    return Amount(walked: Place(rawValue: place & ~LeafSink.isEntry), in: bytes.span)
  }

  /// The ranks of a column of keys, one a leaf.
  mutating func ranks(_ column: Int) throws(ColumnFault) -> [Int64] {
    let count = try leafCount(column)
    let (part, range) = stream(ofColumn: column)
    let bytes = parts[part]
    var reader = SpanReader(bytes.span.extracting(range))
    let ranks = try unpacker.integers(&reader, count: count)
    try reader.expectEnd()
    for rank in ranks {
      try require(0..<Int64(tables.keys?.count ?? 0) ~= rank, "rank of a key")
    }
    return ranks
  }

  /// The places that leaves are predicted from, one for each of the column's, or none.
  private func keys(_ key: Int, of column: TableColumn, count: Int) -> [Int32] {
    alignment(
      symbols[column.place.scope], perShape: column.perShape,
      keyPerShape: tables.shapes.columns[key].perShape, count: count)
  }

  /// Puts stored and predicted leaves in order.
  private mutating func merge(
    _ column: Int, _ flags: [UInt8], stored: Int
  ) throws(ColumnFault) {
    let table = tables.shapes.columns[column]
    let start = sink.places.count
    var next = stored
    guard case .affix(let key, let prefix, let suffix) = table.plan.predictor else {
      for flag in flags {
        try require(flag == 0 || sink.places.count > start, "first leaf without one before it")
        sink.places.append(sink.places[flag == 0 ? next : sink.places.count - 1])
        next += flag == 0 ? 1 : 0
      }
      return
    }
    let keys = keys(key, of: table, count: flags.count)
    let other = tables.shapes.columns[key].head
    let isSame = prefix.isEmpty && suffix.isEmpty && other == table.head
    // As they are now: the key's leaves are read, and what is added goes behind them.
    let (leaves, entries) = (sink.bytes, tables.entries.bytes)
    for (flag, at) in zip(flags, keys) {
      guard flag == 1 else {
        sink.places.append(sink.places[next])
        next += 1
        continue
      }
      try require(at >= 0, "leaf without its key")
      let place = sink.places[starts[key] + Int(at)]
      if isSame {
        sink.places.append(place)
      } else {
        let leaf = Place(rawValue: place & ~LeafSink.isEntry)
        let bytes = place & LeafSink.isEntry != 0 ? entries.span : leaves.span
        let range = textRange(
          of: leaf, kind: other.kind, prefixCount: other.prefix.count, in: bytes)
        try sink.add(
          text: bytes.extracting(range), before: prefix, behind: suffix, table.head)
      }
    }
  }

  private mutating func readNumbers(
    _ column: Int, _ reader: inout SpanReader, flags: [UInt8], count: Int, kept: Int
  ) throws(ColumnFault) {
    let table = tables.shapes.columns[column]
    var ages = NumberAges(next: try reader.count(max: table.entryCount))
    let stored = try unpacker.integers(&reader, count: kept)
    var prediction = NumberPrediction()
    switch table.plan.predictor {
    case .map(let key):
      prediction.keys = keys(key, of: table, count: count)
      prediction.numbers = numbers[key]
      prediction.map = table.map
    case .affix: throw .bounds("affix of a dictionary's numbers")
    case .none, .previous: break
    }
    var found: [Int64] = []
    found.reserveCapacity(count)
    var next = 0
    for index in 0..<count {
      var number: Int64
      if flags.isEmpty || flags[index] == 0 {
        number = ages.number(ofAge: stored[next], count: table.entryCount)
        next &+= 1
      } else {
        number = prediction.number(at: index, last: found.last)
        ages.see(number)
      }
      try require(number >= 0, "number of a dictionary's entry")
      found.append(number)
      sink.places.append(
        tables.entries.places[table.entryStart &+ Int(number)] | LeafSink.isEntry)
    }
    numbers[column] = found
  }
}

/// What the numbers of a column are predicted by: a map, or the number before.
private struct NumberPrediction {
  var keys: [Int32] = []
  var numbers: [Int64] = []
  var map: [UInt32] = []

  /// The predicted number, or -1 if there is none.
  func number(at index: Int, last: Int64?) -> Int64 {
    guard !keys.isEmpty else { return last ?? -1 }
    guard keys[index] >= 0 else { return -1 }
    return Int64(map[Int(numbers[Int(keys[index])])]) - 1
  }
}
