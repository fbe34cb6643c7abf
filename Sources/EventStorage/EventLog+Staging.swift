internal import BinaryCoding
internal import DurableFiles
package import EventModel
internal import HybridTime
internal import SegmentFormat

extension EventLog {
  /// Appends own events that need not be durable one batch at a time, as an import's.
  ///
  /// They are gathered in memory and go straight into a segment once there are enough of them for
  /// one, so that the disk gets them once and compressed. They are durable and visible after
  /// ``flush()``, or once a later call has sealed them; a crash before loses them whole.
  ///
  /// - Parameters:
  ///   - drafts: As for ``append(_:wallMilliseconds:)``, in as many calls as there are batches.
  ///   - wallMilliseconds: The wall clock, in milliseconds since 1970.
  /// - Returns: What will become of each draft if no error follows, in the order given.
  /// - Throws: ``StorageError``; nothing that was staged and is not visible has happened then.
  /// - Complexity: O(encoded bytes); memory for two segments' records.
  package func stage(
    _ drafts: [EventDraft], wallMilliseconds: Int64
  ) throws(StorageError) -> [AppendOutcome] {
    if staged == nil {
      try prepareToWrite()
      staged = OwnBatch(startBatch(), stamps: nextStamps)
    }
    guard var batch = staged else { return [] }
    // One owner: the records are not copied when more are added.
    staged = nil
    do throws(StorageError) {
      let outcomes = try add(drafts, to: &batch, wallMilliseconds: wallMilliseconds)
      let isFull =
        batch.events.count >= options.sealEventCount
        || batch.events.payloadByteCount >= Self.stagedByteCountMax
      staged = isFull ? try build(batch) : batch
      return outcomes
    } catch {
      try dropStaged(error)
    }
  }

  /// Half of what a frame holds, since a batch of drafts may add as much again.
  private static let stagedByteCountMax = FrameHeader.payloadBytesMax / 2

  /// Makes what was staged durable and visible: as a segment, or in the write-ahead log if it is
  /// little.
  ///
  /// - Throws: ``StorageError``; nothing that was staged and is not visible has happened then,
  ///   unless the log is poisoned.
  package func flush() throws(StorageError) {
    try requireReady()
    let batch = staged
    staged = nil
    do throws(StorageError) {
      try finishBuilding()
      guard var batch, batch.events.count > 0 else { return }
      if batch.events.count >= options.sealAtCloseEventCount {
        _ = try build(batch)
        try finishBuilding()
      } else {
        batch.events.finish(salts: freshSalts(through: batch.stamps.next - 1))
        try commit(&batch.events)
        clock = batch.stamps.clock
      }
    } catch {
      try dropStaged(error)
    }
  }

  /// Forgets what was staged, since its positions never came to be.
  private func dropStaged(_ error: StorageError) throws(StorageError) -> Never {
    staged = nil
    building = nil
    keyIndex = nil
    throw error
  }

  /// A batch on its way into a segment while the next one is gathered.
  struct StagedBuild {
    let batch: PendingBatch
    let clock: HybridClock
    let build: SegmentBuild
    /// Where it is being built, if anywhere yet.
    var background: BackgroundWork<SegmentBuild.Product>?
  }

  /// Begins to turn a batch into a segment, behind an empty write-ahead log, and returns the batch
  /// that follows it.
  private func build(_ batch: OwnBatch) throws(StorageError) -> OwnBatch {
    var batch = batch
    try finishBuilding()
    try seal()
    batch.events.finish(salts: freshSalts(through: batch.stamps.next - 1))
    // Ahead of the events that need them: these salts are in no write-ahead log.
    var salts = salts
    for window in batch.events.salts { salts.add(window) }
    try salts.save(
      to: files, book: identity.book, through: highWaterMark.rawValue, fileSystem,
      erasingOld: isRemoving)
    self.salts = salts
    let build = SegmentBuild(
      header: SegmentHeader(
        book: identity.book, number: takeSegmentNumber(), firstPosition: batch.events.firstPosition),
      content: .records(batch.events.columns, batch.events.frameBytes), trees: frontiers,
      salts: salts, files: files, fileSystem: fileSystem)
    building = StagedBuild(batch: batch.events, clock: batch.stamps.clock, build: build)
    switch options.sealSchedule {
    case .atOnce: try finishBuilding()
    case .late: break
    case .inBackground:
      building?.background = BackgroundWork(.soon, keeping: lock) {
        () throws(StorageError) in try build.run()
      }
    }
    // The first of two; from then on each batch is gathered in the room of the one before the last.
    if frameRoom.capacity < batch.events.payloadByteCount {
      frameRoom = ByteWriter(capacity: batch.events.payloadByteCount + (1 << 20))
    }
    return OwnBatch(startBatch(at: batch.events.nextPosition), stamps: batch.stamps)
  }

  /// Waits for the segment of a staged batch, or builds it here, and makes it visible.
  private func finishBuilding() throws(StorageError) {
    guard let building else { return }
    let product =
      if let begun = building.background { try begun.wait() } else { try building.build.run() }
    var batch = building.batch
    let number = manifest.writeAheadNumber + 1
    let fresh = try startWriteAhead(
      number: number, origin: identity.origin, basePosition: batch.nextPosition)
    let segment = try adopt(product, writeAheadNumber: number, basePosition: batch.nextPosition)
    self.building = nil
    clock = building.clock
    publish(batch)
    keepRoom(batch.takeFrame())
    writeAhead = fresh
    reader.tail = LogTail(
      file: fresh.file, basePosition: batch.nextPosition,
      name: "log/" + StoreFiles.writeAheadName(number))
    finishAdopting(segment, product)
  }
}
