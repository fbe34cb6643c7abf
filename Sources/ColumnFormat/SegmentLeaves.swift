internal import BinaryCoding
internal import EventModel

/// A segment's records taken apart into shapes and columns.
struct SegmentLeaves {
  let records: [UInt8]
  let ends: [Int]
  /// Where each record goes on behind origin, sequence and time.
  private(set) var bodies: [Int] = []
  /// The origins, in the order in which they are met.
  private(set) var origins = Interner()
  private(set) var rowOrigins: [Int64] = []
  private(set) var sequences: [Int64] = []
  private(set) var recorded: [Int64] = []
  /// Each row's shape, from 1; 0 for a record that is stored as it is.
  private(set) var symbols: [Int64] = []
  private(set) var scopes: [ShapeScope] = []
  /// What the shapes' operations write.
  private(set) var shapeBytes: [UInt8] = []
  var columns: [LeafColumn] = []

  var rowCount: Int { ends.count }
  var blockCount: Int { (rowCount + ColumnLimits.blockRows - 1) / ColumnLimits.blockRows }

  /// The rows of a block.
  func rows(ofBlock block: Int) -> Range<Int> {
    let start = block * ColumnLimits.blockRows
    return start..<min(rowCount, start + ColumnLimits.blockRows)
  }

  /// The bytes of a row's record.
  func range(ofRow row: Int) -> Range<Int> { (row == 0 ? 0 : ends[row - 1])..<ends[row] }

  /// Takes records apart.
  ///
  /// - Parameters:
  ///   - records: The records, one after another.
  ///   - ends: Where each ends.
  /// - Throws: ``ColumnFault`` if one has no origin, sequence and time, or is too long.
  init(records: [UInt8], ends: [Int]) throws(ColumnFault) {
    self.records = records
    self.ends = ends
    try readHeads()
    var survey = ShapeSurvey(records: records, ends: ends, bodies: bodies)
    survey.run()
    let shapes = survey.accept()
    scopes = shapes.scopes
    shapeBytes = shapes.bytes
    columns = shapes.places.map { LeafColumn(place: $0) }
    countPerShape()
    symbols.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      if row.isMultiple(of: ColumnLimits.blockRows) { endBlock() }
      addRow(row, survey: &survey, shapes: shapes)
    }
    endBlock()
  }

  private mutating func readHeads() throws(ColumnFault) {
    let records = records
    var start = 0
    for end in ends {
      guard start <= end, end <= records.count, end - start <= ColumnLimits.recordBytesMax else {
        throw .tooMuch("bytes of a record")
      }
      var reader = ByteReader(records.span.extracting(start..<end))
      do throws(DecodingFault) {
        _ = try reader.readRange(count: 40)
        sequences.append(Int64(bitPattern: try reader.readVarint()))
        recorded.append(Int64(bitPattern: try reader.readUInt64()))
      } catch {
        throw .decoding(error)
      }
      rowOrigins.append(Int64(origins.number(of: Place(start, 40).rawValue, in: records.span)))
      bodies.append(start + reader.offset)
      start = end
    }
  }

  private mutating func countPerShape() {
    for column in columns.indices {
      let scope = columns[column].place.scope
      columns[column].perShape = [UInt8](repeating: 0, count: scopes[scope].shapes.count)
    }
    for scope in scopes {
      for (shape, operations) in scope.shapes.enumerated() {
        for operation in operations {
          switch operation {
          case .leaf(let column): columns[column].perShape[shape] += 1
          case .array(let inner): columns[scopes[inner].lengthColumn].perShape[shape] += 1
          case .bytes, .section, .sectionEnd: break
          }
        }
      }
      // Every element has a shape.
      if scope.elementColumn >= 0 {
        let column = scope.elementColumn
        columns[column].perShape = columns[column].perShape.map { _ in 1 }
      }
    }
  }

  private mutating func endBlock() {
    for column in columns.indices {
      columns[column].blockStarts.append(columns[column].leaves.count)
    }
  }

  private mutating func addRow(_ row: Int, survey: inout ShapeSurvey, shapes: AcceptedShapes) {
    let node = survey.nodes[row]
    guard node >= 0, shapes.symbols[Int(node)] > 0 else { return symbols.append(0) }
    guard survey.walk(row), shapes.hasAll(survey.walker) else { return symbols.append(0) }
    symbols.append(Int64(shapes.symbols[Int(node)]))
    for (place, leaf) in zip(survey.walker.columns, survey.walker.leaves) {
      let column = shapes.columns[Int(place)]
      let isElement = columns[column].place.kind == .element
      columns[column].leaves.append(isElement ? UInt64(shapes.symbols[Int(leaf)]) : leaf)
    }
  }
}
