internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// Writes salvaged events as segments of rows: a new one where positions are lost between two, and
/// where one is full.
struct SalvageOutput {
  /// What was written, durable but for the names, and what is kept.
  private(set) var entries: [Manifest.Segment] = []
  /// How many segments were written.
  private(set) var writtenCount = 0
  private let identity: LogIdentity
  private let files: StoreFiles
  private let disk: any FileSystem
  private let salts: SaltTable
  /// The number of the next segment.
  private(set) var nextNumber: UInt64
  private var columns = LogTail.Columns()
  private var records = ByteWriter()
  private var firstPosition: UInt64 = 0

  private static let rowCountMax = 65_536
  private static let byteCountMax = 64 << 20

  init(
    _ identity: LogIdentity, firstNumber: UInt64, salts: SaltTable, files: StoreFiles,
    _ disk: any FileSystem
  ) {
    self.identity = identity
    self.salts = salts
    self.files = files
    self.disk = disk
    nextNumber = firstNumber
  }

  /// Adds the next event.
  mutating func add(_ salvaged: SalvagedEvent) throws(StorageError) {
    let isNext = salvaged.position == firstPosition + UInt64(columns.rowCount)
    if !isNext || columns.rowCount >= Self.rowCountMax || records.count >= Self.byteCountMax {
      try endSegment()
    }
    let row = columns.rowCount
    if row == 0 { firstPosition = salvaged.position }
    let start = records.count
    salvaged.event.write(to: &records)
    columns.add(
      salvaged.event.dot, EventKeys(salvaged.event, in: identity.book), at: UInt64(start),
      count: records.count - start)
    if let echo = salvaged.echo { columns.echoes.append(EchoRow(row: row, echo: echo)) }
    if let time = salvaged.received { columns.addReceived(row: row, time) }
    columns.clock = max(columns.clock, salvaged.clock)
  }

  /// Takes over a segment as it is.
  mutating func keep(_ entry: Manifest.Segment) throws(StorageError) {
    try endSegment()
    entries.append(entry)
  }

  /// Writes what was added since the last segment.
  mutating func endSegment() throws(StorageError) {
    guard columns.rowCount > 0 else { return }
    let build = SegmentBuild(
      header: SegmentHeader(
        book: identity.book, number: nextNumber, firstPosition: firstPosition),
      content: .records(columns, records.bytes), trees: OriginTrees(), salts: salts,
      files: files, fileSystem: disk)
    entries.append(try build.run().entry)
    nextNumber += 1
    writtenCount += 1
    columns = LogTail.Columns()
    records.removeAll()
  }
}

extension LogTail.Columns {
  /// Notes when the event in the last row came.
  fileprivate mutating func addReceived(row: Int, _ time: HybridTimestamp) {
    if let last = received.last, last.time == time, last.firstRow + last.rowCount == row {
      received[received.count - 1] = ReceivedRun(
        firstRow: last.firstRow, rowCount: last.rowCount + 1, time: time)
    } else {
      received.append(ReceivedRun(firstRow: row, rowCount: 1, time: time))
    }
  }
}
