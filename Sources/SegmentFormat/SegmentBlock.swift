internal import BinaryCoding
package import EventModel
internal import ZstdCompression

// block   := zstd frame of the content | facts part, persons part
// content := (length varint, record)*

/// A block's content, decompressed: records one after another, and where each begins.
package struct SegmentBlock: Sendable {
  /// The records; of a segment of rows with their lengths.
  package let content: [UInt8]
  /// Where each record lies in ``content``.
  private let ranges: [Range<Int32>]

  /// How many records there are.
  package var rowCount: Int { ranges.count }

  /// Decompresses and takes apart a block.
  ///
  /// - Parameters:
  ///   - frame: The block's bytes in the file.
  ///   - summary: What the footer says of it; sizes are checked against it before allocation.
  ///   - index: The block's place in the segment, for faults.
  /// - Throws: ``SegmentFault`` if checksum, size or structure disagree with the summary.
  package init(
    _ frame: [UInt8], summary: BlockSummary, index: Int
  ) throws(SegmentFault) {
    let found = CRC32C.checksum(frame)
    guard found == summary.checksum else {
      throw SegmentFault(.block(index), .checksum(expected: summary.checksum, found: found))
    }
    do throws(ZstdFault) {
      var decompressor = try ZstdDecompressor.make()
      content = try decompressor.decompress(frame.span, byteCount: summary.rawByteCount)
    } catch {
      throw SegmentFault(.block(index), .compression(error))
    }
    do throws(DecodingFault) {
      ranges = try Self.split(content, rowCount: summary.rowCount)
    } catch {
      throw SegmentFault(.block(index), .decoding(error))
    }
  }

  /// Takes the records that the columns of a block gave.
  ///
  /// - Parameters:
  ///   - records: The records, one after another.
  ///   - ends: Where each of them ends.
  ///   - summary: What the footer says of the block.
  ///   - index: The block's place in the segment, for faults.
  /// - Throws: ``SegmentFault`` if their number or size disagrees with the summary.
  package init(
    records: [UInt8], ends: [Int], summary: BlockSummary, index: Int
  ) throws(SegmentFault) {
    guard records.count == summary.rawByteCount, ends.count == summary.rowCount else {
      throw SegmentFault(.block(index), .disagreement("records and footer"))
    }
    content = records
    ranges = ends.indices.map { row in
      Int32(row == 0 ? 0 : ends[row - 1])..<Int32(ends[row])
    }
  }

  private static func split(
    _ content: [UInt8], rowCount: Int
  ) throws(DecodingFault) -> [Range<Int32>] {
    var ranges: [Range<Int32>] = []
    ranges.reserveCapacity(rowCount)
    var reader = ByteReader(content.span)
    for _ in 0..<rowCount {
      let range = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
      ranges.append(Int32(range.lowerBound)..<Int32(range.upperBound))
    }
    try reader.expectEnd()
    return ranges
  }

  /// Decodes the event in a row.
  ///
  /// - Parameters:
  ///   - row: The row within the block, from 0 and below ``rowCount``.
  ///   - index: The block's place in the segment, for faults.
  /// - Returns: The event.
  /// - Throws: ``SegmentFault`` if the record is malformed.
  package func event(atRow row: Int, blockIndex index: Int) throws(SegmentFault) -> Event {
    do throws(DecodingFault) {
      var reader = ByteReader(record(atRow: row, of: content.span))
      let event = try Event(from: &reader)
      try reader.expectEnd()
      return event
    } catch {
      throw SegmentFault(.block(index), .decoding(error))
    }
  }

  /// The bytes of a row's record.
  ///
  /// - Parameter row: The row within the block, from 0 and below ``rowCount``.
  /// - Returns: A copy of the record.
  package func record(atRow row: Int) -> [UInt8] {
    Array(content[Int(ranges[row].lowerBound)..<Int(ranges[row].upperBound)])
  }

  @_lifetime(copy content)
  private func record(atRow row: Int, of content: Span<UInt8>) -> Span<UInt8> {
    content.extracting(Int(ranges[row].lowerBound)..<Int(ranges[row].upperBound))
  }
}
