internal import BinaryCoding
internal import ColumnFormat
internal import DurableFiles
internal import SegmentFormat

// Segments of columns: blocks are read by the segment's tables.

extension SealedSegment {
  /// Takes a block's bytes apart.
  func block(_ bytes: [UInt8], _ index: Int) throws(StorageError) -> SegmentBlock {
    let tables = try readTables()
    do throws(SegmentFault) {
      guard let tables else {
        return try SegmentBlock(bytes, summary: footer.blocks[index], index: index)
      }
      return try footer.block(bytes, index, tables: tables)
    } catch {
      throw storageError(error)
    }
  }

  /// The tables of a segment of columns, read once; nothing in a segment of rows.
  func readTables() throws(StorageError) -> ColumnTables? {
    guard !footer.tables.isEmpty else { return nil }
    if let known = knownTables { return known }
    let bytes = try readTableBytes()
    let tables: ColumnTables
    do throws(SegmentFault) {
      tables = try footer.columnTables(bytes)
    } catch {
      throw storageError(error)
    }
    knownTables = tables
    return tables
  }
}

extension SegmentFooter {
  fileprivate func block(
    _ bytes: [UInt8], _ index: Int, tables: ColumnTables
  ) throws(SegmentFault) -> SegmentBlock {
    let summary = blocks[index]
    let found = CRC32C.checksum(bytes)
    guard found == summary.checksum else {
      throw SegmentFault(.block(index), .checksum(expected: summary.checksum, found: found))
    }
    let records: (bytes: [UInt8], ends: [Int])
    do throws(ColumnFault) {
      records = try tables.records(
        facts: bytes.span.extracting(0..<summary.factsByteCount),
        persons: bytes.span.extracting(summary.factsByteCount..<bytes.count),
        rowCount: summary.rowCount)
    } catch {
      throw SegmentFault(.block(index), .columns("\(error)"))
    }
    return try SegmentBlock(
      records: records.bytes, ends: records.ends, summary: summary, index: index)
  }

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
