internal import BookRules
internal import EventModel
internal import HybridTime

/// Which events win their idempotency keys among those that a filter admits.
///
/// The winner of a group is looked for once, so that n events under one key cost n looks, not n².
package struct KeyWinners {
  /// Which events may win.
  let filter: EventFilter
  /// The winner's position by that of each event of its group; 0 where none counts.
  private var winners: [UInt64: UInt64] = [:]

  /// Nothing looked at yet.
  package init(within filter: EventFilter) { self.filter = filter }

  /// The position of the event that counts under the key of the event of this name at `position`; 0
  /// where none does. Nothing if no other event has the key.
  mutating func winner(
    of dot: Dot, at position: UInt64, in source: some EventSource
  ) throws -> UInt64? {
    if let known = winners[position] { return known }
    guard let group = try source.keyGroup(of: dot, at: position) else { return nil }
    let winner = try source.leader(of: group) { filter.admits($0, at: $1) }?.position ?? 0
    for member in group { winners[member] = winner }
    return winner
  }
}

/// Who leads under each idempotency key so far, in a fold that takes in positions in ascending order.
///
/// The events before the fold's first are looked at once for each key that more than one event has.
struct KeyContests {
  /// How an event stands among those before it.
  enum Standing {
    /// No event before it counts under its key.
    case first
    /// It wins against the event at `position`, which led before.
    case ahead(position: UInt64)
    /// An event before it wins.
    case behind
  }

  private var leaders: [KeyLeader?] = []
  /// The place in `leaders` by the position of each event whose key others have.
  private var places: [UInt64: Int] = [:]

  /// Takes in an event that counts but for its key.
  mutating func enter(
    _ key: WinnerKey, at position: UInt64, in source: some EventSource
  ) throws -> Standing {
    guard let place = try place(of: key.dot, at: position, in: source) else { return .first }
    let leader = leaders[place]
    if let leader, leader.key < key { return .behind }
    leaders[place] = KeyLeader(key: key, position: position)
    return leader.map { .ahead(position: $0.position) } ?? .first
  }

  private mutating func place(
    of dot: Dot, at position: UInt64, in source: some EventSource
  ) throws -> Int? {
    if let known = places[position] { return known }
    guard let group = try source.keyGroup(of: dot, at: position) else { return nil }
    leaders.append(try source.leader(of: group.filter { $0 < position }) { _, _ in true })
    for member in group where member >= position { places[member] = leaders.count - 1 }
    return leaders.count - 1
  }
}

/// The event that wins a key among some.
struct KeyLeader {
  let key: WinnerKey
  let position: UInt64
}

extension EventSource {
  /// The winner among events that share a key: the least of those that count.
  fileprivate func leader(
    of positions: [UInt64], where isAdmitted: (Event, UInt64) -> Bool
  ) throws -> KeyLeader? {
    var leader: KeyLeader?
    for position in positions {
      guard let event = try event(at: position), isAdmitted(event, position) else { continue }
      let key = WinnerKey(event)
      if let leader, leader.key < key { continue }
      if try effective(event, at: position) != nil {
        leader = KeyLeader(key: key, position: position)
      }
    }
    return leader
  }
}
