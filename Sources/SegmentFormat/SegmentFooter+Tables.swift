internal import BinaryCoding
package import ColumnFormat

extension SegmentFooter {
  /// Reads the tables of a segment of columns.
  ///
  /// - Parameter bytes: All tables, one after another.
  /// - Returns: The tables.
  /// - Throws: ``SegmentFault`` if a checksum differs, or they break a rule of their format.
  package func columnTables(_ bytes: [UInt8]) throws(SegmentFault) -> ColumnTables {
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
      throw SegmentFault(.tables, .columns(error))
    }
  }
}
