/// Roots and proofs of RFC 6962 trees whose nodes the caller can look up or compute.
///
/// Nothing here holds a tree. Functions that make something take a closure that gives the hash of an
/// aligned subtree: from tiles, from a cache, or from leaf hashes by ``hash(of:leaf:)``. They ask for
/// each node at most once, and for O(log size) nodes.
///
/// Sources: RFC 6962 §2.1; RFC 9162 §2.1; `docs/format/proofs.md` §2.
public enum MerkleTree {
  /// The hash of `subtree`, from the hashes of its leaves.
  ///
  /// - Parameters:
  ///   - subtree: Which leaves.
  ///   - leaf: Gives the leaf hash at an index; called once for each leaf, ascending.
  /// - Returns: The subtree's root.
  /// - Throws: What `leaf` throws.
  /// - Complexity: O(leaves).
  public static func hash<Fault: Error>(
    of subtree: AlignedSubtree, leaf: (UInt64) throws(Fault) -> Digest256
  ) throws(Fault) -> Digest256 {
    var frontier = MerkleFrontier()
    for index in subtree.leaves { frontier.append(try leaf(index)) }
    return frontier.root
  }

  /// The root of the tree of `leaves`.
  ///
  /// - Parameter leaves: Leaf hashes, as of a whole tree or of a tile.
  /// - Returns: The root; of no leaves, the digest of no bytes.
  public static func root(of leaves: [Digest256]) -> Digest256 {
    var frontier = MerkleFrontier()
    for leaf in leaves { frontier.append(leaf) }
    return frontier.root
  }

  /// The root of the first `size` leaves.
  ///
  /// - Parameters:
  ///   - size: At most 2⁶².
  ///   - node: Gives the hash of an aligned subtree within the first `size` leaves.
  /// - Returns: The root.
  /// - Throws: What `node` throws.
  public static func root<Fault: Error>(
    size: UInt64, node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) -> Digest256 {
    try hash(of: 0..<size, node: node)
  }

  /// The hashes of the maximal aligned subtrees of `leaves`: what a sender adds to a run, and what a
  /// replica keeps of a gap.
  ///
  /// - Parameters:
  ///   - leaves: Ends at or before 2⁶².
  ///   - node: Gives the hash of an aligned subtree of these leaves.
  /// - Returns: Fewer than 128 subtrees, ascending.
  /// - Throws: What `node` throws.
  public static func subtrees<Fault: Error>(
    covering leaves: Range<UInt64>, node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) -> [HashedSubtree] {
    var hashed: [HashedSubtree] = []
    for subtree in AlignedSubtree.covering(leaves) {
      hashed.append(HashedSubtree(subtree, hash: try node(subtree)))
    }
    return hashed
  }

  /// The hash of a range that is a node of some tree: it begins at 0, or at a multiple of the least
  /// power of two that is not below its count.
  static func hash<Fault: Error>(
    of leaves: Range<UInt64>, node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) -> Digest256 {
    let subtrees = AlignedSubtree.covering(leaves)
    guard let last = subtrees.last else { return Digest256.hash([]) }
    var hash = try node(last)
    for subtree in subtrees.dropLast().reversed() {
      hash = MerkleFrontier.nodeHash(try node(subtree), hash)
    }
    return hash
  }

  /// The largest power of two below `count`, which is at least 2.
  static func split(_ count: UInt64) -> UInt64 {
    assert(count >= 2)
    return 1 << UInt64(63 - (count - 1).leadingZeroBitCount)
  }
}
