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
    var stamps = Stamps(next: held[identity.origin].highest + 1, clock: clock)
    var batch = startBatch(received: nil)
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(drafts.count)
    do throws(StorageError) {
      for (index, draft) in drafts.enumerated() {
        let outcome = try add(
          draft, to: &batch, stamp: &stamps, index: index, wallMilliseconds: wallMilliseconds)
        outcomes.append(outcome)
      }
      batch.finish(salts: freshSalts(through: stamps.next - 1))
      try commit(&batch)
    } catch {
      // It may list positions that never came to be.
      keyIndex = nil
      throw error
    }
    clock = stamps.clock
    return outcomes
  }

  /// New salts for the windows that own events reach, up to a sequence.
  private func freshSalts(through last: UInt64) -> [WindowSalts] {
    let first = held[identity.origin].highest + 1
    guard first <= last else { return [] }
    return WindowSalts.windows(of: IntervalSet.Run(first: first, last: last))
      .filter { !salts.contains($0, of: identity.origin) }
      .map { WindowSalts(origin: identity.origin, window: $0, tree: SaltTree(seed: makeSeed())) }
  }

  /// Sequence and time of the events to come, kept apart until these are durable.
  private struct Stamps {
    var next: UInt64
    var clock: HybridClock
  }

  private func add(
    _ draft: EventDraft, to batch: inout PendingBatch, stamp: inout Stamps, index: Int,
    wallMilliseconds: Int64
  ) throws(StorageError) -> AppendOutcome {
    guard (2...EventLimits.sectionCountMax).contains(draft.sections.count) else {
      throw .malformedEvent(index: index)
    }
    let key = draft.keyColumnValue
    let repetition = try findRepetition(of: draft, key: key, in: batch)
    if let known = repetition?.same {
      return .duplicate(of: LogPosition(rawValue: known), try event(at: known, or: batch).dot)
    }
    let dot = Dot(origin: identity.origin, sequence: stamp.next)
    let recorded = stamp.clock.issue(wallMilliseconds: wallMilliseconds)
    let event = Event(dot: dot, recorded: recorded, draft: draft)
    let position = batch.nextPosition
    try checkSize(batch.add(event, key: key, repetition: repetition), batch, index: index)
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
    try requireReady()
    try sealIfDue()
    if keyIndex == nil { keyIndex = try loadKeyIndex() }
  }

  /// The batch to come, in the memory of the last one: memory the system has to find and clear for
  /// each batch costs more than the copies into it.
  func startBatch(received: HybridTimestamp?) -> PendingBatch {
    let room = frameRoom
    frameRoom = ByteWriter()
    return PendingBatch(
      firstPosition: highWaterMark.next.rawValue, received: received, room: room)
  }

  /// Makes a batch durable, then visible.
  func commit(_ batch: inout PendingBatch) throws(StorageError) {
    guard !batch.events.isEmpty else { return }
    let header = batch.frameHeader
    var frame = batch.takeFrame()
    let payloadStart: UInt64
    do throws(WriteAheadLog.AppendFault) {
      payloadStart = try writeAhead.append(header, &frame)
    } catch {
      switch error {
      case .undone(let fault): throw .disk(fault)
      case .uncertain(let fault):
        state = .poisoned
        throw .disk(fault)
      }
    }
    if frame.count <= Self.frameRoomByteCountMax { frameRoom = frame }
    publish(batch, payloadStart: payloadStart)
  }

  private static let frameRoomByteCountMax = 8 << 20

  private func publish(_ batch: PendingBatch, payloadStart: UInt64) {
    reader.tail.update { columns in
      let firstRow = columns.rowCount
      for (row, event) in batch.events.enumerated() {
        let record = batch.records[row]
        columns.add(
          event, key: batch.keys[row], at: payloadStart + UInt64(record.lowerBound),
          count: record.count)
      }
      for echo in batch.echoes {
        columns.echoes.append(EchoRow(row: firstRow + echo.row, echo: echo.echo))
      }
      if batch.isForeign {
        columns.received.append(
          ReceivedRun(
            firstRow: firstRow, rowCount: batch.events.count, time: batch.received))
      }
      columns.clock = batch.isForeign ? batch.received : batch.lastRecorded
    }
    var next = 0
    for (row, event) in batch.events.enumerated() {
      guard next < batch.echoes.count, batch.echoes[next].row == row else {
        statistics.count(event, nil)
        continue
      }
      echoes.add(batch.firstPosition + UInt64(row), batch.echoes[next].echo)
      statistics.count(event, batch.echoes[next].echo)
      next += 1
    }
    for run in batch.runs {
      let last = run.firstSequence + UInt64(run.rowCount) - 1
      held.insert(IntervalSet.Run(first: run.firstSequence, last: last), of: run.origin)
    }
    for window in batch.salts { salts.add(window) }
    for head in batch.heads { heads.add(head) }
    highWaterMark = LogPosition(rawValue: batch.nextPosition - 1)
    checkInvariants()
  }
}
