/// Roots of trees of which some parts are known only by their hash.
extension MerkleTree {
  /// The root at `size` of a tree whose prefix, next run of leaves and rest are given: how a receiver
  /// checks a run against a signed head.
  ///
  /// - Parameters:
  ///   - size: The size of the head.
  ///   - prefix: The frontier of the leaves that the receiver holds.
  ///   - run: The hashes of the leaves that follow.
  ///   - rest: The hashes of the maximal aligned subtrees of all later leaves, ascending.
  /// - Returns: Nothing if run and rest do not lead to exactly `size`. Never traps.
  ///
  /// Source: `docs/format/proofs.md` §2.3.
  public static func root(
    size: UInt64, prefix: MerkleFrontier, run: [Digest256], rest: [Digest256]
  ) -> Digest256? {
    guard size <= MerkleFrontier.sizeMax, prefix.size <= size,
      UInt64(run.count) <= size - prefix.size
    else { return nil }
    var frontier = prefix
    for leaf in run { frontier.append(leaf) }
    let subtrees = AlignedSubtree.covering(frontier.size..<size)
    guard subtrees.count == rest.count else { return nil }
    for (subtree, hash) in zip(subtrees, rest) {
      guard frontier.append(subtree: hash, level: subtree.level) else { return nil }
    }
    return frontier.root
  }

  /// The root at `size` of a tree of which some subtrees are known only by their hash.
  ///
  /// - Parameters:
  ///   - size: At most 2⁶².
  ///   - missing: Subtrees within the first `size` leaves, ascending, without overlap.
  ///   - node: Gives the hash of any aligned subtree outside of these.
  /// - Returns: Nothing if `missing` is out of order, overlaps, or goes beyond `size`.
  /// - Throws: What `node` throws.
  ///
  /// Source: `docs/format/proofs.md` §2.4.
  public static func root<Fault: Error>(
    size: UInt64, missing: [HashedSubtree],
    node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) -> Digest256? {
    guard size <= MerkleFrontier.sizeMax else { return nil }
    var frontier = MerkleFrontier()
    for part in missing {
      let leaves = part.subtree.leaves
      guard frontier.size <= leaves.lowerBound, leaves.upperBound <= size else { return nil }
      try frontier.append(to: leaves.lowerBound, node: node)
      guard frontier.append(subtree: part.hash, level: part.subtree.level) else { return nil }
    }
    try frontier.append(to: size, node: node)
    return frontier.root
  }

  /// The hash of `subtree`, from the hashes of parts that cover it exactly: how a run that was cut
  /// inside a missing subtree is checked against the hash that is kept of it.
  ///
  /// - Parameters:
  ///   - subtree: The whole.
  ///   - parts: Leaves and subtrees of it, ascending, without gap or overlap.
  /// - Returns: Nothing if the parts do not cover it exactly. Never traps.
  public static func hash(of subtree: AlignedSubtree, parts: [HashedSubtree]) -> Digest256? {
    let whole = subtree.leaves
    var frontier = MerkleFrontier()
    for part in parts {
      let leaves = part.subtree.leaves
      // The whole is aligned, so what is aligned in the tree is aligned within it.
      guard leaves.lowerBound == whole.lowerBound + frontier.size,
        leaves.upperBound <= whole.upperBound,
        frontier.append(subtree: part.hash, level: part.subtree.level)
      else { return nil }
    }
    return frontier.size == UInt64(whole.count) ? frontier.root : nil
  }
}

extension MerkleFrontier {
  /// Adds the leaves from the present size to `end` by their maximal aligned subtrees.
  fileprivate mutating func append<Fault: Error>(
    to end: UInt64, node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) {
    for subtree in AlignedSubtree.covering(size..<end) {
      let isAppended = append(subtree: try node(subtree), level: subtree.level)
      assert(isAppended)
    }
  }
}
