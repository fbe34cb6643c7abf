package import HybridTime

/// The first appearance of an identifier, which names its node for good: the least by (recorded,
/// origin, sequence), then the place within the event.
package struct NodeKey: Hashable, Comparable, Sendable {
  /// When the event was recorded by its origin.
  package let recorded: HybridTimestamp
  /// The event.
  package let dot: Dot
  /// The identifier's place among those of the event, from 1.
  package let place: Int

  /// An appearance from its parts.
  package init(recorded: HybridTimestamp, dot: Dot, place: Int) {
    self.recorded = recorded
    self.dot = dot
    self.place = place
  }

  /// The earlier appearance first.
  package static func < (left: NodeKey, right: NodeKey) -> Bool {
    if left.recorded != right.recorded { return left.recorded < right.recorded }
    return left.dot != right.dot ? left.dot < right.dot : left.place < right.place
  }
}

/// An identifier's claim to name its customer's profile: the better kind first, then the earlier
/// appearance.
package struct ProfileKey: Hashable, Comparable, Sendable {
  /// The rank of the identifier's kind.
  package let rank: Int
  /// Its node.
  package let node: NodeKey

  /// A claim from its parts.
  package init(rank: Int, node: NodeKey) {
    self.rank = rank
    self.node = node
  }

  /// The stronger claim first.
  package static func < (left: ProfileKey, right: ProfileKey) -> Bool {
    left.rank != right.rank ? left.rank < right.rank : left.node < right.node
  }
}

/// The id of an identifier's node, and of the profile whose best identifier it is: the event in which
/// the identifier first appeared and its place there.
package struct ProfileID: Hashable, Sendable, CustomStringConvertible {
  /// The event.
  package let dot: Dot
  /// The identifier's place among those of the event, from 1.
  package let place: Int

  /// The id of a node.
  package init(_ node: NodeKey) {
    dot = node.dot
    place = node.place
  }

  /// An id from its parts.
  package init(dot: Dot, place: Int) {
    self.dot = dot
    self.place = place
  }

  /// `ORIGIN/SEQUENCE#PLACE`.
  package var description: String { "\(dot)#\(place)" }

  /// The parts of an id as people write it.
  ///
  /// - Parameter text: `ORIGIN/SEQUENCE#PLACE`, the origin in full or abbreviated.
  /// - Returns: The parts, or nothing when the text is not of that form.
  package static func parse(_ text: String) -> (origin: String, sequence: UInt64, place: Int)? {
    let halves = text.split(separator: "#", omittingEmptySubsequences: false)
    guard halves.count == 2, let place = Int(halves[1]), place >= 1 else { return nil }
    let parts = halves[0].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let sequence = UInt64(parts[1]), sequence >= 1 else { return nil }
    return (String(parts[0]), sequence, place)
  }
}
