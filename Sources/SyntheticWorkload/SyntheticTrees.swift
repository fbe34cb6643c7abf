package import EventModel
package import HybridTime
package import MerkleProofs

/// The trees and heads of replicas in memory, whose events come from synthetic origins.
///
/// Where no head was taken over that covers what is held, the origin signs what is held: whoever has
/// events of its own making is a device, or a copy of one.
package struct SyntheticTrees: Sendable {
  private let book: BookID
  private var ids: [OriginID: [Digest256]] = [:]
  private var known: [OriginID: OriginHead] = [:]

  /// No trees yet.
  package init(book: BookID) { self.book = book }

  /// Adds an event if it is the next of its origin.
  package mutating func insert(_ event: Event) {
    guard event.dot.sequence == UInt64(ids[event.dot.origin, default: []].count) + 1,
      let id = event.id(book: book, salts: .synthetic(of: event.dot))
    else { return }
    ids[event.dot.origin, default: []].append(id)
  }

  /// Takes over a head that came with events.
  package mutating func insert(_ head: OriginHead) { known[head.origin] = head }

  /// The tree of an origin's events.
  package func tree(of origin: OriginID) -> MerkleFrontier {
    var tree = MerkleFrontier()
    for id in ids[origin] ?? [] { tree.append(id) }
    return tree
  }

  /// The head taken over, or else one that the origin signs now; none without events.
  package func head(of origin: OriginID) -> SignedHead? {
    let tree = tree(of: origin)
    if let head = known[origin], head.size >= tree.size { return head.head }
    return tree.size > 0 ? OriginHead.synthetic(tree, of: origin, in: book).head : nil
  }

  /// The hash of a subtree of events held, or of a part of the rest that came with the head.
  package func hash(of subtree: AlignedSubtree, of origin: OriginID) -> Digest256? {
    let ids = ids[origin] ?? []
    let end = UInt64(ids.count)
    var parts: [HashedSubtree] = []
    for index in subtree.leaves.prefix(while: { $0 < end }) {
      parts.append(HashedSubtree(AlignedSubtree(leaf: index), hash: ids[Int(index)]))
    }
    parts += (known[origin]?.subtrees ?? []).filter { part in
      let leaves = part.subtree.leaves
      return leaves.lowerBound >= max(end, subtree.leaves.lowerBound)
        && leaves.upperBound <= subtree.leaves.upperBound
    }
    return MerkleTree.hash(of: subtree, parts: parts)
  }
}
