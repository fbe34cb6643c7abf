import EventModel
import HybridTime
import ProjectionEngine

/// A log in an array, for tests.
struct ArraySource: EventSource {
  let events: [Event]
  private let groups: [IdempotencyKey: [UInt64]]
  private let named: [[UInt8]: [UInt64]]

  init(_ events: [Event]) {
    self.events = events
    var groups: [IdempotencyKey: [UInt64]] = [:]
    var named: [[UInt8]: [UInt64]] = [:]
    for (index, event) in events.enumerated() {
      for key in Set(event.persons.flatMap(\.identifiers).map(\.name)) {
        named[key, default: []].append(UInt64(index) + 1)
      }
    }
    self.named = named
    for (index, event) in events.enumerated() {
      if let key = event.idempotencyKey { groups[key, default: []].append(UInt64(index) + 1) }
    }
    self.groups = groups
  }

  var highWaterMark: UInt64 { UInt64(events.count) }

  func event(at position: UInt64) -> Event? {
    (1...highWaterMark).contains(position) ? events[Int(position) - 1] : nil
  }

  func forEachEvent(
    from first: UInt64, through last: UInt64, _ body: (UInt64, Event) throws -> Bool
  ) throws {
    var position = first
    while position <= min(last, highWaterMark) {
      guard try body(position, events[Int(position) - 1]) else { return }
      position += 1
    }
  }

  func positions(naming name: [UInt8]) -> [UInt64] { named[name] ?? [] }

  func keyGroup(of dot: Dot, at position: UInt64) -> [UInt64]? {
    guard let key = event(at: position)?.idempotencyKey, let group = groups[key], group.count > 1
    else { return nil }
    return group
  }
}
