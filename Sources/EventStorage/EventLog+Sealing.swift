internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat

extension EventLog {
  /// Turns the write-ahead log into a segment and starts a new write-ahead log. Does nothing when
  /// there is nothing to seal. Snapshots taken before go on reading the old file.
  ///
  /// First a new write-ahead log takes the appends. Then, in this order, each durable before the
  /// next: segment, salts, foreign heads, their names, manifest; only then is the old write-ahead log
  /// removed. A crash at any point leaves all events in the two write-ahead logs, or in the new
  /// segment and the second of them.
  ///
  /// - Throws: ``StorageError``. When the manifest could not be written the log is poisoned;
  ///   before that, no event has moved.
  package func seal() throws(StorageError) {
    try flush()
    try finishSealing()
    guard reader.tail.rowCount > 0 else { return }
    try beginSealing()
    try finishSealing()
  }

  /// Seals a write-ahead log that is due, as the options say when.
  func sealIfDue() throws(StorageError) {
    if let sealing {
      if sealing.build?.isDone ?? false { try finishSealing() } else { buildInBackground() }
    }
    guard isSealDue(times: 1) else { return }
    // A burst goes on in the same file while the segment before is being written.
    let isPatient = options.sealSchedule == .inBackground && !isSealDue(times: Self.patience)
    if isPatient, sealing != nil { return }
    try finishSealing()
    try beginSealing()
    if options.sealSchedule == .atOnce { try finishSealing() }
  }

  /// Whether the write-ahead log has reached so many times the size at which it is sealed.
  private func isSealDue(times: Int) -> Bool {
    reader.tail.rowCount >= times * options.sealEventCount
      || writeAhead.end >= UInt64(times * options.sealByteCount)
  }

  /// How many times its size a write-ahead log may reach before appends wait for the seal before; a
  /// segment of so many events can be compacted.
  private static let patience = 3

  /// A write-ahead log on its way into a segment.
  struct Sealing {
    let writeAheadEnd: UInt64
    /// The number that the segment gets.
    let segmentNumber: UInt64
    /// Where the segment is being built, if anywhere yet.
    var build: BackgroundWork<SegmentBuild.Product>?
  }

  /// Lets a new write-ahead log take the appends; the old one grows no more.
  private func beginSealing() throws(StorageError) {
    let number = manifest.writeAheadNumber + 1
    let fresh = try startWriteAhead(number: number, origin: identity.origin)
    sealing = Sealing(writeAheadEnd: writeAhead.end, segmentNumber: takeSegmentNumber())
    reader.sealing = reader.tail
    useTail(of: fresh, number: number, basePosition: highWaterMark.next.rawValue)
    buildInBackground()
  }

  func useTail(of writeAhead: WriteAheadLog, number: UInt64, basePosition: UInt64) {
    self.writeAhead = writeAhead
    reader.tail = LogTail(
      file: writeAhead.file, basePosition: basePosition,
      name: "log/" + StoreFiles.writeAheadName(number))
    checkInvariants()
  }

  private func buildInBackground() {
    guard options.sealSchedule == .inBackground, sealing?.build == nil, let build = segmentBuild
    else { return }
    sealing?.build = BackgroundWork(.soon, keeping: lock, whenDone: workEnded) {
      () throws(StorageError) in try build.run()
    }
  }

  private var segmentBuild: SegmentBuild? {
    guard let sealing, let tail = reader.sealing else { return nil }
    return SegmentBuild(
      header: SegmentHeader(
        book: identity.book, number: sealing.segmentNumber, firstPosition: tail.basePosition),
      content: .tail(tail), trees: frontiers, salts: salts, files: files, fileSystem: fileSystem)
  }

  /// A number for a segment to come: no two that are being written have the same.
  func takeSegmentNumber() -> UInt64 {
    defer { nextSegmentNumber += 1 }
    return nextSegmentNumber
  }

  /// Ends the seal that is under way, if any: waits for the segment, or builds it here, and puts it
  /// in place of the older write-ahead log.
  ///
  /// - Throws: ``StorageError``; the seal can be ended later, unless the log is poisoned.
  func finishSealing() throws(StorageError) {
    guard let sealing, let build = segmentBuild else { return }
    self.sealing?.build = nil
    if isRemoving { try nameSegment(build.header.number) }
    let product = if let begun = sealing.build { try begun.wait() } else { try build.run() }
    let segment = try adopt(
      product, writeAheadNumber: manifest.writeAheadNumber + 1,
      basePosition: reader.tail.basePosition)
    self.sealing = nil
    let sealed = reader.sealing
    reader.sealing = nil
    finishAdopting(segment, product, of: sealed)
  }

  /// Makes the name of a segment's file durable, so that no crash frees content that nothing leads to.
  private func nameSegment(_ number: UInt64) throws(StorageError) {
    try onDisk { () throws(FileFault) in
      let path = files.segment(number)
      // Unless a build has made it already.
      if try !fileSystem.exists(path) { _ = try? fileSystem.open(path, for: .creating) }
      try fileSystem.syncDirectory(files.log)
    }
  }

  /// Names a segment in the manifest, in place of the write-ahead log that is there.
  ///
  /// - Throws: ``StorageError``. When the manifest could not be written the log is poisoned;
  ///   before that, nothing has changed.
  func adopt(
    _ product: SegmentBuild.Product, writeAheadNumber: UInt64, basePosition: UInt64
  ) throws(StorageError) -> SealedSegment {
    try saveSalts()
    try saveHeads()
    try onDisk { () throws(FileFault) in try fileSystem.syncDirectory(files.log) }
    let segment = try SealedSegment.open(product.entry, identity, files: files, fileSystem)
    var next = manifest
    next.generation += 1
    next.segments.append(product.entry)
    next.writeAheadNumber = writeAheadNumber
    next.basePosition = basePosition
    next.cleanEnd = 0
    do throws(StorageError) {
      try next.write(to: files, fileSystem)
    } catch {
      // Which of the two manifests counts is known only after reading them again.
      state = .poisoned
      throw error
    }
    manifest = next
    return segment
  }

  /// Lets readers see a segment that is in the manifest, and saves what follows from it.
  ///
  /// - Parameters:
  ///   - segment: The segment.
  ///   - product: What was built with it.
  ///   - sealed: The tail that it takes the place of, if its events were in one.
  func finishAdopting(
    _ segment: SealedSegment, _ product: SegmentBuild.Product, of sealed: LogTail? = nil
  ) {
    statistics.countFile(of: segment)
    statistics.bytes.other = UInt64(2 * manifest.encoded.count)
    reader.segments.append(segment)
    isCompactionDue = true
    checkInvariants()
    do throws(StorageError) {
      try keyIndex?.moveToSegments(reader)
    } catch {
      // Made anew when it is needed, and the error met again if it lasts.
      keyIndex = nil
    }
    frontiers.take(product.trees)
    signOwnTree()
    // None of it matters to the log: opening removes the old file, trees can be computed and heads
    // signed again.
    let path = files.writeAhead(manifest.writeAheadNumber - 1)
    if isRemoving, let sealed {
      retire(path, readBy: sealed)
    } else {
      try? fileSystem.remove(path)
    }
    try? saveHeads()
    try? saveTrees()
  }

  func startWriteAhead(
    number: UInt64, origin: OriginID, basePosition: UInt64? = nil
  ) throws(StorageError) -> WriteAheadLog {
    let header = WriteAheadHeader(
      book: identity.book, origin: origin, number: number,
      basePosition: basePosition ?? highWaterMark.next.rawValue)
    return try onDisk { () throws(FileFault) in
      let log = try WriteAheadLog.create(
        files.writeAhead(number), header, fileSystem,
        zeroedAheadByteCount: options.zeroedAheadByteCount)
      try fileSystem.syncDirectory(files.log)
      return log
    }
  }
}
