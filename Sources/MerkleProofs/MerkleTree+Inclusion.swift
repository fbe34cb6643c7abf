/// That a leaf is in a tree.
extension MerkleTree {
  /// The proof that leaf `index` is in the tree of `size` leaves.
  ///
  /// - Parameters:
  ///   - index: Below `size`.
  ///   - size: At most 2⁶².
  ///   - node: Gives the hash of an aligned subtree of the first `size` leaves.
  /// - Returns: At most 62 hashes, from the leaf's sibling to the child of the root.
  /// - Throws: What `node` throws.
  public static func inclusionProof<Fault: Error>(
    of index: UInt64, size: UInt64, node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) -> [Digest256] {
    precondition(index < size && size <= MerkleFrontier.sizeMax, "a leaf of the tree")
    var around = 0..<size
    var siblings: [Range<UInt64>] = []
    while around.count > 1 {
      let middle = around.lowerBound + split(UInt64(around.count))
      let (left, right) = (around.lowerBound..<middle, middle..<around.upperBound)
      siblings.append(index < middle ? right : left)
      around = index < middle ? left : right
    }
    var proof: [Digest256] = []
    for sibling in siblings.reversed() { proof.append(try hash(of: sibling, node: node)) }
    return proof
  }

  /// Whether `proof` shows that the leaf with hash `leaf` is at `index` of the tree with `head`.
  ///
  /// - Parameters:
  ///   - leaf: A leaf hash.
  ///   - index: From 0.
  ///   - head: Size and root of the tree.
  ///   - proof: What ``inclusionProof(of:size:node:)`` made.
  /// - Returns: False for any proof but the one. Never traps.
  ///
  /// Source: RFC 9162 §2.1.3.2.
  public static func isIncluded(
    _ leaf: Digest256, at index: UInt64, in head: TreeHead, proof: [Digest256]
  ) -> Bool {
    guard index < head.size else { return false }
    var (first, last) = (index, head.size - 1)
    var hash = leaf
    for sibling in proof {
      guard last != 0 else { return false }
      if first & 1 == 1 || first == last {
        hash = MerkleFrontier.nodeHash(sibling, hash)
        while first & 1 == 0, first != 0 { (first, last) = (first >> 1, last >> 1) }
      } else {
        hash = MerkleFrontier.nodeHash(hash, sibling)
      }
      (first, last) = (first >> 1, last >> 1)
    }
    return last == 0 && hash == head.root
  }
}
