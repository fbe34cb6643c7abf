internal import BookRules
internal import HybridTime
internal import MerkleProofs
internal import Synchronization

/// The interactions that are known by one key.
struct KeyedGroup: Sendable {
  /// What tells contents apart.
  enum Content: Hashable, Sendable {
    /// The number that the log gave it among those of the key.
    case stored(Int)
    /// What is left of it, where sections are taken away or the log does not tell.
    case left(Digest256, taken: SectionSet)
  }

  /// One of them.
  struct Member: Sendable {
    let dot: Dot
    let position: UInt64
    let content: Content?
  }

  /// In position order.
  let members: [Member]
  private let contents: [UInt64: Content]

  init(_ members: [Member]) {
    self.members = members
    let known = members.compactMap { member in member.content.map { (member.position, $0) } }
    contents = Dictionary(known, uniquingKeysWith: { first, _ in first })
  }

  /// The content of the member at a position.
  func content(at position: UInt64) -> Content? { contents[position] }
}

/// The groups that were looked at, by position of each member: so n events under one key cost one look.
///
/// A class because a view of the log is a value that many questions share; a mutex guards it.
final class KeyedGroups: Sendable {
  /// A group, and of each content who was recorded first.
  private struct Known {
    let group: KeyedGroup
    var firsts: [KeyedGroup.Content: WinnerKey] = [:]
  }

  private let known = Mutex<(places: [UInt64: Int], groups: [Known])>(([:], []))

  /// Small groups are found again as fast as here, and most are small.
  private static let memberCountMin = 8

  func group(of position: UInt64) -> KeyedGroup? {
    known.withLock { known in known.places[position].map { known.groups[$0].group } }
  }

  func add(_ group: KeyedGroup) {
    guard group.members.count >= Self.memberCountMin else { return }
    known.withLock { known in
      for member in group.members { known.places[member.position] = known.groups.count }
      known.groups.append(Known(group: group))
    }
  }

  /// Who was recorded first with a content, if that was asked before.
  func first(of position: UInt64, content: KeyedGroup.Content) -> WinnerKey? {
    known.withLock { known in known.places[position].flatMap { known.groups[$0].firsts[content] } }
  }

  func add(_ first: WinnerKey, of position: UInt64, content: KeyedGroup.Content) {
    known.withLock { known in
      if let place = known.places[position] { known.groups[place].firsts[content] = first }
    }
  }
}
