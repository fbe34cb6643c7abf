internal import BookRules
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
  case counts
  /// The event counts in place of an earlier one under its idempotency key.
  case replaces(Event)
  /// Another event under its idempotency key counts.
  case loses
}

extension EventSource {
  /// Whether the event at `position` counts within the events that `filter` admits: it records an
  /// interaction and wins its idempotency key among them.
  package func counts(
    _ event: Event, at position: UInt64, within filter: EventFilter
  ) throws -> Bool {
    guard position <= filter.lastPosition, filter.admits(event), !event.type.isControl else {
      return false
    }
    guard let group = try keyGroup(containing: position) else { return true }
    let own = WinnerKey(event)
    for other in group where other != position && other <= filter.lastPosition {
      guard let rival = try self.event(at: other), filter.admits(rival), !rival.type.isControl
      else { continue }
      if WinnerKey(rival) < own { return false }
    }
    return true
  }

  /// What the event at `position` changes for a fold that has taken in all positions before it.
  func change(by event: Event, at position: UInt64) throws -> CountingChange {
    guard let group = try keyGroup(containing: position), group.first != position else {
      return .counts
    }
    var winner: Event?
    for other in group where other < position {
      guard let rival = try self.event(at: other), !rival.type.isControl else { continue }
      if let best = winner, WinnerKey(best) < WinnerKey(rival) { continue }
      winner = rival
    }
    guard let winner else { return .counts }
    return WinnerKey(event) < WinnerKey(winner) ? .replaces(winner) : .loses
  }
}
