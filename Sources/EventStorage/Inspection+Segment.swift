internal import BinaryCoding
internal import ColumnFormat
internal import DurableFiles
internal import SegmentFormat

// Segments, decoded for people: parts with their places and, of columns, stream by stream.

extension FileDescription {
  mutating func addSegment(
    _ file: any DurableFile, _ detail: InspectionDetail
  ) throws(StorageError) {
    // Lengths in a damaged file may be anything; no more is taken than the file has.
    let fileEnd = byteCount
    let read: (Int, UInt64) throws(StorageError) -> [UInt8] = {
      count, offset throws(StorageError) in
      let available = Int(clamping: fileEnd - min(offset, fileEnd))
      return try onDisk { () throws(FileFault) in
        try file.read(count: min(count, available), at: offset)
      }
    }
    let tailCount = UInt64(SegmentTrailer.byteCount)
    let head = try read(SegmentHeader.byteCount, 0)
    let tail = try read(Int(tailCount), byteCount > tailCount ? byteCount - tailCount : 0)
    var footer: SegmentFooter?
    do throws(SegmentFault) {
      let header = try SegmentHeader(head)
      add("number", header.number)
      add("book", header.book)
      add("first position", header.firstPosition)
    } catch {
      problems.append("\(error.part): \(error.reason)")
    }
    var trailer: SegmentTrailer?
    do throws(SegmentFault) {
      trailer = try SegmentTrailer(tail, fileByteCount: byteCount)
    } catch {
      problems.append("\(error.part): \(error.reason)")
    }
    guard let trailer else { return }
    let bytes = try read(Int(trailer.footerByteCount), trailer.footerOffset)
    do throws(SegmentFault) {
      footer = try SegmentFooter(bytes)
    } catch {
      problems.append("\(error.part): \(error.reason)")
    }
    if CRC32C.checksum(bytes) != trailer.footerChecksum {
      problems.append("footer: the checksum does not match")
    }
    if let footer { try addFooter(footer, trailer, detail, read) }
  }

  private mutating func addFooter(
    _ footer: SegmentFooter, _ trailer: SegmentTrailer, _ detail: InspectionDetail,
    _ read: (Int, UInt64) throws(StorageError) -> [UInt8]
  ) throws(StorageError) {
    add("events", footer.rowCount)
    add("control events", footer.controlCount)
    add("origins", Set(footer.runs.map(\.origin)).count)
    add("origin runs", footer.runs.count)
    add("received runs", footer.received.count)
    add("repeated keys", footer.echoes.count)
    for type in footer.types { add("type \(type.name)", type.count) }
    let tables = try readTables(footer, read)
    var columns: ColumnTables?
    var account: StreamAccount?
    do throws(ColumnFault) {
      if !tables.isEmpty {
        columns = try ColumnTables(tables)
        account = try StreamAccount(tables)
      }
    } catch {
      problems.append("tables: \(error)")
    }
    for (index, block) in footer.blocks.prefix(Self.partsMax).enumerated() {
      add(
        "block \(index) at byte \(block.offset)",
        "\(block.rowCount) events, \(block.byteCount) of \(block.rawByteCount) bytes")
      let bytes = try read(block.byteCount, block.offset)
      if let fault = block.fault(in: bytes, index, readWith: columns) {
        problems.append("block \(index) at byte \(block.offset): \(fault)")
      } else if detail == .streams {
        try? account?.add(
          facts: block.facts(bytes), persons: block.persons(bytes), rowCount: block.rowCount)
      }
    }
    addTables(footer)
    add("key column at byte \(footer.keysOffset)", "\(footer.keysByteCount) bytes")
    add(
      "identifier index at byte \(footer.identifiersOffset)",
      "\(footer.identifierPages.count) pages, \(footer.identifiersByteCount) bytes")
    add("footer at byte \(trailer.footerOffset)", "\(trailer.footerByteCount) bytes")
    guard let account else { return }
    switch detail {
    case .parts: break
    case .streams: addStreams(account)
    case .strings: addStrings(account)
    }
  }

  /// The tables of a segment of columns; none of one of rows.
  private mutating func readTables(
    _ footer: SegmentFooter, _ read: (Int, UInt64) throws(StorageError) -> [UInt8]
  ) throws(StorageError) -> [ColumnTable] {
    var offset = footer.tablesOffset
    var found: [ColumnTable] = []
    for (index, table) in footer.tables.enumerated() {
      let bytes = try read(table.byteCount, offset)
      if CRC32C.checksum(bytes) != table.checksum {
        problems.append("table \(index) at byte \(offset): the checksum does not match")
      }
      found.append(ColumnTable(part: table.isPersonal ? .persons : .facts, bytes: bytes))
      offset += UInt64(table.byteCount)
    }
    return found
  }

  private mutating func addTables(_ footer: SegmentFooter) {
    var offset = footer.tablesOffset
    for (index, table) in footer.tables.enumerated() {
      add(
        "table \(index) at byte \(offset)",
        "\(table.isPersonal ? "persons" : "facts"), \(table.byteCount) bytes")
      offset += UInt64(table.byteCount)
    }
  }

  /// Bytes in blocks and tables of each stream that takes any, and how it is stored.
  private mutating func addStreams(_ account: StreamAccount) {
    for (number, stream) in account.streams.enumerated()
    where stream.blockByteCount + stream.tableByteCount > 0 {
      add(
        "stream \(number)",
        "\(stream.blockByteCount) bytes, tables \(stream.tableByteCount): \(stream.name);"
          + " \(stream.how)")
    }
    add("shapes, plans, directories", "\(account.overheadByteCount) bytes")
  }

  private mutating func addStrings(_ account: StreamAccount) {
    for column in account.strings(max: Self.partsMax) {
      add("strings of \(column.name)", column.count)
      for text in column.shown { add("", text) }
    }
  }
}

extension BlockSummary {
  /// Why a block cannot be read, or nothing.
  fileprivate func fault(
    in bytes: [UInt8], _ index: Int, readWith columns: ColumnTables?
  ) -> String? {
    guard bytes.count == byteCount else { return "the file ends before it" }
    guard let columns else {
      do throws(SegmentFault) {
        _ = try SegmentBlock(bytes, summary: self, index: index)
        return nil
      } catch {
        return "\(error.reason)"
      }
    }
    guard CRC32C.checksum(bytes) == checksum else { return "the checksum does not match" }
    do throws(ColumnFault) {
      let records = try columns.records(
        facts: facts(bytes), persons: persons(bytes), rowCount: rowCount)
      return records.bytes.count == rawByteCount ? nil : "records and footer disagree"
    } catch {
      return "\(error)"
    }
  }
}
