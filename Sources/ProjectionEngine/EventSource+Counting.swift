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
  /// What folds see of the event at `position` if it counts within the events that a filter admits:
  /// it records an interaction, has the role it needs, is not retracted, and wins its idempotency key
  /// among them.
  ///
  /// - Parameters:
  ///   - event: The event, as stored.
  ///   - position: Where it lies.
  ///   - winners: Of the filter; kept by whoever asks for many events.
  /// - Returns: Nothing when it does not count, or another under its key does.
  /// - Throws: What the source throws.
  package func counting(
    _ event: Event, at position: UInt64, by winners: inout KeyWinners
  ) throws -> EffectiveEvent? {
    guard winners.filter.admits(event, at: position) else { return nil }
    if let winner = try winners.winner(of: event.dot, at: position, in: self), winner != position {
      return nil
    }
    return try effective(event, at: position)
  }

  /// What the event at `position` changes for a fold that has taken in all positions before it.
  func change(
    by event: Event, at position: UInt64, among contests: inout KeyContests
  ) throws -> CountingChange {
    guard let effective = try effective(event, at: position) else { return .loses }
    let earlier = try contests.enter(WinnerKey(event), at: position, in: self)
    switch earlier {
    case .first: return .counts(effective)
    case .behind: return .loses
    case .ahead(let position):
      guard let earlier = try self.event(at: position),
        let loser = try self.effective(earlier, at: position)
      else { throw ProjectionFault.missingEvent(position: position) }
      return .replaces(loser, by: effective)
    }
  }
}

extension EventFilter {
  func admits(_ event: Event, at position: UInt64) -> Bool {
    position <= lastPosition && admits(event)
  }
}
