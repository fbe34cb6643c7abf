internal import BinaryCoding
internal import EventModel
internal import HybridTime

// footer := first position varint, row count varint, control count varint, clock u64
//           block count varint, block*
//           table count varint, (part u8, length varint, checksum u32)*
//           origin count varint, origin 40 bytes*
//           run count varint, (origin index varint, sequence varint, row varint, rows varint)*
//           received count varint, (row delta varint, rows varint, time u64)*
//           echo count varint, (row delta varint, distance varint, same u8, checksum u32)*
//           channel count varint * 8
//           type count varint, (name length varint, name, count varint)*
//           keys checksum u32
//           page count varint, (prefix delta varint, length varint, checksum u32)*
// block  := length varint, facts length varint, content length varint, checksum u32, rows varint,
//           least occurred zigzag varint, span varint, least recorded varint, span varint,
//           channels u8, type count varint, type index varint*
//
// A row delta counts from the end of the run before, or from the echo before; a prefix delta from
// the prefix before. Offsets are not stored: parts follow one another without gaps.

extension SegmentFooter {
  /// The footer's bytes.
  package var encoded: [UInt8] {
    var writer = ByteWriter(capacity: 256 + 48 * blocks.count + 12 * runs.count)
    writer.writeVarint(firstPosition)
    writer.writeCount(rowCount)
    writer.writeCount(controlCount)
    writer.write(clock.rawValue)
    writer.writeCount(blocks.count)
    for block in blocks { Self.write(block, to: &writer) }
    writeTables(to: &writer)
    writeRuns(to: &writer)
    writeReceived(to: &writer)
    writeEchoes(to: &writer)
    for count in channelCounts { writer.writeCount(count) }
    writer.writeCount(types.count)
    for type in types {
      writer.writeLengthPrefixed(type.name)
      writer.writeCount(type.count)
    }
    writer.write(keysChecksum)
    writePages(to: &writer)
    return writer.bytes
  }

  private static func write(_ block: BlockSummary, to writer: inout ByteWriter) {
    writer.writeCount(block.byteCount)
    writer.writeCount(block.factsByteCount)
    writer.writeCount(block.rawByteCount)
    writer.write(block.checksum)
    writer.writeCount(block.rowCount)
    writer.writeSignedVarint(block.occurred.lowerBound)
    writer.writeVarint(
      UInt64(bitPattern: block.occurred.upperBound &- block.occurred.lowerBound))
    writer.writeVarint(block.recorded.lowerBound)
    writer.writeVarint(block.recorded.upperBound - block.recorded.lowerBound)
    writer.write(block.channels)
    writer.writeCount(block.types.count)
    for type in block.types { writer.writeCount(type) }
  }

  private func writeTables(to writer: inout ByteWriter) {
    writer.writeCount(tables.count)
    for table in tables {
      writer.write(UInt8(table.isPersonal ? 1 : 0))
      writer.writeCount(table.byteCount)
      writer.write(table.checksum)
    }
    writer.writeCount(sourceIDByteCount)
  }

  private func writeRuns(to writer: inout ByteWriter) {
    var origins: [OriginID] = []
    for run in runs where run.origin != origins.last { origins.append(run.origin) }
    writer.writeCount(origins.count)
    for origin in origins { origin.write(to: &writer) }
    writer.writeCount(runs.count)
    var originIndex = 0
    for run in runs {
      while origins[originIndex] != run.origin { originIndex += 1 }
      writer.writeCount(originIndex)
      writer.writeVarint(run.firstSequence)
      writer.writeCount(run.firstRow)
      writer.writeCount(run.rowCount)
    }
  }

  private func writeReceived(to writer: inout ByteWriter) {
    writer.writeCount(received.count)
    var end = 0
    for run in received {
      writer.writeCount(run.firstRow - end)
      writer.writeCount(run.rowCount)
      writer.write(run.time.rawValue)
      end = run.firstRow + run.rowCount
    }
  }

  private func writeEchoes(to writer: inout ByteWriter) {
    writer.writeCount(echoes.count)
    var last = 0
    for echo in echoes {
      writer.writeCount(echo.row - last)
      writer.writeVarint(echo.echo.distance)
      writer.write(UInt8(echo.echo.isSameContent ? 1 : 0))
      writer.write(echo.echo.contentChecksum)
      last = echo.row
    }
  }

  private func writePages(to writer: inout ByteWriter) {
    writer.writeCount(identifierPages.count)
    var last: UInt64 = 0
    for page in identifierPages {
      writer.writeVarint(page.firstPrefix - last)
      writer.writeCount(page.byteCount)
      writer.write(page.checksum)
      last = page.firstPrefix
    }
  }
}

extension SegmentFooter {
  /// Reads a footer and checks every bound, order and sum that later reading relies on.
  ///
  /// - Parameter bytes: The whole footer, whose checksum the caller has compared.
  /// - Throws: ``SegmentFault``.
  package init(_ bytes: [UInt8]) throws(SegmentFault) {
    do throws(DecodingFault) {
      var reader = ByteReader(bytes.span)
      try self.init(from: &reader)
      try reader.expectEnd()
    } catch {
      throw SegmentFault(.footer, .decoding(error))
    }
  }

  private init(from reader: inout ByteReader) throws(DecodingFault) {
    self.init()
    firstPosition = try reader.readVarint()
    rowCount = try reader.readCount(max: SegmentLimits.rowsMax)
    try reader.require(
      firstPosition >= 1 && firstPosition <= UInt64.max / 2, "first position")
    controlCount = try reader.readCount(max: rowCount)
    clock = HybridTimestamp(rawValue: try reader.readUInt64())
    try readBlocks(from: &reader)
    try readTables(from: &reader)
    try readRuns(from: &reader)
    try readReceived(from: &reader)
    try readEchoes(from: &reader)
    for channel in channelCounts.indices {
      channelCounts[channel] = try reader.readCount(max: rowCount)
    }
    // No overflow: eight counts of at most 2²⁰.
    try reader.require(
      channelCounts.reduce(controlCount, +) <= rowCount, "sum of channel counts")
    try readTypes(from: &reader)
    keysChecksum = try reader.readUInt32()
    try readPages(from: &reader)
    let typesMax = types.count
    try reader.require(
      blocks.allSatisfy { block in block.types.allSatisfy { $0 < typesMax } }, "type index")
  }

  private mutating func readBlocks(from reader: inout ByteReader) throws(DecodingFault) {
    var offset = UInt64(SegmentHeader.byteCount)
    var row = 0
    for _ in 0..<(try reader.readCount(max: rowCount)) {
      var block = BlockSummary()
      block.offset = offset
      block.byteCount = try reader.readCount(max: SegmentLimits.columnBlockBytesMax)
      block.factsByteCount = try reader.readCount(max: block.byteCount)
      block.rawByteCount = try reader.readCount(max: SegmentLimits.columnBlockBytesMax)
      block.checksum = try reader.readUInt32()
      block.firstRow = row
      block.rowCount = try reader.readCount(
        max: min(SegmentLimits.blockRecordsMax, rowCount - row))
      try reader.require(block.rowCount > 0, "block rows")
      let occurred = try reader.readSignedVarint()
      let occurredEnd = occurred &+ Int64(bitPattern: try reader.readVarint())
      try reader.require(occurred <= occurredEnd, "occurred range")
      block.occurred = occurred...occurredEnd
      let recorded = try reader.readVarint()
      let recordedEnd = recorded &+ (try reader.readVarint())
      try reader.require(recorded <= recordedEnd, "recorded range")
      block.recorded = recorded...recordedEnd
      block.channels = try reader.readByte()
      for _ in 0..<(try reader.readCount(max: block.rowCount)) {
        block.types.append(try reader.readCount(max: rowCount))
      }
      offset += UInt64(block.byteCount)
      row += block.rowCount
      blocks.append(block)
    }
    try reader.require(row == rowCount, "sum of block rows")
  }

  private mutating func readTables(from reader: inout ByteReader) throws(DecodingFault) {
    var byteCount = 0
    for _ in 0..<(try reader.readCount(max: SegmentLimits.tablesMax)) {
      let part = try reader.readByte()
      try reader.require(part <= 1, "part of a table")
      let count = try reader.readCount(max: SegmentLimits.tableBytesMax - byteCount)
      byteCount += count
      tables.append(
        TableSummary(isPersonal: part == 1, byteCount: count, checksum: try reader.readUInt32()))
    }
    let rows = blocks.allSatisfy { block in
      block.factsByteCount == 0 && block.byteCount <= SegmentLimits.frameBytesMax
        && block.rawByteCount <= SegmentLimits.blockBytesMax
    }
    try reader.require(!tables.isEmpty || rows, "block of rows")
    sourceIDByteCount = try reader.readCount(max: Int(contentByteCount))
  }

  private mutating func readRuns(from reader: inout ByteReader) throws(DecodingFault) {
    var origins: [OriginID] = []
    for _ in 0..<(try reader.readCount(max: rowCount)) {
      origins.append(try OriginID(from: &reader))
    }
    var rows = 0
    for _ in 0..<(try reader.readCount(max: rowCount)) {
      let index = try reader.readVarint()
      try reader.require(index < UInt64(origins.count), "origin index")
      let sequence = try reader.readVarint()
      let row = try reader.readCount(max: rowCount)
      let count = try reader.readCount(max: rowCount - row)
      try reader.require(count > 0, "run rows")
      try reader.require(
        sequence >= 1 && sequence <= UInt64.max - UInt64(rowCount), "run sequence")
      let run = OriginRun(
        origin: origins[Int(index)], firstSequence: sequence, firstRow: row, rowCount: count)
      if let last = runs.last {
        let lastEnd = last.firstSequence + UInt64(last.rowCount)
        try reader.require(
          last.origin < run.origin || (last.origin == run.origin && lastEnd <= sequence),
          "run order")
      }
      rows += count
      runs.append(run)
    }
    try reader.require(rows == rowCount, "sum of run rows")
  }

  private mutating func readReceived(from reader: inout ByteReader) throws(DecodingFault) {
    var end = 0
    for _ in 0..<(try reader.readCount(max: rowCount)) {
      let row = end + (try reader.readCount(max: rowCount - end))
      let count = try reader.readCount(max: rowCount - row)
      try reader.require(count > 0, "received rows")
      let time = HybridTimestamp(rawValue: try reader.readUInt64())
      received.append(ReceivedRun(firstRow: row, rowCount: count, time: time))
      end = row + count
    }
  }

  private mutating func readEchoes(from reader: inout ByteReader) throws(DecodingFault) {
    var last = 0
    for _ in 0..<(try reader.readCount(max: rowCount)) {
      let row = last + (try reader.readCount(max: rowCount - last))
      try reader.require(row < rowCount && (echoes.isEmpty || row > last), "echo row")
      let distance = try reader.readVarint()
      try reader.require(
        distance >= 1 && distance < firstPosition + UInt64(row), "echo distance")
      let isSame = try reader.readByte()
      try reader.require(isSame <= 1, "echo content")
      let checksum = try reader.readUInt32()
      let echo = Echo(
        distance: distance, isSameContent: isSame == 1, contentChecksum: checksum)
      echoes.append(EchoRow(row: row, echo: echo))
      last = row
    }
  }

  private mutating func readTypes(from reader: inout ByteReader) throws(DecodingFault) {
    for _ in 0..<(try reader.readCount(max: rowCount)) {
      let start = reader.offset
      let name = try reader.readLengthPrefixedBytes(max: EventType.byteCountMax)
      guard let text = String(validating: name, as: UTF8.self) else {
        throw .invalidUTF8(at: start)
      }
      types.append(TypeCount(name: text, count: try reader.readCount(max: rowCount)))
    }
  }

  private mutating func readPages(from reader: inout ByteReader) throws(DecodingFault) {
    var prefix: UInt64 = 0
    var offset = 0
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      let delta = try reader.readVarint()
      try reader.require(delta <= IdentifierIndex.prefixMax - prefix, "page prefix")
      prefix += delta
      let count = try reader.readCount(max: SegmentLimits.pageBytesMax)
      let checksum = try reader.readUInt32()
      identifierPages.append(
        IdentifierPage(
          firstPrefix: prefix, offset: offset, byteCount: count, checksum: checksum))
      offset += count
    }
  }
}

extension ByteWriter {
  /// Writes a count, which is never negative, as a varint.
  mutating func writeCount(_ count: Int) { writeVarint(UInt64(count)) }
}

extension ByteReader {
  /// Refuses what breaks a rule of the format.
  func require(_ isKept: Bool, _ field: String) throws(DecodingFault) {
    guard isKept else { throw .notCanonical(field: field, at: offset) }
  }
}
