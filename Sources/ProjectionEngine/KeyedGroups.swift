internal import HybridTime
internal import Synchronization

/// The interactions that are known by one key.
struct KeyedGroup: Sendable {
  /// One of them.
  struct Member: Sendable {
    let dot: Dot
    let position: UInt64
    /// The number of its content among those of the group; nothing where sections are taken away, so
    /// that it cannot be told.
    let content: Int?
  }

  /// In position order.
  let members: [Member]
  private let contents: [UInt64: Int]

  init(_ members: [Member]) {
    self.members = members
    let whole = members.compactMap { member in member.content.map { (member.position, $0) } }
    contents = Dictionary(whole, uniquingKeysWith: { first, _ in first })
  }

  /// The number of the content of the member at a position.
  func content(at position: UInt64) -> Int? { contents[position] }
}

/// The groups that were looked at, by position of each member: so n events under one key cost one look.
///
/// A class because a view of the log is a value that many questions share; a mutex guards it.
final class KeyedGroups: Sendable {
  private let known = Mutex<(places: [UInt64: Int], groups: [KeyedGroup])>(([:], []))

  /// Small groups are found again as fast as here, and most are small.
  private static let memberCountMin = 8

  func group(of position: UInt64) -> KeyedGroup? {
    known.withLock { known in known.places[position].map { known.groups[$0] } }
  }

  func add(_ group: KeyedGroup) {
    guard group.members.count >= Self.memberCountMin else { return }
    known.withLock { known in
      for member in group.members { known.places[member.position] = known.groups.count }
      known.groups.append(group)
    }
  }
}
