internal import BinaryCoding
internal import ColumnFormat
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat
internal import Synchronization

/// Writes a segment of columns with the events of adjacent segments: the long part of a compaction, which
/// touches nothing but that file, so that appends can go on beside it.
///
/// Its owner can take it back at any moment. Once ``withdraw()`` has returned it reads and writes nothing
/// any more and holds none of the segments, whatever its thread is still computing; so nothing that is
/// removed after that comes back, and nobody waits for the computing.
///
/// A class because its owner and a thread share it.
final class SegmentRewrite: Sendable {
  /// The number that the segment gets.
  let number: UInt64
  /// The numbers of the segments whose place it takes, in position order.
  let sourceNumbers: [UInt64]

  private let firstPosition: UInt64
  private let removals: [Dot: EventRemoval]
  private let identity: LogIdentity
  private let files: StoreFiles
  private let fileSystem: any FileSystem
  private let isWithdrawn = Atomic(false)
  private let shared: Mutex<Shared>

  private struct Shared {
    /// Until they are read.
    var sources: [SealedSegment]
    /// From then until it is written.
    var content: RewriteContent?
  }

  /// What was written.
  struct Product: Sendable {
    let entry: Manifest.Segment
    let segment: SealedSegment
  }

  /// Plans to rewrite segments.
  ///
  /// - Parameters:
  ///   - sources: At least one; adjacent, in position order.
  ///   - removals: Sections whose bytes stay behind, by event.
  ///   - number: That of the new segment.
  ///   - identity: Whose log it is.
  ///   - files: Where it is.
  ///   - fileSystem: The disk.
  init(
    of sources: [SealedSegment], without removals: [Dot: EventRemoval] = [:], number: UInt64,
    identity: LogIdentity, files: StoreFiles, fileSystem: any FileSystem
  ) {
    guard let first = sources.first else { preconditionFailure("a rewrite has sources") }
    firstPosition = first.firstPosition
    sourceNumbers = sources.map(\.number)
    self.removals = removals
    self.number = number
    self.identity = identity
    self.files = files
    self.fileSystem = fileSystem
    shared = Mutex(Shared(sources: sources))
  }

  /// Takes the work back; waits while a block is read or some of the file is written.
  func withdraw() {
    // Ahead of the lock, which the thread takes again and again.
    isWithdrawn.store(true, ordering: .relaxed)
    shared.withLock { $0 = Shared(sources: []) }
  }

  /// Overwrites and removes the file, if there is one; nobody may be writing it.
  func eraseFile() throws(FileFault) {
    let path = files.segment(number)
    if try fileSystem.exists(path) { try fileSystem.eraseFile(path) }
  }

  /// Reads the events and writes the segment.
  ///
  /// - Returns: What ``write()`` returns.
  /// - Throws: ``StorageError``.
  func run() throws(StorageError) -> Product? {
    try read()
    return try write()
  }

  /// Reads the events into memory and lets go of the segments they come from.
  ///
  /// - Throws: ``StorageError`` when a block is damaged or cannot be read.
  func read() throws(StorageError) {
    var content = RewriteContent()
    var isRead = false
    while !isRead {
      let goesOn = try unlessWithdrawn { shared throws(StorageError) in
        isRead = try !content.readNext(of: shared.sources, without: removals)
      }
      guard goesOn else { return }
    }
    try unlessWithdrawn { shared throws(StorageError) in
      content.indexes = SegmentIndexes(of: shared.sources, in: identity.book)
      shared = Shared(sources: [], content: content)
    }
  }

  /// Writes and syncs the segment, and its name.
  ///
  /// - Returns: The segment; nothing if the work was taken back.
  /// - Throws: ``StorageError``; a part of the file may be there.
  func write() throws(StorageError) -> Product? {
    var taken: RewriteContent?
    try unlessWithdrawn { shared throws(StorageError) in taken = shared.content.take() }
    guard let content = taken, let indexes = content.indexes else { return nil }
    let header = SegmentHeader(book: identity.book, number: number, firstPosition: firstPosition)
    var writer = try onSegment { () throws(SegmentFault) in
      try ColumnSegmentWriter(header, records: content.records, ends: content.ends)
    }
    var output: SegmentOutput?
    try unlessWithdrawn { _ throws(StorageError) in
      let file = try onDisk { () throws(FileFault) in
        try fileSystem.open(files.segment(number), for: .replacing)
      }
      output = SegmentOutput(file: file)
      try output?.write(writer.headerBytes)
    }
    var next = 0
    for block in 0..<writer.blockCount {
      var rows: [ColumnSegmentWriter.Row] = []
      for row in writer.rows(ofBlock: block) {
        let record = content.records.span.extracting(content.range(ofRow: row))
        rows.append(try indexes.row(row, of: record, echoAt: &next))
      }
      let bytes = try onSegment { () throws(SegmentFault) in try writer.add(rows) }
      let goesOn = try unlessWithdrawn { _ throws(StorageError) in try output?.write(bytes) }
      guard goesOn else { return nil }
    }
    let (bytes, footer) = writer.finish(received: indexes.received, clock: indexes.clock)
    var product: Product?
    try unlessWithdrawn { _ throws(StorageError) in
      try output?.write(bytes)
      product = try finish(&output, footer)
    }
    return product
  }

  private func finish(
    _ output: inout SegmentOutput?, _ footer: SegmentFooter
  ) throws(StorageError) -> Product? {
    try output?.finish()
    guard let byteCount = output?.byteCount else { return nil }
    try onDisk { () throws(FileFault) in try fileSystem.syncDirectory(files.log) }
    let entry = Manifest.Segment(
      number: number, firstPosition: firstPosition, rowCount: footer.rowCount,
      byteCount: byteCount, footerChecksum: CRC32C.checksum(footer.encoded))
    return Product(
      entry: entry,
      segment: try SealedSegment.open(entry, identity, files: files, fileSystem))
  }

  /// Calls `body`, for whose end ``withdraw()`` waits, unless the work was taken back.
  ///
  /// - Returns: Whether it was called.
  @discardableResult
  private func unlessWithdrawn(
    _ body: (inout Shared) throws(StorageError) -> Void
  ) throws(StorageError) -> Bool {
    guard !isWithdrawn.load(ordering: .relaxed) else { return false }
    return try shared.withLock { shared throws(StorageError) in
      guard !isWithdrawn.load(ordering: .relaxed) else { return false }
      try body(&shared)
      return true
    }
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

/// The records of adjacent segments, read block by block.
private struct RewriteContent: Sendable {
  /// One after another, without the sections to be removed.
  private(set) var records: [UInt8] = []
  /// Where each of them ends.
  private(set) var ends: [Int] = []
  var indexes: SegmentIndexes?

  /// The next block to read: of which segment, and its index there.
  private var place = (source: 0, block: 0)
  private var tables: ColumnTables?

  /// Where the record of a row lies.
  func range(ofRow row: Int) -> Range<Int> { (row == 0 ? 0 : ends[row - 1])..<ends[row] }

  /// Reads the next block.
  ///
  /// - Returns: False when all were read before.
  mutating func readNext(
    of sources: [SealedSegment], without removals: [Dot: EventRemoval]
  ) throws(StorageError) -> Bool {
    guard place.source < sources.count else { return false }
    let source = sources[place.source]
    guard place.block < source.footer.blocks.count else {
      place = (place.source + 1, 0)
      return true
    }
    if ends.isEmpty {
      records.reserveCapacity(sources.reduce(0) { $0 + $1.rawByteCount })
      ends.reserveCapacity(sources.reduce(0) { $0 + $1.footer.rowCount })
    }
    if place.block == 0 { tables = try source.readTables() }
    let index = place.block
    let block = try source.block(try source.readFrame(index), index, tables)
    for row in 0..<block.rowCount {
      let event = try source.checkedEvent(in: block, index, row: row)
      if let removal = removals[event.dot] {
        records += removal.applied(to: event).encoded
      } else {
        records += block.record(atRow: row)
      }
      ends.append(records.count)
    }
    place.block += 1
    return true
  }
}

/// What the indexes of adjacent segments say of their events, by row of all of them.
private struct SegmentIndexes: Sendable {
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
