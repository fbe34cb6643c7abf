internal import BinaryCoding
internal import ColumnFormat
internal import DurableFiles
internal import EventModel
internal import SegmentFormat

// Segments of columns: blocks are read by the segment's tables.

extension SealedSegment {
  /// Whether it is one of columns, with tables; otherwise one of rows.
  var isColumnar: Bool { !footer.tables.isEmpty }

  /// Reads the tables of a segment of columns.
  ///
  /// - Parameter purpose: What for; ``ColumnTables/Purpose/outlines`` need few of them.
  /// - Returns: The tables; nothing of a segment of rows.
  /// - Throws: ``StorageError``.
  func readTables(
    for purpose: ColumnTables.Purpose = .records
  ) throws(StorageError) -> ColumnTables? {
    guard isColumnar else { return nil }
    var offset = footer.tablesOffset
    var found: [ColumnTable] = []
    for table in footer.tables {
      if purpose != .outlines || !table.isPersonal {
        found.append(try readTable(table, at: offset))
      }
      offset += UInt64(table.byteCount)
    }
    return try onColumns(.tables) { () throws(ColumnFault) in
      try ColumnTables(found, for: purpose)
    }
  }

  /// The first table, that of shapes, of a segment of columns; nothing of one of rows.
  func readShapes() throws(StorageError) -> ColumnTable? {
    guard let table = footer.tables.first else { return nil }
    return try readTable(table, at: footer.tablesOffset)
  }

  private func readTable(
    _ table: TableSummary, at offset: UInt64
  ) throws(StorageError) -> ColumnTable {
    let bytes = try read(count: table.byteCount, at: offset)
    let checksum = CRC32C.checksum(bytes)
    guard checksum == table.checksum else {
      throw storageError(
        SegmentFault(.tables, .checksum(expected: table.checksum, found: checksum)))
    }
    return ColumnTable(part: table.isPersonal ? .persons : .facts, bytes: bytes)
  }

  /// Checks a block's bytes and takes them apart, by the segment's tables if it is one of columns.
  func block(
    _ bytes: [UInt8], _ index: Int, _ tables: ColumnTables?
  ) throws(StorageError) -> SegmentBlock {
    let summary = footer.blocks[index]
    guard let tables else {
      return try onSegment { () throws(SegmentFault) in
        try SegmentBlock(bytes, summary: summary, index: index)
      }
    }
    try onSegment { () throws(SegmentFault) in try summary.check(bytes, index) }
    let records = try onColumns(.block(index)) { () throws(ColumnFault) in
      try tables.records(
        facts: summary.facts(bytes), persons: summary.persons(bytes), rowCount: summary.rowCount)
    }
    return try onSegment { () throws(SegmentFault) in
      try SegmentBlock(records: records.bytes, ends: records.ends, summary: summary, index: index)
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
    let record = try onColumns(.block(index)) { () throws(ColumnFault) in
      try tables.record(
        row, facts: summary.facts(bytes), persons: summary.persons(bytes),
        rowCount: summary.rowCount)
    }
    do throws(DecodingFault) {
      return try LogTail.Columns.decode(record.span)
    } catch {
      throw storageError(SegmentFault(.block(index), .decoding(error)))
    }
  }

  /// What tables know of an identifier, given the checked bytes of a block that may name it and what
  /// the blocks before told.
  func identifier(
    _ name: [UInt8], known: ColumnIdentifier, ofColumns bytes: [UInt8], _ index: Int,
    _ tables: ColumnTables
  ) throws(StorageError) -> ColumnIdentifier {
    let summary = footer.blocks[index]
    return try onColumns(.block(index)) { () throws(ColumnFault) in
      try tables.identifier(
        name.span, known: known, facts: summary.facts(bytes),
        persons: summary.persons(bytes), rowCount: summary.rowCount)
    }
  }

  /// The rows of a block of columns, given by its checked bytes, that name an identifier; from the
  /// block's first on.
  func rows(
    naming identifier: ColumnIdentifier, ofColumns bytes: [UInt8], _ index: Int,
    _ tables: ColumnTables
  ) throws(StorageError) -> NamingRows {
    let summary = footer.blocks[index]
    return try onColumns(.block(index)) { () throws(ColumnFault) in
      try tables.rows(
        naming: identifier, facts: summary.facts(bytes),
        persons: summary.persons(bytes), rowCount: summary.rowCount)
    }
  }

  /// The hash of each row's idempotency key, computed from the columns.
  func computeKeys(_ keys: inout EventKeys) throws(StorageError) -> [UInt64] {
    guard let tables = try readTables(for: .keys) else { return [] }
    var hashes: [UInt64] = []
    hashes.reserveCapacity(footer.rowCount)
    for (index, summary) in footer.blocks.enumerated() {
      let bytes = try readCheckedBytes(ofBlock: index)
      hashes += try onColumns(.block(index)) { () throws(ColumnFault) in
        try tables.idempotencyKeys(
          &keys, facts: summary.facts(bytes), persons: summary.persons(bytes),
          rowCount: summary.rowCount)
      }
    }
    return hashes
  }

  /// Reports a fault of columns as one of this segment.
  func onColumns<Answer: ~Copyable>(
    _ part: SegmentFault.Part, _ body: () throws(ColumnFault) -> Answer
  ) throws(StorageError) -> Answer {
    do throws(ColumnFault) {
      return try body()
    } catch {
      throw storageError(SegmentFault(part, .columns("\(error)")))
    }
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

  /// The facts part of a block of columns, given by its bytes.
  @_lifetime(borrow bytes)
  func facts(_ bytes: borrowing [UInt8]) -> Span<UInt8> {
    bytes.span.extracting(0..<factsByteCount)
  }

  /// The persons part of a block of columns, given by its bytes.
  @_lifetime(borrow bytes)
  func persons(_ bytes: borrowing [UInt8]) -> Span<UInt8> {
    bytes.span.extracting(factsByteCount..<bytes.count)
  }
}
