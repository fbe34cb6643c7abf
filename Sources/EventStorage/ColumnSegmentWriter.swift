internal import BinaryCoding
internal import ColumnFormat
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// Builds a segment of columns from records that are all in memory, piece by piece.
///
/// Append ``headerBytes``, then what ``block(_:)`` and ``finish(received:clock:)`` return, in that order.
/// Every block is read back and compared before its bytes are handed out.
struct ColumnSegmentWriter: ~Copyable {
  /// What indexes say of an event.
  struct Row: Sendable {
    /// The event's outline.
    let outline: EventOutline
    /// What it repeats, if anything.
    let echo: Echo?
    /// The index keys of its identifiers.
    let identifierKeys: [UInt64]
  }

  /// The segment's first bytes.
  let headerBytes: [UInt8]
  private var encoder: ColumnEncoder
  private var builder: FooterBuilder
  private let ends: [Int]

  /// Plans the columns of a segment.
  ///
  /// - Parameters:
  ///   - header: What its header says.
  ///   - records: The records, one after another.
  ///   - ends: Where each of them ends.
  /// - Throws: ``SegmentFault`` when there are too many, or memory is lacking.
  init(
    _ header: SegmentHeader, records: [UInt8], ends: [Int]
  ) throws(SegmentFault) {
    headerBytes = header.encoded
    builder = FooterBuilder(firstPosition: header.firstPosition, isColumnar: true)
    self.ends = ends
    do throws(ColumnFault) {
      encoder = try ColumnEncoder(records: records, ends: ends)
    } catch {
      throw SegmentFault(.tables, .columns("\(error)"))
    }
  }

  /// How many blocks there are.
  var blockCount: Int { encoder.blockCount }

  /// The rows of a block.
  func rows(ofBlock block: Int) -> Range<Int> {
    let start = block * ColumnLimits.blockRows
    return start..<min(start + ColumnLimits.blockRows, ends.count)
  }

  /// Writes the next block.
  ///
  /// - Parameter rows: What indexes say of its events, in row order.
  /// - Returns: The block's bytes.
  /// - Throws: ``SegmentFault`` if the block does not read back as it was.
  mutating func add(_ rows: [Row]) throws(SegmentFault) -> [UInt8] {
    let first = builder.rowCount
    for row in rows {
      builder.add(row.outline, key: 0, echo: row.echo, identifierKeys: row.identifierKeys)
    }
    let block: EncodedBlock
    do throws(ColumnFault) {
      block = try encoder.encode(block: first / ColumnLimits.blockRows)
    } catch {
      throw SegmentFault(.block(first), .columns("\(error)"))
    }
    builder.count(sourceIDBytes: block.sourceIDByteCount)
    let bytes = block.facts + block.persons
    builder.endBlock(
      bytes, factsByteCount: block.facts.count,
      rawByteCount: ends[builder.rowCount - 1] - (first == 0 ? 0 : ends[first - 1]))
    return bytes
  }

  /// Ends the segment.
  ///
  /// - Parameters:
  ///   - received: When events from elsewhere were applied, in row order.
  ///   - clock: The latest time this replica had issued when the last event was appended.
  /// - Returns: All remaining bytes, and the footer they contain.
  mutating func finish(
    received: [ReceivedRun], clock: HybridTimestamp
  ) -> (bytes: [UInt8], footer: SegmentFooter) {
    var bytes: [UInt8] = []
    for table in encoder.tables {
      builder.add(
        TableSummary(
          isPersonal: table.part == .persons, byteCount: table.bytes.count,
          checksum: CRC32C.checksum(table.bytes)))
      bytes += table.bytes
    }
    builder.count(sourceIDBytes: encoder.sourceIDByteCount)
    let (footer, keys, identifiers) = builder.finish(received: received, clock: clock)
    let footerBytes = footer.encoded
    let offset = footer.identifiersOffset + UInt64(identifiers.count)
    let trailer = SegmentTrailer(footer: footerBytes, at: offset)
    return (bytes + keys + identifiers + footerBytes + trailer.encoded, footer)
  }
}
