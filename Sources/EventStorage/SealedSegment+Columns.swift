internal import BinaryCoding
internal import ColumnFormat
internal import DurableFiles
internal import EventModel
internal import SegmentFormat

// Segments of columns: blocks are read by the segment's tables.

extension SealedSegment {
  /// Whether it is one of columns, with tables; otherwise one of rows.
  var isColumnar: Bool { !footer.tables.isEmpty }

  /// The tables of a segment of columns; nothing of one of rows.
  func readTables() throws(StorageError) -> ColumnTables? {
    guard isColumnar else { return nil }
    let bytes = try readTableBytes()
    return try onSegment { () throws(SegmentFault) in try footer.columnTables(bytes) }
  }

  /// Checks a block's bytes and takes them apart, by the segment's tables if it is one of columns.
  func block(
    _ bytes: [UInt8], _ index: Int, _ tables: ColumnTables?
  ) throws(StorageError) -> SegmentBlock {
    let summary = footer.blocks[index]
    return try onSegment { () throws(SegmentFault) in
      guard let tables else { return try SegmentBlock(bytes, summary: summary, index: index) }
      try summary.check(bytes, index)
      let records = try summary.read(bytes, index) { facts, persons throws(ColumnFault) in
        try tables.records(facts: facts, persons: persons, rowCount: summary.rowCount)
      }
      return try SegmentBlock(
        records: records.bytes, ends: records.ends, summary: summary, index: index)
    }
  }

  /// Reads a block's bytes and compares their checksum.
  func readCheckedBytes(ofBlock index: Int) throws(StorageError) -> [UInt8] {
    let bytes = try readFrame(index)
    try onSegment { () throws(SegmentFault) in try footer.blocks[index].check(bytes, index) }
    return bytes
  }

  /// The event in a row of a block of columns, given by its checked bytes.
  func event(
    ofColumns bytes: [UInt8], _ index: Int, row: Int, _ tables: ColumnTables
  ) throws(StorageError) -> Event {
    let summary = footer.blocks[index]
    return try onSegment { () throws(SegmentFault) in
      let record = try summary.read(bytes, index) { facts, persons throws(ColumnFault) in
        try tables.record(row, facts: facts, persons: persons, rowCount: summary.rowCount)
      }
      do throws(DecodingFault) {
        var reader = ByteReader(record.span)
        let event = try Event(from: &reader)
        try reader.expectEnd()
        return event
      } catch {
        throw SegmentFault(.block(index), .decoding(error))
      }
    }
  }

  /// The rows of a block of columns, given by its checked bytes, that name an identifier; from the
  /// block's first on.
  func rows(
    naming name: [UInt8], ofColumns bytes: [UInt8], _ index: Int, _ tables: ColumnTables
  ) throws(StorageError) -> NamingRows {
    let summary = footer.blocks[index]
    return try onSegment { () throws(SegmentFault) in
      try summary.read(bytes, index) { facts, persons throws(ColumnFault) in
        try tables.rows(
          naming: tables.identifier(name.span), facts: facts, persons: persons,
          rowCount: summary.rowCount)
      }
    }
  }

  /// The hash of each row's idempotency key, computed from the columns.
  func computeKeys(_ keys: inout EventKeys) throws(StorageError) -> [UInt64] {
    guard let tables = try readTables() else { return [] }
    var hashes: [UInt64] = []
    hashes.reserveCapacity(footer.rowCount)
    for (index, summary) in footer.blocks.enumerated() {
      let bytes = try readCheckedBytes(ofBlock: index)
      hashes += try onSegment { () throws(SegmentFault) in
        try summary.read(bytes, index) { facts, persons throws(ColumnFault) in
          try tables.idempotencyKeys(
            &keys, facts: facts, persons: persons, rowCount: summary.rowCount)
        }
      }
    }
    return hashes
  }

  /// Reports a fault as one of this segment.
  private func onSegment<Answer>(
    _ body: () throws(SegmentFault) -> Answer
  ) throws(StorageError) -> Answer {
    do throws(SegmentFault) {
      return try body()
    } catch {
      throw storageError(error)
    }
  }
}

extension BlockSummary {
  /// Compares the checksum of the block's bytes.
  fileprivate func check(_ bytes: [UInt8], _ index: Int) throws(SegmentFault) {
    let found = CRC32C.checksum(bytes)
    guard found == checksum else {
      throw SegmentFault(.block(index), .checksum(expected: checksum, found: found))
    }
  }

  /// Calls `body` with the two parts of the block.
  fileprivate func read<Answer>(
    _ bytes: [UInt8], _ index: Int,
    _ body: (Span<UInt8>, Span<UInt8>) throws(ColumnFault) -> Answer
  ) throws(SegmentFault) -> Answer {
    do throws(ColumnFault) {
      return try body(
        bytes.span.extracting(0..<factsByteCount),
        bytes.span.extracting(factsByteCount..<bytes.count))
    } catch {
      throw SegmentFault(.block(index), .columns("\(error)"))
    }
  }
}

extension SegmentFooter {
  /// Reads tables, one after another.
  fileprivate func columnTables(_ bytes: [UInt8]) throws(SegmentFault) -> ColumnTables {
    guard bytes.count == tablesByteCount else {
      throw SegmentFault(.tables, .disagreement("tables and footer"))
    }
    var offset = 0
    var found: [ColumnTable] = []
    for table in tables {
      let part = Array(bytes[offset..<(offset + table.byteCount)])
      let checksum = CRC32C.checksum(part)
      guard checksum == table.checksum else {
        throw SegmentFault(.tables, .checksum(expected: table.checksum, found: checksum))
      }
      found.append(ColumnTable(part: table.isPersonal ? .persons : .facts, bytes: part))
      offset += table.byteCount
    }
    do throws(ColumnFault) {
      return try ColumnTables(found)
    } catch {
      throw SegmentFault(.tables, .columns("\(error)"))
    }
  }
}
