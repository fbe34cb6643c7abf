internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import SegmentFormat

/// Makes a segment file of events that are in none: the long part of a seal, which touches nothing
/// but that file, so that appends can go on beside it.
struct SegmentBuild: Sendable {
  let header: SegmentHeader
  let content: Content
  /// The Merkle trees before these events, with the salts to extend them.
  let trees: OriginTrees
  let salts: SaltTable
  let files: StoreFiles
  let fileSystem: any FileSystem

  /// Where the events come from.
  enum Content: Sendable {
    /// A tail that grows no more.
    case tail(LogTail)
    /// Records in memory.
    case records(LogTail.Columns, [UInt8])

    var columns: LogTail.Columns {
      switch self {
      case .tail(let tail): tail.current
      case .records(let columns, _): columns
      }
    }

    func forEachRecord(
      _ body: (Int, EventOutline, Span<UInt8>) throws(StorageError) -> Void
    ) throws(StorageError) {
      var reader = EventOutlineReader()
      switch self {
      case .tail(let tail):
        try tail.forEachRecord(rows: 0..<tail.rowCount) {
          row, offset, record throws(StorageError) in
          let outline: EventOutline
          do throws(DecodingFault) {
            outline = try reader.read(record)
          } catch {
            throw tail.damage(error, row: row, at: offset, byteCount: record.count)
          }
          try body(row, outline, record)
          return true
        }
      case .records(let columns, let bytes):
        for row in 0..<columns.rowCount {
          let record = bytes.span.extracting(columns.recordRange(ofRow: row))
          let outline: EventOutline
          do throws(DecodingFault) {
            outline = try reader.read(record)
          } catch {
            throw columns.damageInMemory(error, row: row)
          }
          try body(row, outline, record)
        }
      }
    }
  }

  /// What has been built.
  struct Product: Sendable {
    /// The segment, durable but for its name.
    let entry: Manifest.Segment
    /// The trees with its events.
    let trees: OriginTrees
  }

  /// Writes and syncs the segment; the caller syncs the directory.
  func run() throws(StorageError) -> Product {
    let file = try onDisk { () throws(FileFault) in
      try fileSystem.open(files.segment(header.number), for: .replacing)
    }
    var output = SegmentOutput(file: file)
    let hashing = TreeHashing(trees, salts: salts, book: header.book)
    defer { hashing.end() }
    let footer = try write(to: &output, hashing)
    try output.finish()
    let entry = Manifest.Segment(
      number: header.number, firstPosition: header.firstPosition, rowCount: footer.rowCount,
      byteCount: output.byteCount, footerChecksum: CRC32C.checksum(footer.encoded))
    return Product(entry: entry, trees: hashing.finish())
  }

  private func write(
    to output: inout SegmentOutput, _ hashing: TreeHashing
  ) throws(StorageError) -> SegmentFooter {
    let columns = content.columns
    var writer = try onSegment { () throws(SegmentFault) in try SegmentWriter.make(header) }
    try output.write(writer.headerBytes)
    var echoRows = columns.echoes[...]
    var identifiers = columns.identifierKeys[...]
    var identifierRows = columns.identifierRows[...]
    var unhashed = ByteWriter(capacity: TreeHashing.pieceByteCount)
    try content.forEachRecord { row, event, record throws(StorageError) in
      let echo = echoRows.first?.row == row ? echoRows.removeFirst().echo : nil
      let count = identifierRows.prefix { $0 == UInt32(row) }.count
      let block = try onSegment { () throws(SegmentFault) in
        try writer.add(
          record, of: event, key: columns.keys[row], echo: echo,
          identifierKeys: identifiers.prefix(count))
      }
      identifiers.removeFirst(count)
      identifierRows.removeFirst(count)
      unhashed.writeVarint(UInt64(record.count))
      unhashed.write(record)
      if unhashed.count >= TreeHashing.pieceByteCount {
        hashing.add(unhashed.bytes)
        unhashed = ByteWriter(capacity: TreeHashing.pieceByteCount)
      }
      try output.write(block)
    }
    hashing.add(unhashed.bytes)
    let (bytes, footer) = try onSegment { () throws(SegmentFault) in
      try writer.finish(received: columns.received, clock: columns.clock)
    }
    try output.write(bytes)
    return footer
  }

  /// Reports a segment that could not be built: its bytes did not survive compression.
  private func onSegment<Answer: ~Copyable>(
    _ body: () throws(SegmentFault) -> Answer
  ) throws(StorageError) -> Answer {
    do throws(SegmentFault) {
      return try body()
    } catch {
      throw .notSealed(number: header.number, error)
    }
  }
}

extension StorageError {
  /// A segment that could not be built, because what was written does not read back.
  static func notSealed(number: UInt64, _ fault: SegmentFault) -> StorageError {
    .damaged(
      StoreDamage(
        file: "log/" + StoreFiles.segmentName(number), offset: 0, byteCount: 0,
        problem: "not sealed: \(fault.part): \(fault.reason)"))
  }
}

/// Writes a file from its beginning in pieces of some size.
struct SegmentOutput {
  private let file: any DurableFile
  private var buffer = ByteWriter()
  private var written: UInt64 = 0

  var byteCount: UInt64 { written + UInt64(buffer.count) }

  init(file: any DurableFile) { self.file = file }

  mutating func write(_ bytes: [UInt8]) throws(StorageError) {
    buffer.write(bytes)
    if buffer.count >= 1 << 20 { try flush() }
  }

  mutating func finish() throws(StorageError) {
    try flush()
    try onDisk { () throws(FileFault) in try file.syncData() }
  }

  private mutating func flush() throws(StorageError) {
    let bytes = buffer.bytes
    let offset = written
    try onDisk { () throws(FileFault) in try file.write(bytes.span, at: offset) }
    written += UInt64(bytes.count)
    buffer.removeAll()
  }
}
