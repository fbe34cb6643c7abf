internal import BinaryCoding

// table   := kind u8, content
//
//   0 shapes      raw length varint, bytes of shapes      facts; the first table
//   1 plans       the plan of each column of the part, in order
//   2 dictionary  column varint, dictionary
//   3 map         column varint, ints
//   4 words       column varint, words
//
// shapes  := row count varint, origin count varint, origin 40 bytes*,
//            array count varint, (length column varint, element column varint)*,
//            column count varint, (scope varint, section u8, kind u8, path length varint, path)*,
//            (shape count varint, shape*) of the rows and of each array

/// A table of a segment: what its blocks refer to.
package struct ColumnTable: Sendable {
  /// Which part it belongs to.
  package let part: ColumnPart
  /// Its bytes.
  package let bytes: [UInt8]

  /// The column it belongs to, if it is that of one.
  var column: Int? {
    var reader = SpanReader(bytes.span)
    guard let kind = try? reader.byte(), kind >= TableKind.dictionary else { return nil }
    return try? reader.count(max: ColumnLimits.columnsMax)
  }

  /// Joins part and bytes.
  package init(part: ColumnPart, bytes: [UInt8]) {
    self.part = part
    self.bytes = bytes
  }
}

enum TableKind {
  static let shapes: UInt8 = 0
  static let plans: UInt8 = 1
  static let dictionary: UInt8 = 2
  static let map: UInt8 = 3
  static let words: UInt8 = 4
}

extension BlockWriter {
  /// All tables of a segment.
  mutating func tables(of leaves: borrowing SegmentLeaves) throws(ColumnFault) -> [ColumnTable] {
    var tables = [ColumnTable(part: .facts, bytes: try shapesTable(leaves))]
    for part in [ColumnPart.facts, .persons] {
      var writer = ByteWriter()
      writer.write(TableKind.plans)
      for column in leaves.columns where column.place.part == part {
        column.plan.write(of: column.place, to: &writer)
      }
      tables.append(ColumnTable(part: part, bytes: writer.bytes))
    }
    for (index, column) in leaves.columns.enumerated() {
      if column.plan.store == .dictionary {
        let content = try packer.dictionary(of: column, in: leaves.records.span)
        tables.append(Self.table(TableKind.dictionary, index, column, content))
      }
    }
    for (index, column) in leaves.columns.enumerated() {
      if column.plan.store == .words, let words = column.words {
        let content = try packer.words(words, in: leaves.records.span)
        tables.append(Self.table(TableKind.words, index, column, content))
      }
      if case .map = column.plan.predictor {
        var content = ByteWriter()
        try packer.write(column.mapAges, to: &content)
        tables.append(Self.table(TableKind.map, index, column, content.bytes))
      }
    }
    return tables
  }

  static func table(
    _ kind: UInt8, _ index: Int, _ column: LeafColumn, _ content: [UInt8]
  ) -> ColumnTable {
    var writer = ByteWriter(capacity: content.count + 4)
    writer.write(kind)
    writer.writeVarint(UInt64(index))
    writer.write(content)
    return ColumnTable(part: column.place.part, bytes: writer.bytes)
  }

  private mutating func shapesTable(_ leaves: borrowing SegmentLeaves) throws(ColumnFault)
    -> [UInt8]
  {
    var content = ByteWriter()
    content.writeVarint(UInt64(leaves.rowCount))
    content.writeVarint(UInt64(leaves.origins.entries.count))
    for origin in leaves.origins.entries {
      content.write(leaves.records.span.extracting(Place(rawValue: origin).range))
    }
    content.writeVarint(UInt64(leaves.scopes.count - 1))
    for scope in leaves.scopes.dropFirst() {
      content.writeVarint(UInt64(scope.lengthColumn))
      content.writeVarint(UInt64(scope.elementColumn))
    }
    content.writeVarint(UInt64(leaves.columns.count))
    for column in leaves.columns {
      content.writeVarint(UInt64(column.place.scope))
      content.write(column.place.section)
      content.write(column.place.kind.rawValue)
      content.writeLengthPrefixed(column.place.path)
    }
    for scope in leaves.scopes { Self.write(scope, leaves.shapeBytes, to: &content) }
    var writer = ByteWriter()
    writer.write(TableKind.shapes)
    writer.writeVarint(UInt64(content.count))
    let bytes = content.bytes
    writer.write(try packer.pack(bytes.span, small: true))
    return writer.bytes
  }

  private static func write(_ scope: ShapeScope, _ bytes: [UInt8], to content: inout ByteWriter) {
    content.writeVarint(UInt64(scope.shapes.count))
    for operations in scope.shapes {
      content.writeVarint(UInt64(operations.count))
      for operation in operations {
        switch operation {
        case .bytes(let range):
          content.write(UInt8(0))
          content.writeVarint(UInt64(range.count))
          content.write(bytes.span.extracting(range))
        case .section: content.write(UInt8(1))
        case .sectionEnd: content.write(UInt8(4))
        case .leaf(let column):
          content.write(UInt8(2))
          content.writeVarint(UInt64(column))
        case .array(let scope):
          content.write(UInt8(3))
          content.writeVarint(UInt64(scope))
        }
      }
    }
  }
}
