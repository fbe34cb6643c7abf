internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// Writes a segment of columns with the events of adjacent segments.
struct SegmentRewrite {
  let sources: [SealedSegment]
  /// Sections whose bytes stay behind, by event.
  var removals: [Dot: EventRemoval] = [:]
  let number: UInt64
  let book: BookID
  let files: StoreFiles
  let fileSystem: any FileSystem

  /// Writes and syncs the segment; the caller syncs the directory.
  func run() throws(StorageError) -> Manifest.Segment {
    guard let first = sources.first else { preconditionFailure("a rewrite has sources") }
    var records: [UInt8] = []
    var ends: [Int] = []
    for source in sources {
      try source.appendRecords(to: &records, ends: &ends, without: removals)
    }
    let header = SegmentHeader(book: book, number: number, firstPosition: first.firstPosition)
    let file = try onDisk { () throws(FileFault) in
      try fileSystem.open(files.segment(number), for: .replacing)
    }
    var output = SegmentOutput(file: file)
    let indexes = SegmentIndexes(of: sources, in: book)
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
  var echoes: [EchoRow] = []
  var received: [ReceivedRun] = []
  var clock = HybridTimestamp(rawValue: 0)

  private let book: BookID

  init(of segments: [SealedSegment], in book: BookID) {
    self.book = book
    var start = 0
    for segment in segments {
      echoes += segment.footer.echoes.map { EchoRow(row: start + $0.row, echo: $0.echo) }
      received += segment.footer.received.map { run in
        ReceivedRun(firstRow: start + run.firstRow, rowCount: run.rowCount, time: run.time)
      }
      clock = max(clock, segment.footer.clock)
      start += segment.footer.rowCount
    }
  }

  /// What is said of the event in a row; rows are asked in order. Of a husk no checksum is
  /// kept: whoever guesses what was erased could confirm it by that.
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
    let isHusk = event.sections.contains(where: \.isErased)
    var echo: Echo?
    if next < echoes.count, echoes[next].row == row {
      echo = isHusk ? echoes[next].echo.withoutChecksum : echoes[next].echo
      next += 1
    }
    return ColumnSegmentWriter.Row(
      outline: EventOutline(event), echo: echo,
      identifierKeys: EventKeys(event, in: book).identifierKeys)
  }
}

extension Echo {
  /// The echo of an event of which the content that was summed up is gone.
  fileprivate var withoutChecksum: Echo {
    Echo(distance: distance, isSameContent: isSameContent, contentChecksum: 0)
  }
}

extension SealedSegment {
  /// Adds all records, in row order and without the sections to be removed, and where each ends.
  fileprivate func appendRecords(
    to records: inout [UInt8], ends: inout [Int], without removals: [Dot: EventRemoval]
  ) throws(StorageError) {
    let tables = try readTables()
    for index in footer.blocks.indices {
      let block = try block(try readFrame(index), index, tables)
      for row in 0..<block.rowCount {
        let event = try checkedEvent(in: block, index, row: row)
        if let removal = removals[event.dot] {
          records += removal.applied(to: event).encoded
        } else {
          records += block.record(atRow: row)
        }
        ends.append(records.count)
      }
    }
  }
}
