package import EventModel
internal import HybridTime
package import ProjectionEngine

/// A log in an array, for the tests of projections here and above.
package struct ArraySource: EventSource {
  package let events: [Event]
  private let groups: [IdempotencyKey: [UInt64]]
  private let named: [UInt64: [UInt64]]

  package init(_ events: [Event]) {
    self.events = events
    var groups: [IdempotencyKey: [UInt64]] = [:]
    var named: [UInt64: [UInt64]] = [:]
    for (index, event) in events.enumerated() {
      for key in Set(event.persons.flatMap(\.identifiers).map(\.indexKey)) {
        named[key, default: []].append(UInt64(index) + 1)
      }
    }
    self.named = named
    for (index, event) in events.enumerated() {
      if let key = event.idempotencyKey { groups[key, default: []].append(UInt64(index) + 1) }
    }
    self.groups = groups
  }

  package var highWaterMark: UInt64 { UInt64(events.count) }

  package func event(at position: UInt64) -> Event? {
    (1...highWaterMark).contains(position) ? events[Int(position) - 1] : nil
  }

  package func forEachEvent(
    from first: UInt64, through last: UInt64, _ body: (UInt64, Event) throws -> Bool
  ) throws {
    var position = first
    while position <= min(last, highWaterMark) {
      guard try body(position, events[Int(position) - 1]) else { return }
      position += 1
    }
  }

  package func positions(identifierKey: UInt64) -> [UInt64] { named[identifierKey] ?? [] }

  package func keyGroup(containing position: UInt64) -> [UInt64]? {
    guard let key = event(at: position)?.idempotencyKey, let group = groups[key], group.count > 1
    else { return nil }
    return group
  }
}
