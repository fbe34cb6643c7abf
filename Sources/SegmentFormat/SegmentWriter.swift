internal import BinaryCoding
package import EventModel
package import HybridTime
internal import ZstdCompression

/// Builds a segment's bytes piece by piece, so that sealing takes memory for one block only.
///
/// Append ``headerBytes``, then what ``add(_:of:key:echo:identifierKeys:)`` and ``finish`` return,
/// in that order. Every block is decompressed again and compared before its bytes are handed out.
package struct SegmentWriter: ~Copyable {
  /// The segment's first bytes.
  package let headerBytes: [UInt8]
  private var builder: FooterBuilder
  private var content = ByteWriter(capacity: SegmentLimits.blockBytesTarget + 4096)
  private var blockRows = 0
  private var compressor: ZstdCompressor
  private var decompressor: ZstdDecompressor

  private init(
    _ header: SegmentHeader, compressor: consuming ZstdCompressor,
    decompressor: consuming ZstdDecompressor
  ) {
    headerBytes = header.encoded
    builder = FooterBuilder(firstPosition: header.firstPosition, isColumnar: false)
    self.compressor = compressor
    self.decompressor = decompressor
  }

  /// Starts a segment.
  ///
  /// - Parameter header: What its header says.
  /// - Returns: The writer.
  /// - Throws: ``SegmentFault`` if memory for compression is lacking.
  package static func make(_ header: SegmentHeader) throws(SegmentFault) -> SegmentWriter {
    do throws(ZstdFault) {
      return SegmentWriter(
        header, compressor: try .make(level: .fast), decompressor: try .make())
    } catch {
      throw SegmentFault(.header, .compression(error))
    }
  }

  /// Adds the event of the next row.
  ///
  /// - Parameters:
  ///   - record: The event's record.
  ///   - event: The event's outline.
  ///   - key: Its ``EventKeys/idempotencyKey``.
  ///   - echo: What it repeats, if anything.
  ///   - identifierKeys: The index keys of its identifiers.
  /// - Returns: A whole block's bytes when one has filled up; often none.
  /// - Throws: ``SegmentFault`` if the block does not decompress to what it was.
  package mutating func add(
    _ record: Span<UInt8>, of event: EventOutline, key: UInt64, echo: Echo?,
    identifierKeys: some Sequence<UInt64>
  ) throws(SegmentFault) -> [UInt8] {
    builder.add(event, key: key, echo: echo, identifierKeys: identifierKeys)
    content.writeVarint(UInt64(record.count))
    content.write(record)
    blockRows += 1
    let isFull =
      content.count >= SegmentLimits.blockBytesTarget
      || blockRows == SegmentLimits.blockRecordsMax
    return isFull ? try endBlock() : []
  }

  private mutating func endBlock() throws(SegmentFault) -> [UInt8] {
    guard blockRows > 0 else { return [] }
    let raw = content.bytes
    let frame: [UInt8]
    do throws(ZstdFault) {
      frame = try compressor.compress(raw.span)
      let again = try decompressor.decompress(frame.span, byteCount: raw.count)
      guard again.span.isEqual(to: raw.span) else { throw .corrupt(code: 0) }
    } catch {
      throw SegmentFault(.block(builder.rowCount), .compression(error))
    }
    builder.endBlock(frame, rawByteCount: raw.count)
    content = ByteWriter(capacity: raw.count + 4096)
    blockRows = 0
    return frame
  }

  /// Ends the segment.
  ///
  /// - Parameters:
  ///   - received: When events from elsewhere were applied, in row order.
  ///   - clock: The latest time this replica had issued when the last event was appended.
  /// - Returns: All remaining bytes, and the footer they contain.
  /// - Throws: ``SegmentFault`` if the last block does not decompress to what it was.
  package mutating func finish(
    received: [ReceivedRun], clock: HybridTimestamp
  ) throws(SegmentFault) -> (bytes: [UInt8], footer: SegmentFooter) {
    let lastBlock = try endBlock()
    let (footer, keys, identifiers) = builder.finish(received: received, clock: clock)
    let footerBytes = footer.encoded
    let offset = footer.identifiersOffset + UInt64(identifiers.count)
    let trailer = SegmentTrailer(footer: footerBytes, at: offset)
    return (lastBlock + keys + identifiers + footerBytes + trailer.encoded, footer)
  }
}
