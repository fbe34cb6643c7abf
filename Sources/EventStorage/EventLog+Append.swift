internal import BinaryCoding
internal import DurableFiles
package import EventModel
internal import HybridTime
internal import MerkleProofs
internal import SegmentFormat

extension EventLog {
  /// Appends own events as one batch and returns once they are durable.
  ///
  /// All or nothing: after a crash a reader sees every event of the batch or none. A draft whose
  /// idempotency key is in the log, or earlier in the batch, with the same source content appends
  /// nothing, however long ago that was; with other content it is appended as a conflict. Drafts
  /// without a key are always appended.
  ///
  /// - Parameters:
  ///   - drafts: Events in causal order, 64 MiB encoded together and 1 MiB each at most.
  ///   - wallMilliseconds: The wall clock, in milliseconds since 1970.
  /// - Returns: One outcome for each draft, in the order given.
  /// - Throws: ``StorageError``. After a full disk the batch did not happen and the log goes on;
  ///   after another fault of the disk it is poisoned, and the batch may be there when it is opened
  ///   again: append it once more, its keys keep it from doubling.
  /// - Complexity: O(encoded bytes), one write and one `fdatasync`; the first call with a key loads
  ///   the key index, O(events).
  package func append(
    _ drafts: [EventDraft], wallMilliseconds: Int64
  ) throws(StorageError) -> [AppendOutcome] {
    try prepareToWrite()
    try tendSegments()
    var batch = OwnBatch(startBatch(), stamps: nextStamps)
    do throws(StorageError) {
      let outcomes = try add(drafts, to: &batch, wallMilliseconds: wallMilliseconds)
      batch.events.finish(salts: freshSalts(through: batch.stamps.next - 1))
      try commit(&batch.events)
      clock = batch.stamps.clock
      return outcomes
    } catch {
      // It may list positions that never came to be.
      keyIndex = nil
      throw error
    }
  }

  /// Own events on their way into the log.
  struct OwnBatch {
    var events: PendingBatch
    var stamps: Stamps

    init(_ events: PendingBatch, stamps: Stamps) {
      self.events = events
      self.stamps = stamps
    }
  }

  /// Sequence and time of own events to come, kept apart until these are durable.
  struct Stamps {
    var next: UInt64
    var clock: HybridClock
  }

  var nextStamps: Stamps { Stamps(next: held[identity.origin].highest + 1, clock: clock) }

  func add(
    _ drafts: [EventDraft], to batch: inout OwnBatch, wallMilliseconds: Int64
  ) throws(StorageError) -> [AppendOutcome] {
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(drafts.count)
    for (index, draft) in drafts.enumerated() {
      outcomes.append(
        try add(
          draft, to: &batch.events, stamp: &batch.stamps, index: index,
          wallMilliseconds: wallMilliseconds))
    }
    return outcomes
  }

  /// New salts for the windows that own events reach, up to a sequence.
  func freshSalts(through last: UInt64) -> [WindowSalts] {
    let first = held[identity.origin].highest + 1
    guard first <= last else { return [] }
    return WindowSalts.windows(of: IntervalSet.Run(first: first, last: last))
      .filter { !salts.contains($0, of: identity.origin) }
      .map { WindowSalts(origin: identity.origin, window: $0, tree: SaltTree(seed: makeSeed())) }
  }

  private func add(
    _ draft: EventDraft, to batch: inout PendingBatch, stamp: inout Stamps, index: Int,
    wallMilliseconds: Int64
  ) throws(StorageError) -> AppendOutcome {
    guard (2...EventLimits.sectionCountMax).contains(draft.sections.count) else {
      throw .malformedEvent(index: index)
    }
    eventKeys.read(draft.sections, of: draft.type)
    let key = eventKeys.idempotencyKey
    let repetition = try findRepetition(of: draft, key: key, in: batch)
    if let known = repetition?.same {
      return .duplicate(of: LogPosition(rawValue: known), try event(at: known, or: batch).dot)
    }
    let dot = Dot(origin: identity.origin, sequence: stamp.next)
    let recorded = stamp.clock.issue(wallMilliseconds: wallMilliseconds)
    let event = Event(dot: dot, recorded: recorded, draft: draft)
    let position = batch.nextPosition
    let byteCount = batch.add(event, eventKeys, repetition: repetition) + event.erasureByteCount
    try checkSize(byteCount, batch, index: index)
    stamp.next += 1
    guard let conflict = repetition else {
      if key != 0 { keyIndex?.insert(key, position) }
      return .appended(dot, LogPosition(rawValue: position))
    }
    return .conflict(
      dot, LogPosition(rawValue: position), with: LogPosition(rawValue: conflict.root))
  }

  func checkSize(
    _ recordByteCount: Int, _ batch: PendingBatch, index: Int
  ) throws(StorageError) {
    guard recordByteCount <= EventLimits.eventByteCountMax else {
      throw .eventTooLarge(
        index: index, byteCount: recordByteCount, max: EventLimits.eventByteCountMax)
    }
    guard batch.payloadByteCount <= FrameHeader.payloadBytesMax else {
      throw .batchTooLarge(byteCount: batch.payloadByteCount, max: FrameHeader.payloadBytesMax)
    }
  }

  /// What must be so before anything is written: an open log, a tail with room, a key index.
  func prepareToWrite() throws(StorageError) {
    try flush()
    try sealIfDue()
    if keyIndex == nil { keyIndex = try KeyIndex(of: reader, groups: echoes, book: identity.book) }
  }

  /// The batch to come, in the memory of the last one: memory that the system has to find and clear
  /// for each batch costs more than the copies into it.
  func startBatch(received: HybridTimestamp? = nil, at position: UInt64? = nil) -> PendingBatch {
    let room = frameRoom
    frameRoom = ByteWriter()
    return PendingBatch(
      firstPosition: position ?? highWaterMark.next.rawValue, received: received, room: room)
  }

  /// Makes a batch durable, then visible.
  func commit(_ batch: inout PendingBatch) throws(StorageError) {
    guard batch.count > 0 else { return }
    let header = batch.frameHeader
    var frame = batch.takeFrame()
    let start = writeAhead.end
    do throws(WriteAheadLog.AppendFault) {
      try writeAhead.append(header, &frame)
    } catch {
      switch error {
      case .undone(let fault): throw .disk(fault)
      case .uncertain(let fault):
        state = .poisoned
        throw .disk(fault)
      }
    }
    keepRoom(frame)
    reader.tail.update { $0.append(batch.columns, at: start) }
    publish(batch)
    checkInvariants()
  }

  /// Keeps the memory of a frame for the next one, unless it was a giant.
  func keepRoom(_ frame: ByteWriter) {
    if frame.count <= Self.frameRoomByteCountMax { frameRoom = frame }
  }

  private static let frameRoomByteCountMax = 40 << 20

  /// Makes durable events visible.
  func publish(_ batch: PendingBatch) {
    for row in batch.columns.echoes {
      echoes.add(batch.firstPosition + UInt64(row.row), row.echo)
    }
    statistics.count(batch.statistics)
    for run in batch.columns.runs {
      let last = run.firstSequence + UInt64(run.rowCount) - 1
      held.insert(IntervalSet.Run(first: run.firstSequence, last: last), of: run.origin)
    }
    for window in batch.salts { salts.add(window) }
    for head in batch.heads { heads.add(head) }
    highWaterMark = LogPosition(rawValue: batch.nextPosition - 1)
  }
}
