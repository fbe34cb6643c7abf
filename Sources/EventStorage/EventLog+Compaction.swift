internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// What a compaction did.
public struct CompactionReport: Equatable, Sendable {
  /// How many segments were rewritten.
  public internal(set) var rewritten = 0
  /// How many took their place.
  public internal(set) var written = 0
  /// Bytes of all segments before.
  public internal(set) var byteCountBefore: UInt64 = 0
  /// Bytes of all segments after.
  public internal(set) var byteCountAfter: UInt64 = 0
}

extension EventLog {
  /// Rewrites segments of rows, and adjacent small segments, as larger segments of columns.
  ///
  /// Positions, order and bytes of events stay. Each new segment is durable before the manifest
  /// names it in place of the old ones, whose files are removed after that; a crash at any point
  /// leaves the old ones or the new one. Snapshots taken before go on reading the old files.
  ///
  /// - Parameter all: Whether to rewrite every segment, and not only those that gain by it.
  /// - Returns: What was done.
  /// - Throws: ``StorageError``. When the manifest could not be written the log is poisoned;
  ///   before that, nothing has moved.
  /// - Complexity: Reads and writes what it rewrites; memory for the records of one new segment,
  ///   at most ``CompactionPlan/byteCountMax``, and a few times as much for its columns.
  package func compact(all: Bool) throws(StorageError) -> CompactionReport {
    try seal()
    var report = CompactionReport()
    report.byteCountBefore = reader.segments.reduce(0) { $0 + $1.byteCount }
    for group in CompactionPlan.groups(of: reader.segments, all: all) {
      try replace(group)
      report.rewritten += group.count
      report.written += 1
    }
    report.byteCountAfter = reader.segments.reduce(0) { $0 + $1.byteCount }
    return report
  }

  private func replace(_ group: [SealedSegment]) throws(StorageError) {
    let rewrite = SegmentRewrite(
      sources: group, number: nextSegmentNumber, book: identity.book, files: files,
      fileSystem: fileSystem)
    let entry = try rewrite.run()
    try onDisk { () throws(FileFault) in try fileSystem.syncDirectory(files.log) }
    let segment = try SealedSegment.open(entry, identity, files: files, fileSystem)
    var next = manifest
    next.generation += 1
    let numbers = Set(group.map(\.number))
    guard let place = next.segments.firstIndex(where: { numbers.contains($0.number) }) else {
      preconditionFailure("the manifest names the segments that are read")
    }
    next.segments.replaceSubrange(place..<(place + group.count), with: [entry])
    do throws(StorageError) {
      try next.write(to: files, fileSystem)
    } catch {
      // Which of the two manifests counts is known only after reading them again.
      state = .poisoned
      throw error
    }
    manifest = next
    reader.segments.replaceSubrange(place..<(place + group.count), with: [segment])
    for old in group { statistics.discountFile(of: old) }
    statistics.countFile(of: segment)
    statistics.bytes.other = UInt64(2 * manifest.encoded.count)
    checkInvariants()
    // Opening removes what stays behind.
    for number in numbers.sorted() { try? fileSystem.remove(files.segment(number)) }
  }
}

/// Which segments are rewritten together.
enum CompactionPlan {
  /// The most events of a segment of columns; more gain little.
  static let rowCountMax = 1 << 18
  /// The most bytes of records that are in memory at once.
  static let byteCountMax = 128 << 20

  /// Runs of adjacent segments, each to become one.
  static func groups(of segments: [SealedSegment], all: Bool) -> [[SealedSegment]] {
    var groups: [[SealedSegment]] = []
    var rows = 0
    var bytes = 0
    for segment in segments {
      let rawByteCount = segment.footer.blocks.reduce(0) { $0 + $1.rawByteCount }
      let fits =
        groups.last?.last.map { $0.endPosition == segment.firstPosition } ?? false
        && rows + segment.footer.rowCount <= rowCountMax
        && bytes + rawByteCount <= byteCountMax
      if let last = groups.last, !last.isEmpty, fits {
        groups[groups.count - 1].append(segment)
      } else {
        groups.append([segment])
        (rows, bytes) = (0, 0)
      }
      rows += segment.footer.rowCount
      bytes += rawByteCount
    }
    return groups.filter { group in
      let isPossible = group.allSatisfy { segment in
        segment.footer.rowCount <= rowCountMax
          && segment.footer.blocks.reduce(0) { $0 + $1.rawByteCount } <= 2 * byteCountMax
      }
      let isWorthIt = all || group.count > 1 || group.contains { $0.footer.tables.isEmpty }
      return isPossible && isWorthIt
    }
  }
}

/// Writes a segment of columns with the events of adjacent segments.
struct SegmentRewrite {
  let sources: [SealedSegment]
  let number: UInt64
  let book: BookID
  let files: StoreFiles
  let fileSystem: any FileSystem

  /// Writes and syncs the segment; the caller syncs the directory.
  func run() throws(StorageError) -> Manifest.Segment {
    guard let first = sources.first else { preconditionFailure("a rewrite has sources") }
    var records: [UInt8] = []
    var ends: [Int] = []
    for source in sources { try source.appendRecords(to: &records, ends: &ends) }
    let header = SegmentHeader(book: book, number: number, firstPosition: first.firstPosition)
    let file = try onDisk { () throws(FileFault) in
      try fileSystem.open(files.segment(number), for: .replacing)
    }
    var output = SegmentOutput(file: file)
    let indexes = try SegmentIndexes(of: sources)
    var writer = try onSegment { () throws(SegmentFault) in
      try ColumnSegmentWriter(header, records: records, ends: ends)
    }
    try output.write(writer.headerBytes)
    var next = 0
    for block in 0..<writer.blockCount {
      var rows: [ColumnSegmentWriter.Row] = []
      for row in writer.rows(ofBlock: block) {
        let range = (row == 0 ? 0 : ends[row - 1])..<ends[row]
        rows.append(try indexes.row(row, of: records.span.extracting(range), echoAt: &next))
      }
      let bytes = try onSegment { () throws(SegmentFault) in try writer.add(rows) }
      try output.write(bytes)
    }
    let (bytes, footer) = writer.finish(received: indexes.received, clock: indexes.clock)
    try output.write(bytes)
    try output.finish()
    return Manifest.Segment(
      number: number, firstPosition: first.firstPosition, rowCount: footer.rowCount,
      byteCount: output.byteCount, footerChecksum: CRC32C.checksum(footer.encoded))
  }

  private func onSegment<Answer: ~Copyable>(
    _ body: () throws(SegmentFault) -> Answer
  ) throws(StorageError) -> Answer {
    do throws(SegmentFault) {
      return try body()
    } catch {
      throw .notSealed(number: number, error)
    }
  }
}

/// What the indexes of adjacent segments say of their events, by row of all of them.
private struct SegmentIndexes {
  var keys: [UInt64] = []
  var echoes: [EchoRow] = []
  var received: [ReceivedRun] = []
  var clock = HybridTimestamp(rawValue: 0)

  init(of segments: [SealedSegment]) throws(StorageError) {
    for segment in segments {
      let start = keys.count
      keys += try segment.readKeys()
      echoes += segment.footer.echoes.map { EchoRow(row: start + $0.row, echo: $0.echo) }
      received += segment.footer.received.map { run in
        ReceivedRun(firstRow: start + run.firstRow, rowCount: run.rowCount, time: run.time)
      }
      clock = max(clock, segment.footer.clock)
    }
  }

  /// What is said of the event in a row; rows are asked in order.
  func row(
    _ row: Int, of record: Span<UInt8>, echoAt next: inout Int
  ) throws(StorageError) -> ColumnSegmentWriter.Row {
    let event: Event
    do throws(DecodingFault) {
      var reader = ByteReader(record)
      event = try Event(from: &reader)
    } catch {
      preconditionFailure("reading the block has taken the record apart")
    }
    var echo: Echo?
    if next < echoes.count, echoes[next].row == row {
      echo = echoes[next].echo
      next += 1
    }
    return ColumnSegmentWriter.Row(
      outline: EventOutline(event), key: keys[row], echo: echo,
      identifierKeys: EventKeys(event).identifierKeys)
  }
}

extension SealedSegment {
  /// Adds all records, in row order, and where each ends.
  fileprivate func appendRecords(
    to records: inout [UInt8], ends: inout [Int]
  ) throws(StorageError) {
    for index in footer.blocks.indices {
      let block = try readBlock(index)
      for row in 0..<block.rowCount {
        _ = try checkedEvent(in: block, index, row: row)
        records += block.record(atRow: row)
        ends.append(records.count)
      }
    }
  }
}
