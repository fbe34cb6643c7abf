internal import BinaryCoding

/// A column as its readers know it.
struct TableColumn: Sendable {
  let place: ColumnPlace
  var plan = ColumnPlan()
  /// How often each shape of the scope has it.
  var perShape: [UInt8] = []
  /// Where its dictionary begins among the entries of all, and how many it has.
  var entryStart = 0
  var entryCount = 0
  /// Whether its dictionary is taken apart.
  var isExpanded = false
  /// The dictionary as it is on disk.
  var pages: DictionaryPages?
  /// The place of the only leaf among the entries.
  var constant: UInt64 = 0
  /// Of a map: one more than the number for each entry of the key, 0 for none.
  var map: [UInt32] = []
  /// The words of its texts, if these are stored as words.
  var words: WordTable?
  let head: LeafHead

  init(place: ColumnPlace) {
    self.place = place
    head = LeafHead(place)
  }
}

/// The shapes table, read and checked.
struct ShapesTable: Sendable {
  /// An operation of a shape; flat, so that writing records is quick.
  struct Operation: Sendable {
    enum Kind: UInt8 { case bytes, section, leaf, array, sectionEnd }
    let kind: Kind
    /// Where the bytes begin, or the column, or the scope.
    let argument: UInt32
    let byteCount: UInt32
  }

  /// The shapes of rows or of an array's elements.
  struct Scope: Sendable {
    let lengthColumn: Int
    let elementColumn: Int
    var shapes: [Range<Int>] = []
    /// At least as many bytes as each shape writes besides leaves.
    var byteCounts: [Int] = []
  }

  private(set) var rowCount = 0
  private(set) var origins: [UInt8] = []
  private(set) var scopes: [Scope] = []
  var columns: [TableColumn] = []
  private(set) var operations: [Operation] = []
  /// What the operations write.
  private(set) var bytes: [UInt8] = []

  /// Most bytes of the table.
  private static let bytesMax = 1 << 26

  /// Reads the table behind its kind.
  init(
    from reader: inout SpanReader, unpacker: inout StreamUnpacker
  ) throws(ColumnFault) {
    let count = try reader.count(max: Self.bytesMax)
    bytes = try unpacker.unpack(&reader, count: count)
    try reader.expectEnd()
    let content = bytes
    var inner = SpanReader(content.span)
    rowCount = try inner.count(max: ColumnLimits.rowsMax)
    let originCount = try inner.count(max: ColumnLimits.originsMax)
    origins = [UInt8](copying: content.span, try inner.range(originCount * 40))
    scopes.append(Scope(lengthColumn: -1, elementColumn: -1))
    for _ in 0..<(try inner.count(max: ColumnLimits.columnsMax)) {
      scopes.append(
        Scope(
          lengthColumn: try inner.count(max: ColumnLimits.columnsMax),
          elementColumn: try inner.count(max: ColumnLimits.columnsMax)))
    }
    for _ in 0..<(try inner.count(max: ColumnLimits.columnsMax)) {
      columns.append(TableColumn(place: try Self.place(&inner, scopeCount: scopes.count)))
    }
    var shapeCount = 0
    for scope in scopes.indices {
      for _ in 0..<(try inner.count(max: ColumnLimits.shapesMax - shapeCount)) {
        let range = try operations(&inner)
        scopes[scope].shapes.append(range)
        scopes[scope].byteCounts.append(
          operations[range].reduce(0) { $0 + ($1.kind == .section ? 4 : Int($1.byteCount)) })
        shapeCount += 1
      }
    }
    try inner.expectEnd()
    try check()
  }

  private static func place(
    _ reader: inout SpanReader, scopeCount: Int
  ) throws(ColumnFault) -> ColumnPlace {
    let scope = try reader.count(max: scopeCount - 1)
    let section = try reader.byte()
    try require(section < 16, "section of a column")
    guard let kind = ColumnKind(rawValue: try reader.byte()) else {
      throw .bounds("kind of a column")
    }
    let path = try reader.lengthPrefixed(max: ColumnLimits.recordBytesMax)
    if kind == .identifier {
      try require(
        15...46 ~= path.count && path.starts(with: ColumnPaths.identifiers)
          && Int(path[13]) == path.count - 14, "path of identifiers")
    }
    return ColumnPlace(scope: scope, section: section, path: path, kind: kind)
  }

  private mutating func operations(_ reader: inout SpanReader) throws(ColumnFault) -> Range<Int> {
    let start = operations.count
    let count = try reader.count(max: min(reader.remaining, ColumnLimits.operationsMax - start))
    for _ in 0..<count {
      switch try reader.byte() {
      case 0:
        let length = try reader.count(max: reader.remaining)
        let range = try reader.range(length)
        operations.append(
          Operation(
            kind: .bytes, argument: UInt32(range.lowerBound), byteCount: UInt32(range.count)))
      case 1: operations.append(Operation(kind: .section, argument: 0, byteCount: 0))
      case 4: operations.append(Operation(kind: .sectionEnd, argument: 0, byteCount: 0))
      case 2:
        let column = try reader.count(max: columns.count - 1)
        operations.append(Operation(kind: .leaf, argument: UInt32(column), byteCount: 0))
      case 3:
        let scope = try reader.count(max: scopes.count - 1)
        operations.append(Operation(kind: .array, argument: UInt32(scope), byteCount: 0))
      default: throw .bounds("operation of a shape")
      }
    }
    return start..<operations.count
  }

  /// Requires that scopes, columns and operations agree, and counts columns by shape.
  private mutating func check() throws(ColumnFault) {
    var owners = [Int](repeating: -1, count: columns.count)
    for (number, scope) in scopes.enumerated().dropFirst() {
      for (column, kind) in [
        (scope.lengthColumn, ColumnKind.length), (scope.elementColumn, .element),
      ] {
        try require(
          column < columns.count && owners[column] < 0 && columns[column].place.kind == kind,
          "column of an array")
        owners[column] = number
      }
      try require(columns[scope.lengthColumn].place.scope < number, "array within itself")
      try require(columns[scope.elementColumn].place.scope == number, "column of elements")
    }
    for column in columns.indices {
      try require(
        !columns[column].place.kind.isCount || owners[column] >= 0, "count without an array")
      let shapeCount = scopes[columns[column].place.scope].shapes.count
      let isElement = columns[column].place.kind == .element
      columns[column].perShape = [UInt8](repeating: isElement ? 1 : 0, count: shapeCount)
    }
    for (number, scope) in scopes.enumerated() {
      for (shape, range) in scope.shapes.enumerated() {
        try check(shape: shape, range, scope: number)
      }
    }
  }

  private mutating func check(
    shape: Int, _ range: Range<Int>, scope: Int
  ) throws(ColumnFault) {
    var isOpen = false
    for operation in operations[range] {
      let column: Int
      switch operation.kind {
      case .bytes: continue
      case .section, .sectionEnd:
        try require(scope == 0, "section within an array")
        try require(isOpen == (operation.kind == .sectionEnd), "order of sections")
        isOpen.toggle()
        continue
      case .leaf:
        column = Int(operation.argument)
        try require(!columns[column].place.kind.isCount, "count as a leaf")
      case .array:
        try require(Int(operation.argument) > scope, "array within itself")
        column = scopes[Int(operation.argument)].lengthColumn
      }
      try require(columns[column].place.scope == scope, "column of another array")
      try require(columns[column].perShape[shape] < 255, "column too often in a shape")
      columns[column].perShape[shape] += 1
    }
    try require(!isOpen, "section without an end")
  }
}
