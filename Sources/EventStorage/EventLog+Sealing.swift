internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat

extension EventLog {
  /// Turns the write-ahead log into a segment and starts a new write-ahead log. Does nothing when
  /// there is nothing to seal. Snapshots taken before go on reading the old file.
  ///
  /// Order: salts durable, segment durable, heads durable, new write-ahead log durable, their names durable, manifest durable;
  /// only then is the old write-ahead log removed. A crash at any point leaves all events in the
  /// old log or in the new segment.
  ///
  /// - Throws: ``StorageError``. When the manifest could not be written the log is poisoned;
  ///   before that, nothing has changed.
  package func seal() throws(StorageError) {
    try requireReady()
    guard reader.tail.rowCount > 0 else { return }
    let number = (manifest.segments.last?.number ?? 0) + 1
    try saveSalts()
    let entry = try writeSegment(number: number)
    signOwnTree()
    try saveHeads()
    let oldPath = files.writeAhead(manifest.writeAheadNumber)
    let fresh = try startWriteAhead(
      number: manifest.writeAheadNumber + 1, origin: identity.origin)
    let segment = try SealedSegment.open(entry, identity, files: files, fileSystem)
    var next = manifest
    next.generation += 1
    next.segments.append(entry)
    next.writeAheadNumber += 1
    next.basePosition = highWaterMark.next.rawValue
    next.cleanEnd = 0
    do throws(StorageError) {
      try next.write(to: files, fileSystem)
    } catch {
      // Which of the two manifests counts is known only after reading them again.
      state = .poisoned
      throw error
    }
    manifest = next
    statistics.countFile(of: segment)
    statistics.bytes.other = UInt64(2 * next.encoded.count)
    writeAhead = fresh
    reader.segments.append(segment)
    reader.tail = LogTail(
      file: fresh.file, basePosition: next.basePosition,
      name: "log/" + StoreFiles.writeAheadName(next.writeAheadNumber))
    checkInvariants()
    // Neither matters to the log: opening removes the old file, and trees can be computed again.
    try? fileSystem.remove(oldPath)
    try? saveTrees()
  }

  func startWriteAhead(
    number: UInt64, origin: OriginID
  ) throws(StorageError) -> WriteAheadLog {
    let header = WriteAheadHeader(
      book: identity.book, origin: origin, number: number,
      basePosition: highWaterMark.next.rawValue)
    return try onDisk { () throws(FileFault) in
      let log = try WriteAheadLog.create(
        files.writeAhead(number), header, fileSystem,
        zeroedAheadByteCount: options.zeroedAheadByteCount)
      try fileSystem.syncDirectory(files.log)
      return log
    }
  }

  /// Writes and syncs the tail as a segment; the caller syncs the directory.
  private func writeSegment(number: UInt64) throws(StorageError) -> Manifest.Segment {
    let header = SegmentHeader(
      book: identity.book, number: number, firstPosition: reader.tail.basePosition)
    let file = try onDisk { () throws(FileFault) in
      try fileSystem.open(files.segment(number), for: .replacing)
    }
    var output = SegmentOutput(file: file)
    let footer = try write(header, to: &output)
    try output.finish()
    return Manifest.Segment(
      number: number, firstPosition: header.firstPosition, rowCount: footer.rowCount,
      byteCount: output.byteCount, footerChecksum: CRC32C.checksum(footer.encoded))
  }

  private func write(
    _ header: SegmentHeader, to output: inout SegmentOutput
  ) throws(StorageError) -> SegmentFooter {
    let columns = reader.tail.current
    var writer = try onSegment(header.number) { () throws(SegmentFault) in
      try SegmentWriter.make(header)
    }
    try output.write(writer.headerBytes)
    var echoRows = columns.echoes[...]
    var identifiers = columns.identifierKeys[...]
    var identifierRows = columns.identifierRows[...]
    let hashing = TreeHashing(frontiers, salts: salts, book: identity.book)
    var unhashed = ByteWriter(capacity: TreeHashing.pieceByteCount)
    try reader.tail.forEachEvent(rows: 0..<columns.rowCount) {
      row, event, record throws(StorageError) in
      let echo = echoRows.first?.row == row ? echoRows.removeFirst().echo : nil
      let count = identifierRows.prefix { $0 == UInt32(row) }.count
      let block = try onSegment(header.number) { () throws(SegmentFault) in
        try writer.add(
          record.span, of: event, key: columns.keys[row], echo: echo,
          identifierKeys: identifiers.prefix(count))
      }
      identifiers.removeFirst(count)
      identifierRows.removeFirst(count)
      unhashed.writeLengthPrefixed(record)
      if unhashed.count >= TreeHashing.pieceByteCount {
        hashing.add(unhashed.bytes)
        unhashed = ByteWriter(capacity: TreeHashing.pieceByteCount)
      }
      try output.write(block)
      return true
    }
    hashing.add(unhashed.bytes)
    let (bytes, footer) = try onSegment(header.number) { () throws(SegmentFault) in
      try writer.finish(received: columns.received, clock: columns.clock)
    }
    try output.write(bytes)
    frontiers = hashing.finish()
    return footer
  }

  /// Reports a segment that could not be built: its bytes did not survive compression.
  private func onSegment<Answer: ~Copyable>(
    _ number: UInt64, _ body: () throws(SegmentFault) -> Answer
  ) throws(StorageError) -> Answer {
    do throws(SegmentFault) {
      return try body()
    } catch {
      throw .damaged(
        StoreDamage(
          file: "log/" + StoreFiles.segmentName(number), offset: 0, byteCount: 0,
          problem: "not sealed: \(error.part): \(error.reason)"))
    }
  }
}

/// Writes a file from its beginning in pieces of some size.
private struct SegmentOutput {
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
