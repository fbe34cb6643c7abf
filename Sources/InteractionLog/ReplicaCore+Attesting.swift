internal import BookRules
internal import EventModel
internal import EventStorage
internal import HybridTime

// Arrivals from clocks that run ahead, §7 of `docs/format/control-events.md`. A book without such events
// pays a comparison for each event that sync brings.

extension ReplicaCore {
  /// Says when events arrived that claim a place more than 5 minutes ahead of this replica's clock, so
  /// that all replicas bound them; unless somebody has said so, or this replica may not.
  ///
  /// Called before the events are stored: whatever fails in between, nobody holds them unbounded who
  /// could have bounded them.
  ///
  /// - Parameter events: What sync brought, proved.
  /// - Throws: ``ReplicaError``, `StorageError`.
  func attestArrivals(of events: [Event]) throws {
    let now = max(environment.wallMilliseconds(), log.lastOwnRecorded.milliseconds)
    let ahead = events.compactMap { aheadOfClock($0, nowMilliseconds: now) }
    guard !ahead.isEmpty, try ownRoles().contains(.attest) else { return }
    let state = try bookState()
    let known = events.compactMap { attestation($0, countingIn: state) }
      .filter { $0.arrivedMilliseconds <= latest(now) }
    var runs: [OriginID: IntervalSet.Run] = [:]
    for dot in ahead where !known.contains(where: { $0.covers(dot) }) {
      if let arrived = state.arrival(of: dot), arrived <= latest(now) { continue }
      let run = runs[dot.origin] ?? IntervalSet.Run(first: dot.sequence, last: dot.sequence)
      runs[dot.origin] = IntervalSet.Run(
        first: min(run.first, dot.sequence), last: max(run.last, dot.sequence))
    }
    try appendCaused(
      runs.sorted { $0.key < $1.key }.map { origin, run in
        .attesting(AttestedArrival(origin: origin, run: run, arrivedMilliseconds: now))
      })
  }

  /// The latest time that is not ahead of a clock.
  private func latest(_ nowMilliseconds: Int64) -> Int64 {
    nowMilliseconds + FoldKey.aheadMillisecondsMax
  }

  /// The event whose place a foreign event sets ahead of the clock.
  private func aheadOfClock(_ event: Event, nowMilliseconds: Int64) -> Dot? {
    guard event.dot.origin != identity.origin, let placement = event.placement,
      placement.occurredMilliseconds > latest(nowMilliseconds)
    else { return nil }
    return placement.dot
  }

  private func attestation(_ event: Event, countingIn state: BookState) -> AttestedArrival? {
    guard event.type.isControl, state.counts(event.dot, for: .attest),
      case .arrivalAttested(let arrival)? = try? ControlEvent(event)
    else { return nil }
    return arrival
  }
}

extension AttestedArrival {
  fileprivate func covers(_ dot: Dot) -> Bool {
    origin == dot.origin && run.first <= dot.sequence && dot.sequence <= run.last
  }
}
