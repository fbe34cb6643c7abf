internal import DurableFiles
package import EventModel
internal import HybridTime
internal import SegmentFormat

extension EventLog {
  /// Adds events of other replicas and returns once they are durable.
  ///
  /// Idempotent: an event whose dot is held already is left alone. Events that share an idempotency
  /// key are all kept; ``LogSnapshot/keyGroup(containing:)`` finds them. A crash may leave the
  /// first part of a large batch, which a repeat completes.
  ///
  /// - Parameters:
  ///   - events: Events whose records were checked when they came in.
  ///   - newSalts: The salts that proved these events; what is here already stays, and nothing is
  ///     taken that belongs to other events.
  ///   - newHeads: Verified heads that prove the events; stored in the same step as these.
  ///   - wallMilliseconds: The wall clock, in milliseconds since 1970.
  /// - Returns: How many were new.
  /// - Throws: ``StorageError``; see ``append(_:wallMilliseconds:)``.
  /// - Complexity: O(encoded bytes), one write and one `fdatasync` for each 8 MiB begun.
  package func apply(
    _ events: [Event], salts newSalts: [WindowSalts], heads newHeads: [OriginHead] = [],
    wallMilliseconds: Int64
  ) throws(StorageError) -> ApplyOutcome {
    try prepareToWrite()
    try tendSegments()
    if isCopied(events, newHeads) { try drawIncarnation() }
    for event in events { try checkDot(event.dot) }
    let salts = try missingSalts(for: events, among: newSalts)
    var clock = clock
    for event in events { clock.observe(event.recorded, wallMilliseconds: wallMilliseconds) }
    let received = clock.issue(wallMilliseconds: wallMilliseconds)
    let start = highWaterMark.next.rawValue
    var outcome = ApplyOutcome()
    do throws(StorageError) {
      var batch = startBatch(received: received)
      var pending: Set<Dot> = []
      for (index, event) in events.enumerated() {
        guard !held.contains(event.dot), pending.insert(event.dot).inserted else {
          outcome.alreadyHeld += 1
          continue
        }
        try add(event, to: &batch, index: index)
        outcome.applied += 1
        // Events become durable together with the heads that prove them.
        guard newHeads.isEmpty, batch.payloadByteCount >= Self.applyFrameBytes else { continue }
        batch.finish(salts: batch.firstPosition == start ? salts : [])
        try commit(&batch)
        pending.removeAll()
        batch = startBatch(received: received)
      }
      batch.finish(salts: batch.firstPosition == start ? salts : [], heads: newHeads)
      try commit(&batch)
    } catch {
      // It may list positions that never came to be.
      keyIndex = nil
      throw error
    }
    if outcome.applied > 0 {
      self.clock = clock
    } else {
      for head in newHeads { heads.add(head) }
      try saveHeads()
    }
    return outcome
  }

  /// The windows that `offered` opens or completes here for `events`, ascending.
  private func missingSalts(
    for events: [Event], among offered: [WindowSalts]
  ) throws(StorageError) -> [WindowSalts] {
    var wanting: [SaltTable.Place: [Event]] = [:]
    for event in events where !held.contains(event.dot) && !salts.contains(event.dot) {
      wanting[SaltTable.Place(of: event.dot), default: []].append(event)
    }
    var missing: [WindowSalts] = []
    let ascending = wanting.sorted {
      ($0.key.origin, $0.key.window) < ($1.key.origin, $1.key.window)
    }
    for (place, events) in ascending {
      let found = offered.first { $0.origin == place.origin && $0.window == place.window }
      guard let found else {
        if salts.contains(place.window, of: place.origin) { continue }
        throw .missingSalts(events[0].dot)
      }
      if let window = salts.joining(events, found, held: held[place.origin]) {
        missing.append(window)
      }
    }
    return missing
  }

  /// A frame of events from elsewhere ends once its payload reaches this size.
  private static let applyFrameBytes = 8 << 20

  /// Whether the device signed events that are not here: another copy of this store wrote them.
  private func isCopied(_ events: [Event], _ newHeads: [OriginHead]) -> Bool {
    newHeads.contains { $0.origin == identity.origin }
      && events.contains { $0.dot.origin == identity.origin && !held.contains($0.dot) }
  }

  private func checkDot(_ dot: Dot) throws(StorageError) {
    guard dot.sequence <= EventLimits.sequenceMax else { throw .implausibleSequence(dot) }
    guard dot.origin != identity.origin || held.contains(dot) else {
      throw .unknownOwnEvent(dot)
    }
  }

  private func add(
    _ event: Event, to batch: inout PendingBatch, index: Int
  ) throws(StorageError) {
    eventKeys.read(event.sections, of: event.type)
    let key = eventKeys.idempotencyKey
    let repetition = try findRepetition(of: event.draft, key: key, in: batch)
    if key != 0, repetition == nil { keyIndex?.insert(key, batch.nextPosition) }
    let byteCount = batch.add(event, eventKeys, repetition: repetition) + event.erasureByteCount
    try checkSize(byteCount, batch, index: index)
  }
}
