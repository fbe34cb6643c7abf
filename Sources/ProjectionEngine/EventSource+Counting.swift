package import BookRules
package import EventModel
internal import HybridTime

/// Which events of a log a question may look at.
package struct EventFilter: Hashable, Sendable {
  /// Only positions up to this one.
  package var lastPosition: UInt64
  /// Only events recorded by their origins' clocks at or before this time, in milliseconds since
  /// 1970.
  package var recordedUntilMilliseconds: Int64?

  /// Everything up to `lastPosition` that was recorded by then.
  package init(through lastPosition: UInt64, recordedUntilMilliseconds: Int64? = nil) {
    self.lastPosition = lastPosition
    self.recordedUntilMilliseconds = recordedUntilMilliseconds
  }

  func admits(_ event: Event) -> Bool {
    recordedUntilMilliseconds.map { event.recorded.milliseconds <= $0 } ?? true
  }
}

/// What the arrival of an event changes among the events that count.
enum CountingChange {
  /// The event counts and nothing else changes.
  case counts(EffectiveEvent)
  /// The event counts in place of an earlier one under its idempotency key.
  case replaces(EffectiveEvent, by: EffectiveEvent)
  /// The event does not count, or another one under its idempotency key does.
  case loses
}

extension EventSource {
  /// What folds see of the event at `position` if it counts within the events that `filter` admits:
  /// it records an interaction, has the role it needs, is not retracted, and wins its idempotency key
  /// among them.
  package func counting(
    _ event: Event, at position: UInt64, within filter: EventFilter
  ) throws -> EffectiveEvent? {
    guard position <= filter.lastPosition, filter.admits(event),
      let effective = try effective(event, at: position)
    else { return nil }
    guard let group = try keyGroup(containing: position) else { return effective }
    let own = WinnerKey(event)
    for other in group where other != position && other <= filter.lastPosition {
      guard let rival = try self.event(at: other), filter.admits(rival), WinnerKey(rival) < own,
        try self.effective(rival, at: other) != nil
      else { continue }
      return nil
    }
    return effective
  }

  /// What the event at `position` changes for a fold that has taken in all positions before it.
  func change(by event: Event, at position: UInt64) throws -> CountingChange {
    guard let effective = try effective(event, at: position) else { return .loses }
    guard let group = try keyGroup(containing: position), group.first != position else {
      return .counts(effective)
    }
    var winner: (key: WinnerKey, event: EffectiveEvent)?
    for other in group where other < position {
      guard let rival = try self.event(at: other) else { continue }
      let key = WinnerKey(rival)
      if let winner, winner.key < key { continue }
      if let rival = try self.effective(rival, at: other) { winner = (key, rival) }
    }
    guard let winner else { return .counts(effective) }
    return WinnerKey(event) < winner.key ? .replaces(winner.event, by: effective) : .loses
  }
}
