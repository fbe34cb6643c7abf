internal import ChannelAdapters
internal import EventModel
internal import InteractionLog

/// Reads one input to its end and delivers batches.
struct InputReader {
  let input: ImportInput
  let inputIndex: Int
  let fileName: String
  let pipeline: ImportPipeline
  /// Takes a batch; returns false if nobody wants more.
  let deliver: (ImportBatch) -> Bool

  private var context: AdapterContext
  private var batch = ImportBatch()
  private var batchByteCount = 0

  init(
    input: ImportInput, inputIndex: Int, fileName: String, pipeline: ImportPipeline,
    deliver: @escaping (ImportBatch) -> Bool
  ) {
    self.input = input
    self.inputIndex = inputIndex
    self.fileName = fileName
    self.pipeline = pipeline
    self.deliver = deliver
    context = pipeline.context
  }

  /// Reads and delivers everything.
  ///
  /// - Throws: A fault of the input, after all before it is delivered; ``Cancelled``.
  mutating func read() throws {
    switch pipeline.format {
    case .cloudEvents:
      var adapter = CloudEventsAdapter(catalogue: pipeline.catalogue)
      try readLines(&adapter)
    case .segment:
      var adapter = SegmentAdapter(catalogue: pipeline.catalogue)
      try readLines(&adapter)
    case .ndjson(let mapping):
      var adapter = MappingAdapter(mapping, catalogue: pipeline.catalogue)
      try readLines(&adapter)
    case .csv(let mapping): try readRows(mapping)
    }
  }

  private enum Piece {
    case chunk([UInt8])
    case end
    case broken(InputFault)
  }

  private func nextPiece() -> Piece {
    do throws(InputFault) {
      return try input.nextChunk().map(Piece.chunk) ?? .end
    } catch {
      return .broken(error)
    }
  }

  /// Delivers what has been gathered.
  private mutating func flush() throws(Cancelled) {
    guard !batch.isEmpty else { return }
    batch.keptBack = context.takeKeptBack()
    batch.inputIndex = inputIndex
    batch.bytesRead = input.bytesRead
    batch.byteCount = input.byteCount
    let full = batch
    batch = ImportBatch()
    batchByteCount = 0
    guard deliver(full) else { throw Cancelled() }
  }

  private mutating func flushIfFull() throws(Cancelled) {
    let isFull =
      batch.drafts.count >= ImportPipeline.batchCountMax
      || batch.deadLetters.count >= ImportPipeline.batchCountMax
      || batchByteCount >= ImportPipeline.batchByteCountMax
    if isFull { try flush() }
  }

  private mutating func enterDrafts(from line: Int) {
    while batch.lines.count < batch.drafts.count { batch.lines.append(line) }
  }

  private mutating func refuse(
    _ refusal: AdapterRefusal, line: Int, raw: [UInt8], count: Int? = nil
  ) {
    batch.deadLetters.append(
      DeadLetter(
        file: fileName, line: line, format: pipeline.format.name,
        source: pipeline.context.source ?? "",
        channel: pipeline.context.channel?.description ?? "", code: refusal.code.description,
        reason: refusal.reason, remedy: refusal.remedy, raw: raw, rawByteCount: count,
        milliseconds: pipeline.wallMilliseconds))
  }
}

/// One message a line.
extension InputReader {
  private mutating func readLines(_ adapter: inout some MessageAdapter) throws {
    var splitter = LineSplitter()
    while true {
      switch nextPiece() {
      case .chunk(let chunk):
        // A pipe that gives little at a time is waiting for an answer.
        let isWaiting = chunk.count < FileBytes.chunkByteCount / 4
        try adapt(splitter.split(chunk), &adapter)
        if isWaiting { try flush() }
      case .end:
        try adapt(splitter.finish(), &adapter)
        return try flush()
      case .broken(let fault):
        refuseOpenLine(&splitter)
        try flush()
        throw fault
      }
    }
  }

  /// A line that the input broke off in may look whole and is not.
  private mutating func refuseOpenLine(_ splitter: inout LineSplitter) {
    guard let open = splitter.openLine else { return }
    let refusal = AdapterRefusal(
      .malformed, reason: "the input broke off within this line",
      remedy: "get the whole input and import it again")
    refuse(refusal, line: open.number, raw: splitter.finish().bytes, count: open.byteCount)
    batch.messageCount += 1
  }

  private mutating func adapt(
    _ lines: LineBatch, _ adapter: inout some MessageAdapter
  ) throws(Cancelled) {
    var overlong = lines.overlong[...]
    for line in lines.lines {
      while let next = overlong.first, next.number < line.number {
        refuse(overlong.removeFirst())
      }
      do throws(AdapterRefusal) {
        try adapter.adapt(
          lines.bytes.span.extracting(line.range), context: &context, into: &batch.drafts)
        enterDrafts(from: line.number)
      } catch {
        refuse(error, line: line.number, raw: [UInt8](lines.bytes[line.range]))
      }
      batch.messageCount += 1
      batchByteCount += line.range.count
      try flushIfFull()
    }
    for line in overlong { refuse(line) }
  }

  private mutating func refuse(_ line: LineBatch.OverlongLine) {
    let refusal = AdapterRefusal(
      .tooLarge, reason: "the line has \(line.byteCount) bytes",
      remedy: "send messages of at most 1 MiB")
    refuse(refusal, line: line.number, raw: [], count: line.byteCount)
    batch.messageCount += 1
  }
}

/// One row of a table a message.
extension InputReader {
  private mutating func readRows(_ mapping: RowMapping) throws {
    var reader = CSVReader(separator: mapping.separator)
    var adapter = MappingAdapter(mapping, catalogue: pipeline.catalogue)
    var columns = CSVColumns([])
    while true {
      switch nextPiece() {
      case .chunk(let chunk):
        try adapt(try reader.read(chunk.span), mapping, &adapter, &columns)
      case .end:
        try adapt(try reader.finish(), mapping, &adapter, &columns)
        return try flush()
      case .broken(let fault):
        try adapt(try reader.finish(isTruncated: true), mapping, &adapter, &columns)
        try flush()
        throw fault
      }
    }
  }

  private mutating func adapt(
    _ items: [CSVReader.Item], _ mapping: RowMapping, _ adapter: inout MappingAdapter,
    _ columns: inout CSVColumns
  ) throws {
    for item in items {
      switch item {
      case .header(let names):
        try MappingFile.check(mapping, against: names)
        columns = CSVColumns(names)
      case .row(let row): try adapt(row, &adapter, columns)
      case .refused(let fault, let row):
        refuse(AdapterRefusal(fault), line: row.line, raw: Self.table(columns, row))
        batch.messageCount += 1
        try flushIfFull()
      }
    }
  }

  private mutating func adapt(
    _ row: CSVRow, _ adapter: inout MappingAdapter, _ columns: CSVColumns
  ) throws(Cancelled) {
    do throws(AdapterRefusal) {
      try adapter.adapt(row, columns: columns, context: &context, into: &batch.drafts)
      enterDrafts(from: row.line)
    } catch {
      refuse(error, line: row.line, raw: Self.table(columns, row))
    }
    batch.messageCount += 1
    batchByteCount += row.bytes.count
    try flushIfFull()
  }

  /// A row with its header, so that it can be tried again by itself.
  private static func table(_ columns: CSVColumns, _ row: CSVRow) -> [UInt8] {
    columns.encoded + [UInt8(ascii: "\n")] + row.encoded + [UInt8(ascii: "\n")]
  }
}
