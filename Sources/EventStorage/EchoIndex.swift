internal import SegmentFormat
internal import Synchronization

/// The groups of events that share an idempotency key; most events are in none.
///
/// Grows with the log and is shared by its snapshots, each of which looks no further than its own
/// high-water mark. Some 100 bytes for each event that repeats a key.
///
/// Invariants: a group's members ascend by position; the first one's position names the group.
///
/// A class because the writer and all readers share it; a mutex guards it.
final class EchoIndex: Sendable {
  /// An event of a group.
  struct Member: Sendable {
    let position: UInt64
    let contentClass: Int
    /// CRC32C of its source content; unknown for the first member.
    let contentChecksum: UInt32?
    /// Whether it was the first of its content class.
    let isFirstOfClass: Bool
  }

  private struct Groups {
    var members: [UInt64: [Member]] = [:]
    var rootOf: [UInt64: UInt64] = [:]
  }

  private let groups = Mutex(Groups())

  /// Adds an event that repeats an earlier one's key; events come in position order.
  func add(_ position: UInt64, _ echo: Echo) {
    groups.withLock { groups in
      let earlier = position - echo.distance
      let root = groups.rootOf[earlier] ?? earlier
      let first = Member(
        position: root, contentClass: 0, contentChecksum: nil, isFirstOfClass: true)
      var members = groups.members[root] ?? [first]
      let sameClass = members.first { $0.position == earlier }?.contentClass ?? 0
      let newClass = (members.map(\.contentClass).max() ?? 0) + 1
      members.append(
        Member(
          position: position, contentClass: echo.isSameContent ? sameClass : newClass,
          contentChecksum: echo.contentChecksum, isFirstOfClass: !echo.isSameContent))
      groups.members[root] = members
      groups.rootOf[position] = root
    }
  }

  /// Whether other events repeat the key of the event at a position.
  func isFirst(_ position: UInt64) -> Bool {
    groups.withLock { $0.members[position] != nil }
  }

  /// The position of the first event of the group of an event that repeats an earlier one's key.
  func first(of position: UInt64) -> UInt64 {
    groups.withLock { $0.rootOf[position] ?? position }
  }

  /// The group that an event belongs to, in position order; empty if it shares its key with none.
  func members(with position: UInt64) -> [Member] {
    groups.withLock { groups in
      groups.members[groups.rootOf[position] ?? position] ?? []
    }
  }
}
