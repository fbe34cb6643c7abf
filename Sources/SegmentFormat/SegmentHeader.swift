internal import BinaryCoding
package import EventModel

// | offset | size | field |
// | --- | --- | --- |
// | 0 | 8 | mark, ASCII `DAYBKSEG` |
// | 8 | 4 | format version, 1 |
// | 12 | 4 | key id, 0: not encrypted |
// | 16 | 16 | book |
// | 32 | 8 | segment number, from 1 |
// | 40 | 8 | position of the first event |
// | 48 | 4 | CRC32C of bytes 0 to 47 |

/// The first bytes of a segment file: whose it is and where its events begin.
///
/// Source: `docs/format/segment.md` §2.
package struct SegmentHeader: Equatable, Sendable {
  /// The book it belongs to.
  package let book: BookID
  /// The segment's number, from 1.
  package let number: UInt64
  /// The position of its first event.
  package let firstPosition: UInt64

  /// How many bytes a header takes.
  package static let byteCount = 52
  static let mark = [UInt8]("DAYBKSEG".utf8)
  static let version: UInt32 = 1

  /// Joins the parts.
  package init(book: BookID, number: UInt64, firstPosition: UInt64) {
    self.book = book
    self.number = number
    self.firstPosition = firstPosition
  }

  /// The header's bytes.
  package var encoded: [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.write(Self.mark)
    writer.write(Self.version)
    writer.write(UInt32(0))
    book.write(to: &writer)
    writer.write(number)
    writer.write(firstPosition)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// Reads a header and checks it.
  ///
  /// - Parameter bytes: The first ``byteCount`` bytes of a file, or fewer if it is shorter.
  /// - Throws: ``SegmentFault``.
  package init(_ bytes: [UInt8]) throws(SegmentFault) {
    do {
      var reader = ByteReader(bytes.span)
      let mark = try reader.readBytes(count: Self.mark.count)
      guard mark == Self.mark else { throw SegmentFault(.header, .notASegment) }
      let version = try reader.readUInt32()
      guard version == Self.version else { throw SegmentFault(.header, .version(version)) }
      _ = try reader.readUInt32()
      book = try BookID(from: &reader)
      number = try reader.readUInt64()
      firstPosition = try reader.readUInt64()
      let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
      let expected = try reader.readUInt32()
      guard found == expected else {
        throw SegmentFault(.header, .checksum(expected: expected, found: found))
      }
      try reader.expectEnd()
    } catch let fault as DecodingFault {
      throw SegmentFault(.header, .decoding(fault))
    } catch let fault as SegmentFault {
      throw fault
    } catch {
      preconditionFailure("only decoding and segment faults are thrown above")
    }
  }
}
