internal import BinaryCoding

/// What the rows of one shape have in common.
package struct ShapeHead: Equatable, Sendable {
  /// The medium.
  package let channel: UInt8
  /// The type's name.
  package let type: String
}

/// Counts the rows of a segment's blocks by shape, which tells their channels and types: the cheapest
/// question there is, one stream of some hundred bytes a block.
package struct ShapeCounter: ~Copyable {
  private let shapeCount: Int
  private var unpacker: StreamUnpacker
  /// What the rows of each shape have in common.
  package let heads: [ShapeHead]

  /// Prepares to count.
  ///
  /// - Parameter table: The first of the segment's tables.
  /// - Throws: ``ColumnFault`` if it breaks a rule of the format.
  package init(_ table: ColumnTable) throws(ColumnFault) {
    let heads = try Self.heads(of: table)
    let unpacker = try StreamUnpacker()
    self.heads = heads
    self.unpacker = unpacker
    shapeCount = heads.count
  }

  private static func heads(of table: ColumnTable) throws(ColumnFault) -> [ShapeHead] {
    var unpacker = try StreamUnpacker()
    var reader = SpanReader(table.bytes.span)
    try require(try reader.byte() == TableKind.shapes, "first table")
    let shapes = try ShapesTable(from: &reader, unpacker: &unpacker)
    var found = TypeHeads(shapes)
    var heads: [ShapeHead] = []
    for shape in shapes.scopes[0].shapes.indices {
      let head = try found.head(ofShape: shape)
      heads.append(
        ShapeHead(
          channel: head.channel,
          type: String(decoding: found.types[Int(head.type)], as: UTF8.self)))
    }
    return heads
  }

  /// How many rows of a block have each shape.
  ///
  /// - Parameters:
  ///   - facts: The block's facts part.
  ///   - rowCount: How many rows the block has.
  /// - Returns: A count for each of ``heads``; nothing if some rows are stored as they are.
  /// - Throws: ``ColumnFault`` if the block breaks a rule of the format.
  package mutating func counts(
    facts: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> [Int]? {
    try require(0...ColumnLimits.blockRows ~= rowCount, "rows of a block")
    var reader = SpanReader(facts)
    let streamCount = try reader.count(max: facts.count)
    var length = 0
    for index in 0..<streamCount {
      let delta = try reader.count(max: facts.count)
      let count = try reader.count(max: facts.count)
      // Shapes have number 0, so they are the first stream if there are any.
      if index == 0, delta == StreamNumber.shapes { length = count }
    }
    var stream = SpanReader(facts.extracting(try reader.range(length)))
    let symbols = try unpacker.integers(&stream, count: rowCount)
    try stream.expectEnd()
    var counts = [Int](repeating: 0, count: shapeCount + 1)
    for symbol in symbols {
      try require(0...Int64(shapeCount) ~= symbol, "shape of a row")
      counts[Int(symbol)] += 1
    }
    return counts[0] == 0 ? Array(counts[1...]) : nil
  }
}
