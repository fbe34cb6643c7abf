internal import BookRules
internal import HybridTime
internal import Synchronization

/// The interactions that are known by one key.
struct KeyedGroup: Sendable {
  /// One of them.
  struct Member: Sendable {
    let dot: Dot
    let position: UInt64
    /// The number of its content among those of the group, where the log tells contents apart.
    let content: Int?
    /// Its sections that are listed or redacted.
    let erased: SectionSet
  }

  /// In position order.
  let members: [Member]
  private let places: [UInt64: Int]
  private let byContent: [Int: [Int]]
  private let partial: [Int]

  init(_ members: [Member]) {
    self.members = members
    places = Dictionary(
      members.enumerated().map { ($1.position, $0) }, uniquingKeysWith: { first, _ in first })
    partial = members.indices.filter { !members[$0].erased.isEmpty || members[$0].content == nil }
    byContent = Dictionary(
      grouping: members.indices.filter {
        members[$0].erased.isEmpty && members[$0].content != nil
      }, by: { members[$0].content ?? 0 })
  }

  /// Those that may say the same as the one at a position: of whole ones, only those of its content.
  func candidates(besides position: UInt64, isWhole: Bool) -> [Member] {
    var indexes = Array(members.indices)
    if isWhole, let place = places[position], let content = members[place].content {
      indexes = (byContent[content] ?? []) + partial
    }
    return indexes.map { members[$0] }.filter { $0.position != position }
  }
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
