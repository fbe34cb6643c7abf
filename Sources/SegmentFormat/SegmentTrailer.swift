internal import BinaryCoding

// | offset | size | field |
// | --- | --- | --- |
// | 0 | 8 | offset of the footer in the file |
// | 8 | 4 | length of the footer |
// | 12 | 4 | CRC32C of the footer |
// | 16 | 4 | CRC32C of bytes 0 to 15 |
// | 20 | 8 | mark, ASCII `DAYBKEND` |

/// The last bytes of a segment file: where its footer lies.
///
/// Source: `docs/format/segment.md` §6.
package struct SegmentTrailer: Equatable, Sendable {
  /// Where the footer begins.
  package let footerOffset: UInt64
  /// How long it is.
  package let footerByteCount: UInt32
  /// Its checksum, which the manifest repeats.
  package let footerChecksum: UInt32

  /// How many bytes a trailer takes.
  package static let byteCount = 28
  static let mark = [UInt8]("DAYBKEND".utf8)

  /// The trailer of a footer that lies at `footerOffset`.
  package init(footer: [UInt8], at footerOffset: UInt64) {
    self.footerOffset = footerOffset
    footerByteCount = UInt32(footer.count)
    footerChecksum = CRC32C.checksum(footer)
  }

  /// The trailer's bytes.
  package var encoded: [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.write(footerOffset)
    writer.write(footerByteCount)
    writer.write(footerChecksum)
    writer.write(CRC32C.checksum(writer.bytes))
    writer.write(Self.mark)
    return writer.bytes
  }

  /// Reads a trailer and checks it, also against the length of its file.
  ///
  /// - Parameters:
  ///   - bytes: The last ``byteCount`` bytes of the file.
  ///   - fileByteCount: The length of the file; the footer must end where the trailer begins.
  /// - Throws: ``SegmentFault``.
  package init(_ bytes: [UInt8], fileByteCount: UInt64) throws(SegmentFault) {
    do throws(DecodingFault) {
      var reader = ByteReader(bytes.span)
      footerOffset = try reader.readUInt64()
      footerByteCount = try reader.readUInt32()
      footerChecksum = try reader.readUInt32()
      let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
      let expected = try reader.readUInt32()
      guard found == expected else {
        throw DecodingFault.checksum(expected: expected, found: found, at: 0)
      }
      guard try reader.readBytes(count: Self.mark.count) == Self.mark else {
        throw DecodingFault.notCanonical(field: "mark", at: 20)
      }
      try reader.expectEnd()
    } catch {
      throw SegmentFault(.trailer, .decoding(error))
    }
    let length = UInt64(footerByteCount) + UInt64(Self.byteCount)
    guard footerByteCount <= SegmentLimits.footerBytesMax, length <= fileByteCount,
      footerOffset == fileByteCount - length
    else { throw SegmentFault(.trailer, .disagreement("length of the file")) }
  }
}
