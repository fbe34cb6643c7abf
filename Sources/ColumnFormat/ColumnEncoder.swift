internal import BinaryCoding

/// Encodes a segment's records as columns.
///
/// Sees all records at once, plans how each column is stored, and then writes block after block. Every
/// block is read back and compared with its records before it is handed out; should they differ, the
/// block stores them as they are.
package struct ColumnEncoder: ~Copyable {
  private let leaves: SegmentLeaves
  private var writer: BlockWriter
  /// The segment's tables; readers need all of them.
  package let tables: [ColumnTable]
  private let decoded: ColumnTables

  /// How many blocks there are.
  package var blockCount: Int { leaves.blockCount }

  /// How many bytes of the tables are source ids.
  package var sourceIDByteCount: Int {
    let column = leaves.columns.firstIndex { $0.isSourceID }
    return tables.reduce(0) { $1.column != nil && $1.column == column ? $0 + $1.bytes.count : $0 }
  }

  /// Takes records apart and plans their columns.
  ///
  /// - Parameters:
  ///   - records: The records, one after another; at most ``ColumnLimits/bytesMax`` bytes.
  ///   - ends: Where each record ends; at most ``ColumnLimits/rowsMax``, each record at most 1 MiB.
  /// - Throws: ``ColumnFault`` if there is too much, or a record does not begin with an origin, a
  ///   sequence and a time.
  /// - Complexity: O(bytes), a few microseconds a record.
  package init(records: [UInt8], ends: [Int]) throws(ColumnFault) {
    guard ends.count <= ColumnLimits.rowsMax else { throw .tooMuch("rows of a segment") }
    guard records.count <= ColumnLimits.bytesMax, ends.last ?? 0 == records.count else {
      throw .tooMuch("bytes of a segment")
    }
    var leaves = try SegmentLeaves(records: records, ends: ends)
    var writer = try BlockWriter()
    try writer.plan(&leaves)
    let tables = try writer.tables(of: leaves)
    let decoded = try ColumnTables(tables)
    self.tables = tables
    self.decoded = decoded
    self.leaves = leaves
    self.writer = writer
  }

  /// Writes a block.
  ///
  /// - Parameter block: The block's number, from 0 and below ``blockCount``.
  /// - Returns: The block.
  /// - Throws: ``ColumnFault/compression(_:)`` if there is no memory.
  package mutating func encode(block: Int) throws(ColumnFault) -> EncodedBlock {
    let columns = try writer.write(block, of: leaves, asRecords: false)
    if isFaithful(columns, block) { return columns }
    let records = try writer.write(block, of: leaves, asRecords: true)
    guard isFaithful(records, block) else { throw .bounds("block that does not read back") }
    return records
  }

  /// Whether reading a block gives its records back.
  private func isFaithful(_ parts: EncodedBlock, _ block: Int) -> Bool {
    let rows = leaves.rows(ofBlock: block)
    let start = leaves.range(ofRow: rows.lowerBound).lowerBound
    guard
      let read = try? decoded.records(
        facts: parts.facts.span, persons: parts.persons.span, rowCount: rows.count)
    else { return false }
    let expected = leaves.records.span.extracting(start..<leaves.ends[rows.upperBound - 1])
    guard read.bytes.span.isEqual(to: expected) else { return false }
    return rows.allSatisfy { leaves.ends[$0] - start == read.ends[$0 - rows.lowerBound] }
  }
}

/// A block of a segment.
package struct EncodedBlock: Sendable {
  /// Header fields and section 0.
  package let facts: [UInt8]
  /// Sections 1 to 15.
  package let persons: [UInt8]
  /// How many rows it has: 4,096, or what is left for the last block.
  package let rowCount: Int
  /// How many of its bytes are source ids.
  package let sourceIDByteCount: Int
}

extension ColumnTables {
  /// The records of a block.
  ///
  /// - Parameters:
  ///   - facts: The block's facts part.
  ///   - persons: The block's persons part.
  ///   - rowCount: How many rows it has, at most ``ColumnLimits/blockRows``.
  /// - Returns: The records, one after another, and where each ends.
  /// - Throws: ``ColumnFault`` if the block breaks a rule of the format.
  package func records(
    facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> (bytes: [UInt8], ends: [Int]) {
    let reader = try BlockReader.make(self, facts: facts, persons: persons, rowCount: rowCount)
    var composer = try RecordComposer.make(reader)
    return try composer.records()
  }

  /// One record of a block; reads only the columns that it has, and takes only its leaves from them.
  ///
  /// - Parameters:
  ///   - row: The row within the block, from 0 and below `rowCount`.
  ///   - facts: The block's facts part.
  ///   - persons: The block's persons part.
  ///   - rowCount: How many rows the block has, at most ``ColumnLimits/blockRows``.
  /// - Returns: The record.
  /// - Throws: ``ColumnFault`` if the block breaks a rule of the format.
  package func record(
    _ row: Int, facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> [UInt8] {
    let reader = try BlockReader.make(
      self, facts: facts, persons: persons, rowCount: rowCount, row: row)
    var composer = try RecordComposer.make(reader)
    return try composer.records().bytes
  }
}
