internal import BinaryCoding
internal import EventModel

/// What can be told of a row without its persons, or any column but one.
package struct ColumnOutline: Equatable, Sendable {
  /// The medium.
  package let channel: UInt8
  /// The type: an index into the names given with it.
  package let type: UInt32
  /// When it was recorded, hybrid time.
  package let recorded: UInt64
  /// `@occurred`, or nothing if the row has none.
  package let occurred: Int64?
}

extension ColumnTables {
  /// Channel, type, recorded and occurred of a block's rows.
  ///
  /// Touches the streams of these alone.
  ///
  /// - Parameters:
  ///   - facts: The block's facts part.
  ///   - rowCount: How many rows the block has.
  /// - Returns: An outline a row, and the types' names.
  /// - Throws: ``ColumnFault`` if the block breaks a rule of the format.
  package func outlines(
    facts: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> (rows: [ColumnOutline], types: [[UInt8]]) {
    let none: [UInt8] = []
    var reader = try BlockReader.make(self, facts: facts, persons: none.span, rowCount: rowCount)
    let recorded = try reader.recorded()
    let occurred = try reader.occurred()
    var heads = TypeHeads(shapes)
    var rows: [ColumnOutline] = []
    rows.reserveCapacity(rowCount)
    let whole = try reader.records(.facts)
    var wholeRow = 0
    for row in 0..<rowCount {
      let symbol = Int(reader.symbols[0][row])
      if symbol > 0 {
        let head = try heads.head(ofShape: symbol - 1)
        rows.append(
          ColumnOutline(
            channel: head.channel, type: head.type, recorded: UInt64(bitPattern: recorded[row]),
            occurred: occurred.isEmpty ? nil : occurred[row]))
      } else {
        let start = wholeRow == 0 ? 0 : whole.ends[wholeRow - 1]
        let body = [UInt8](copying: whole.bytes.span, start..<whole.ends[wholeRow])
        wholeRow += 1
        rows.append(try heads.outline(ofRecord: body, recorded: UInt64(bitPattern: recorded[row])))
      }
    }
    return (rows, heads.types)
  }
}

/// Channels and types of shapes.
struct TypeHeads {
  private let shapes: ShapesTable
  private(set) var types: [[UInt8]] = []
  private var known: [(channel: UInt8, type: UInt32)?]

  init(_ shapes: ShapesTable) {
    self.shapes = shapes
    known = Array(repeating: nil, count: shapes.scopes[0].shapes.count)
  }

  /// What a shape's first bytes say.
  mutating func head(ofShape shape: Int) throws(ColumnFault) -> (channel: UInt8, type: UInt32) {
    if let head = known[shape] { return head }
    let range = shapes.scopes[0].shapes[shape]
    try require(!range.isEmpty, "operations of a shape")
    let operation = shapes.operations[range.lowerBound]
    try require(operation.kind == .bytes, "head of a shape")
    let start = Int(operation.argument)
    let bytes = shapes.bytes
    var reader = SpanReader(bytes.span.extracting(start..<start + Int(operation.byteCount)))
    let head = try readHead(&reader)
    known[shape] = head
    return head
  }

  private mutating func readHead(
    _ reader: inout SpanReader
  ) throws(ColumnFault) -> (channel: UInt8, type: UInt32) {
    let channel = try reader.byte()
    let name = try reader.lengthPrefixed(max: 255)
    let type = types.firstIndex(of: name) ?? types.count
    if type == types.count { types.append(name) }
    return (channel, UInt32(type))
  }

  /// The outline of a record that is stored as it is.
  mutating func outline(
    ofRecord body: [UInt8], recorded: UInt64
  ) throws(ColumnFault) -> ColumnOutline {
    var reader = SpanReader(body.span)
    let head = try readHead(&reader)
    _ = try reader.range(32)
    _ = try reader.varint()
    let facts = try reader.lengthPrefixed(max: ColumnLimits.recordBytesMax)
    var occurred: Int64?
    if !facts.isEmpty, case .integer(let value) = Section(unchecked: facts).value("@occurred") {
      occurred = value
    }
    return ColumnOutline(
      channel: head.channel, type: head.type, recorded: recorded, occurred: occurred)
  }
}
