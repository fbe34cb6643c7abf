internal import BinaryCoding
internal import EventModel

/// Reads the columns of one block, each when it is first asked for: all leaves, or those of one row.
struct BlockReader: ~Copyable {
  let tables: ColumnTables
  let rowCount: Int
  var unpacker: StreamUnpacker
  let parts: [[UInt8]]
  /// Where the streams of each column lie; those of numbers below ``StreamNumber/columns`` first.
  var streams: [Range<Int>]
  var recordStreams: [Range<Int>] = [0..<0, 0..<0]
  /// The block's leaves.
  var sink = LeafSink(bytesMax: ColumnLimits.bytesMax)
  /// The shapes of the items of each scope, from 1; of rows 0 too.
  var symbols: [[Int64]]
  var hasSymbols: [Bool]
  /// How many items of each scope have each shape.
  var shapeCounts: [[Int]]
  /// The row that is asked for, or all.
  let row: Int?
  /// Which items of each scope are asked for.
  var items: [Range<Int>]
  /// How many items of each scope before those have each shape.
  var countsBefore: [[Int]]
  /// Where a column's first leaf would lie among the places of the sink, once it is read. Only those
  /// in ``windows`` are there.
  var starts: [Int]
  /// Which of a column's leaves are asked for, once it is read.
  var windows: [Range<Int>]
  /// Whether a column is read: not yet, being read, read.
  var progress: [Progress]
  /// How many leaves and elements have been asked for.
  var leafTotal = 0
  /// The numbers of leaves that come from a dictionary.
  var numbers: [[Int64]]
  /// Which numbers of a dictionary the block is the first to use, once its column is read.
  var firstUses: [Range<Int>]
  /// Whether leaves of dictionaries are wanted, or their numbers only.
  var takesEntries = true
  /// Lengths, elements, scaled amounts.
  var integers: [[Int64]]

  enum Progress { case none, begun, done }

  private init(
    _ tables: ColumnTables, parts: [[UInt8]], rowCount: Int, row: Int?,
    unpacker: consuming StreamUnpacker
  ) {
    self.tables = tables
    self.rowCount = rowCount
    self.row = row
    self.parts = parts
    self.unpacker = unpacker
    let columnCount = tables.shapes.columns.count
    streams = Array(repeating: 0..<0, count: StreamNumber.columns + columnCount)
    symbols = Array(repeating: [], count: tables.shapes.scopes.count)
    hasSymbols = Array(repeating: false, count: tables.shapes.scopes.count)
    shapeCounts = tables.shapes.scopes.map { Array(repeating: 0, count: $0.shapes.count) }
    items = Array(repeating: 0..<0, count: symbols.count)
    countsBefore = shapeCounts
    starts = Array(repeating: 0, count: columnCount)
    windows = Array(repeating: 0..<0, count: columnCount)
    progress = Array(repeating: .none, count: columnCount)
    numbers = Array(repeating: [], count: columnCount)
    integers = Array(repeating: [], count: columnCount)
    firstUses = Array(repeating: 0..<0, count: columnCount)
  }

  /// Takes over a block and reads its directories and the rows' shapes.
  static func make(
    _ tables: ColumnTables, facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int,
    row: Int? = nil
  ) throws(ColumnFault) -> BlockReader {
    try require(0...ColumnLimits.blockRows ~= rowCount, "rows of a block")
    if let row { try require(0..<rowCount ~= row, "row of a block") }
    let parts = [
      [UInt8](copying: facts, 0..<facts.count), [UInt8](copying: persons, 0..<persons.count),
    ]
    var reader = BlockReader(
      tables, parts: parts, rowCount: rowCount, row: row, unpacker: try StreamUnpacker())
    try reader.readDirectory(.facts)
    try reader.readDirectory(.persons)
    try reader.readShapes()
    return reader
  }

  mutating func readShapes() throws(ColumnFault) {
    let shapeCount = Int64(tables.shapes.scopes[0].shapes.count)
    let found = try integers(inStream: StreamNumber.shapes)
    for symbol in found { try require(0...shapeCount ~= symbol, "shape of a row") }
    take(found, asSymbolsOf: 0, items: row.map { $0..<$0 + 1 } ?? 0..<rowCount)
  }

  /// Takes over the shapes of a scope's items.
  private mutating func take(_ found: [Int64], asSymbolsOf scope: Int, items: Range<Int>) {
    var counts = shapeCounts[scope]
    for (index, symbol) in found.enumerated() {
      if index == items.lowerBound { countsBefore[scope] = counts }
      if symbol > 0 { counts[Int(symbol) - 1] += 1 }
    }
    if items.lowerBound == found.count { countsBefore[scope] = counts }
    shapeCounts[scope] = counts
    symbols[scope] = found
    hasSymbols[scope] = true
    self.items[scope] = items
  }

  mutating func readDirectory(_ part: ColumnPart) throws(ColumnFault) {
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
  mutating func integers(inStream number: Int) throws(ColumnFault) -> [Int64] {
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
    var last = [Int64?](repeating: nil, count: tables.shapes.origins.count / 40)
    for origin in origins { last[Int(origin)] = 0 }
    for origin in last.indices where last[origin] != nil {
      last[origin] = Int64(bitPattern: try reader.varint())
    }
    var values = try unpacker.integers(&reader, count: rowCount)
    try reader.expectEnd()
    for (row, origin) in origins.enumerated() {
      let sequence = (last[Int(origin)] ?? 0) &+ values[row]
      last[Int(origin)] = sequence
      values[row] = sequence
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
  mutating func requireSymbols(ofScope scope: Int) throws(ColumnFault) {
    guard !hasSymbols[scope] else { return }
    hasSymbols[scope] = true
    let shapeScope = tables.shapes.scopes[scope]
    try read(shapeScope.lengthColumn)
    let window = windows[shapeScope.lengthColumn]
    var total = 0
    var start = 0
    var end = 0
    for (index, length) in integers[shapeScope.lengthColumn].enumerated() {
      try require(0...Int64(ColumnLimits.blockValuesMax) ~= length, "length of an array")
      total += Int(length)
      try require(total <= ColumnLimits.blockValuesMax, "elements of an array")
      if index < window.lowerBound { start = total }
      if index < window.upperBound { end = total }
    }
    try take(total)
    let column = shapeScope.elementColumn
    let found = try counts(column, count: total)
    let shapeCount = Int64(shapeScope.shapes.count)
    for symbol in found {
      try require(symbol > 0 && symbol <= shapeCount, "shape of an element")
    }
    take(found, asSymbolsOf: scope, items: start..<max(start, end))
    integers[column] = found
  }

  /// Counts leaves against the most that a block may have; before they are read.
  mutating func take(_ count: Int) throws(ColumnFault) {
    leafTotal += count
    try require(leafTotal <= ColumnLimits.blockLeavesMax, "leaves of a block")
  }

  /// The integers of a column of lengths or elements.
  mutating func counts(_ column: Int, count: Int) throws(ColumnFault) -> [Int64] {
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

  func stream(ofColumn column: Int) -> (part: Int, range: Range<Int>) {
    (
      Int(tables.shapes.columns[column].place.part.rawValue),
      streams[StreamNumber.columns + column]
    )
  }

  /// How many leaves of a column the block has.
  func leafCount(_ column: Int) throws(ColumnFault) -> Int {
    let scope = tables.shapes.columns[column].place.scope
    var total = 0
    for (count, perItem) in zip(shapeCounts[scope], tables.shapes.columns[column].perShape) {
      total &+= count &* Int(perItem)
    }
    try require(total <= ColumnLimits.blockValuesMax, "leaves of a column")
    return total
  }

  /// Which of a column's leaves belong to the items that are asked for.
  private func window(_ column: Int) -> Range<Int> {
    let place = tables.shapes.columns[column].place
    let perShape = tables.shapes.columns[column].perShape
    var start = 0
    for (count, perItem) in zip(countsBefore[place.scope], perShape) {
      start &+= count &* Int(perItem)
    }
    var end = start
    for symbol in symbols[place.scope][items[place.scope]] where symbol > 0 {
      end &+= Int(perShape[Int(symbol) &- 1])
    }
    return start..<end
  }

  /// Reads all columns that the records asked for need.
  mutating func readNeeded() throws(ColumnFault) {
    let scopes = tables.shapes.scopes
    var isNeeded = [Bool](repeating: true, count: scopes.count)
    for (number, scope) in scopes.enumerated() {
      if number > 0 {
        isNeeded[number] =
          isNeeded[tables.shapes.columns[scope.lengthColumn].place.scope]
          && self.isNeeded(scope.lengthColumn)
        if isNeeded[number] { try requireSymbols(ofScope: number) }
      }
    }
    for (column, table) in tables.shapes.columns.enumerated()
    where isNeeded[table.place.scope] && self.isNeeded(column) {
      try read(column)
    }
  }

  /// Whether the shape of the row asked for has a column; arrays' columns are not looked at.
  private func isNeeded(_ column: Int) -> Bool {
    guard let row, tables.shapes.columns[column].place.scope == 0 else { return true }
    let symbol = Int(symbols[0][row])
    return symbol > 0 && tables.shapes.columns[column].perShape[symbol - 1] > 0
  }

  /// Reads a column, and before that the one it is predicted by.
  mutating func read(_ column: Int) throws(ColumnFault) {
    guard progress[column] == .none else {
      return try require(progress[column] == .done, "column that waits for itself")
    }
    progress[column] = .begun
    let place = tables.shapes.columns[column].place
    try requireSymbols(ofScope: place.scope)
    defer { progress[column] = .done }
    guard place.kind != .element else { return }
    let count = try leafCount(column)
    try take(count)
    windows[column] = window(column)
    if place.kind == .length {
      let lengths = try counts(column, count: count)
      starts[column] = sink.places.count - windows[column].lowerBound
      sink.keepOnly(windows[column])
      for length in lengths { try sink.add(length: length) }
      integers[column] = lengths
      return
    }
    if let key = tables.shapes.columns[column].plan.predictor.key { try read(key) }
    try readLeaves(column, count: count)
  }
}
