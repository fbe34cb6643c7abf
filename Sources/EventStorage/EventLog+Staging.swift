internal import BinaryCoding
internal import DurableFiles
package import EventModel
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
  /// - Throws: ``StorageError``; nothing that was staged has happened then.
  /// - Complexity: O(encoded bytes); memory for one segment's records.
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
      staged = batch
      if isFull { try flush() }
      return outcomes
    } catch {
      keyIndex = nil
      throw error
    }
  }

  /// Half of what a frame holds, since a batch of drafts may add as much again.
  private static let stagedByteCountMax = FrameHeader.payloadBytesMax / 2

  /// Makes what was staged durable and visible: as a segment, or in the write-ahead log if it is
  /// little.
  ///
  /// - Throws: ``StorageError``; nothing that was staged has happened then, unless the log is
  ///   poisoned.
  package func flush() throws(StorageError) {
    try requireReady()
    guard var batch = staged else { return }
    staged = nil
    do throws(StorageError) {
      batch.events.finish(salts: freshSalts(through: batch.stamps.next - 1))
      if batch.events.count < options.sealAtCloseEventCount {
        try commit(&batch.events)
      } else {
        try seal()
        try sealDirectly(&batch.events)
      }
      clock = batch.stamps.clock
    } catch {
      keyIndex = nil
      throw error
    }
  }

  /// Turns a batch into a segment behind an empty write-ahead log.
  private func sealDirectly(_ batch: inout PendingBatch) throws(StorageError) {
    // Ahead of the events that need them: these salts are in no write-ahead log.
    var salts = salts
    for window in batch.salts { salts.add(window) }
    try salts.save(to: files, book: identity.book, fileSystem)
    self.salts = salts
    let frame = batch.takeFrame()
    let build = SegmentBuild(
      header: SegmentHeader(
        book: identity.book, number: nextSegmentNumber, firstPosition: batch.firstPosition),
      content: .records(batch.columns, frame.bytes), trees: frontiers, salts: salts,
      files: files, fileSystem: fileSystem)
    let product = try build.run()
    keepRoom(frame)
    let number = manifest.writeAheadNumber + 1
    let fresh = try startWriteAhead(
      number: number, origin: identity.origin, basePosition: batch.nextPosition)
    let segment = try adopt(product, writeAheadNumber: number, basePosition: batch.nextPosition)
    publish(batch)
    writeAhead = fresh
    reader.tail = LogTail(
      file: fresh.file, basePosition: batch.nextPosition,
      name: "log/" + StoreFiles.writeAheadName(number))
    finishAdopting(segment, product)
  }
}
