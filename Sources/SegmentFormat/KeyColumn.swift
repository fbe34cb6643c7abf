internal import BinaryCoding

/// The idempotency key hashes of a segment's events, eight little-endian bytes each, in row order.
package enum KeyColumn {
  /// Reads a column.
  ///
  /// - Parameters:
  ///   - bytes: The whole column.
  ///   - footer: The segment's footer, which states rows and checksum.
  /// - Returns: A hash a row; 0 for events without a key.
  /// - Throws: ``SegmentFault`` if length or checksum disagree.
  package static func decode(
    _ bytes: [UInt8], footer: SegmentFooter
  ) throws(SegmentFault) -> [UInt64] {
    let found = CRC32C.checksum(bytes)
    guard found == footer.keysChecksum else {
      throw SegmentFault(.keys, .checksum(expected: footer.keysChecksum, found: found))
    }
    do throws(DecodingFault) {
      var reader = ByteReader(bytes.span)
      var keys: [UInt64] = []
      keys.reserveCapacity(footer.rowCount)
      for _ in 0..<footer.rowCount { keys.append(try reader.readUInt64()) }
      try reader.expectEnd()
      return keys
    } catch {
      throw SegmentFault(.keys, .decoding(error))
    }
  }
}
