internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// What a store's files say, gathered before an ``EventLog`` takes over.
struct OpenedLog {
  let files: StoreFiles
  let manifest: Manifest
  private(set) var report = RecoveryReport()
  private(set) var held = HeldVector()
  private(set) var statistics = LogStatistics()
  private(set) var clock = HybridTimestamp(rawValue: 0)
  private(set) var frontiers = OriginTrees()
  private(set) var salts = SaltTable()
  private(set) var heads = HeadTable()
  let echoes = EchoIndex()
  let reader: LogReader
  let writeAhead: WriteAheadLog
  /// Where the write-ahead log ends whose seal was cut short, if one was.
  let sealingEnd: UInt64?
  private(set) var nextPosition: UInt64

  /// Reads manifest, footers and write-ahead log, cuts an unacknowledged tail and clears away what
  /// an unfinished seal left.
  ///
  /// Nothing is changed before everything was found whole.
  init(
    _ files: StoreFiles, _ fileSystem: any FileSystem, _ options: LogOptions
  ) throws(StorageError) {
    self.files = files
    let loaded = try Manifest.load(from: files, fileSystem)
    manifest = loaded.manifest
    let identity = manifest.identity
    var segments: [SealedSegment] = []
    for entry in manifest.segments {
      segments.append(try SealedSegment.open(entry, identity, files: files, fileSystem))
    }
    let loadedSalts = try SaltTable.load(from: files, manifest, fileSystem)
    let loadedHeads = try HeadTable.load(from: files, book: identity.book, fileSystem)
    var replay = Replay(
      book: identity.book, echoes: echoes, salts: loadedSalts.table, heads: loadedHeads.table)
    for segment in segments { try replay.add(segment) }
    let chain = try WriteAheadChain(
      manifest, in: files, fileSystem, for: .updating, begin: { replay.begin($0, $1) },
      { frame throws(StorageError) in try replay.add(frame) })
    if let damage = chain.damages.first { throw .damaged(damage) }
    let last = chain.links[chain.links.count - 1]
    sealingEnd = chain.links.count > 1 ? chain.links[0].scan.end : nil
    reader = LogReader(
      segments: segments, sealing: chain.links.count > 1 ? replay.tails[0] : nil,
      tail: replay.tails[chain.links.count - 1])
    writeAhead = WriteAheadLog(
      file: last.file, header: last.header, end: last.scan.end, chain: last.scan.chain,
      zeroedAheadByteCount: options.zeroedAheadByteCount)
    nextPosition = last.scan.nextPosition
    held = replay.held
    salts = replay.salts
    heads = replay.heads
    statistics = replay.statistics
    statistics.bytes.other = UInt64(2 * manifest.encoded.count)
    clock = replay.clock
    report.droppedTailByteCount = last.scan.tornByteCount
    report.replayedEventCount = reader.tails.reduce(0) { $0 + $1.rowCount }
    try tidy(loaded, fileSystem)
    if loadedSalts.isCopyMissing || !loadedSalts.damages.isEmpty {
      try salts.save(
        to: files, book: manifest.identity.book, through: nextPosition - 1, fileSystem,
        erasingOld: true)
      report.didRestoreSaltsCopy = true
    }
    if loadedHeads.isCopyMissing {
      try heads.save(to: files, book: manifest.identity.book, fileSystem)
      report.didRestoreHeadsCopy = true
    }
    try loadTrees(fileSystem)
  }

  /// Cuts the unacknowledged tail, makes the manifest's copies equal, removes leftovers.
  private mutating func tidy(
    _ loaded: Manifest.Loaded, _ fileSystem: any FileSystem
  ) throws(StorageError) {
    let leftovers = try findLeftovers(fileSystem)
    try onDisk { () throws(FileFault) in try writeAhead.trim() }
    if !loaded.areCopiesEqual {
      try manifest.write(to: files, fileSystem)
      report.didRestoreManifestCopy = true
    }
    for name in leftovers {
      // A removal that was cut short may have left what is erased in it.
      try onDisk { () throws(FileFault) in try fileSystem.eraseFile(files.log + "/" + name) }
    }
    report.removedFiles = leftovers
  }

  /// The files of seals that the manifest does not know of.
  ///
  /// A later write-ahead log with events in it means that the manifest is an old one: then nothing
  /// may be removed.
  private func findLeftovers(_ fileSystem: any FileSystem) throws(StorageError) -> [String] {
    let names = try onDisk { () throws(FileFault) in try fileSystem.list(files.log) }
    var leftovers: [String] = []
    let known = Set(manifest.segments.map(\.number))
    let writeAheads = manifest.writeAheadNumber...writeAhead.header.number
    for name in names {
      if let number = StoreFiles.writeAheadNumber(name) {
        if writeAheads.contains(number) { continue }
        if number > manifest.writeAheadNumber { try requireEmpty(name, number, fileSystem) }
        leftovers.append(name)
      } else if let number = StoreFiles.segmentNumber(name), !known.contains(number) {
        leftovers.append(name)
      } else if name.hasSuffix(".new") || name.hasSuffix(".old") {
        leftovers.append(name)
      }
    }
    return leftovers
  }

  private func requireEmpty(
    _ name: String, _ number: UInt64, _ fileSystem: any FileSystem
  ) throws(StorageError) {
    let file = try onDisk { () throws(FileFault) in
      try fileSystem.open(files.log + "/" + name, for: .reading)
    }
    let bytes = try onDisk { () throws(FileFault) in
      try file.read(count: WriteAheadHeader.byteCount, at: 0)
    }
    guard let header = try? WriteAheadHeader(bytes) else { return }
    var frameCount = 0
    let scan = try WriteAheadScan(file, name: "log/" + name, header: header, cleanEnd: 0) { _ in
      frameCount += 1
    }
    guard frameCount == 0, scan.damage == nil else {
      throw .damaged(
        StoreDamage(
          file: "MANIFEST", offset: 0, byteCount: 0,
          problem: "it is older than log/\(name), which holds events"))
    }
  }

  private mutating func loadTrees(_ fileSystem: any FileSystem) throws(StorageError) {
    let isThere = try onDisk { () throws(FileFault) in try fileSystem.exists(files.trees) }
    guard isThere else {
      report.didLoseTrees = !manifest.segments.isEmpty
      return
    }
    let bytes = try onDisk { () throws(FileFault) in
      try fileSystem.readFile(files.trees, byteCountMax: OriginTrees.byteCountMax)
    }
    do throws(DecodingFault) {
      frontiers = try OriginTrees(bytes, book: manifest.identity.book)
      frontiers.keep(within: held)
    } catch {
      report.didLoseTrees = true
    }
  }
}

/// Rebuilds what is kept in memory from footers and frames, in position order.
private struct Replay {
  let book: BookID
  /// One for each write-ahead log.
  var tails: [LogTail] = []
  let echoes: EchoIndex
  var salts: SaltTable
  var heads: HeadTable
  var held = HeldVector()
  var statistics = LogStatistics()
  var clock = HybridTimestamp(rawValue: 0)

  mutating func add(_ segment: SealedSegment) throws(StorageError) {
    let footer = segment.footer
    for run in footer.runs {
      let last = run.firstSequence + UInt64(run.rowCount) - 1
      held.insert(IntervalSet.Run(first: run.firstSequence, last: last), of: run.origin)
    }
    for row in footer.echoes { echoes.add(segment.firstPosition + UInt64(row.row), row.echo) }
    statistics.count(footer)
    statistics.countFile(of: segment)
    clock = max(clock, footer.clock)
  }

  /// Goes on with the frames of another file.
  mutating func begin(_ file: any DurableFile, _ header: WriteAheadHeader) {
    tails.append(
      LogTail(
        file: file, basePosition: header.basePosition,
        name: "log/" + StoreFiles.writeAheadName(header.number)))
  }

  mutating func add(_ frame: WriteAheadScan.Frame) throws(StorageError) {
    let firstPosition = frame.header.firstPosition
    clock = max(clock, frame.content.received)
    salts.replay(frame.content.salts, at: firstPosition)
    for head in frame.content.heads { heads.add(head) }
    for (row, entry) in frame.content.entries.enumerated() {
      statistics.count(entry.event, entry.echo)
      held.insert(entry.event.dot)
      if !frame.header.isForeign { clock = max(clock, entry.event.recorded) }
      if let echo = entry.echo { echoes.add(firstPosition + UInt64(row), echo) }
    }
    let latest = clock
    tails[tails.count - 1].update { columns in
      let firstRow = columns.rowCount
      for entry in frame.content.entries {
        let offset = frame.payloadStart + UInt64(entry.record.lowerBound)
        if let echo = entry.echo {
          columns.echoes.append(EchoRow(row: columns.rowCount, echo: echo))
        }
        columns.add(
          entry.event.dot, EventKeys(entry.event, in: book), at: offset, count: entry.record.count)
      }
      if frame.header.isForeign {
        columns.received.append(
          ReceivedRun(
            firstRow: firstRow, rowCount: frame.content.entries.count, time: frame.content.received)
        )
      }
      columns.clock = latest
    }
  }
}
