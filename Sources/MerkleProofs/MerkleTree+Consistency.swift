/// That a tree grew by appending.
extension MerkleTree {
  /// The proof that the tree of `size` leaves begins with the tree of `prefix` leaves.
  ///
  /// - Parameters:
  ///   - prefix: At most `size`.
  ///   - size: At most 2⁶².
  ///   - node: Gives the hash of an aligned subtree of the first `size` leaves.
  /// - Returns: At most 63 hashes; none if `prefix` is 0 or `size`.
  /// - Throws: What `node` throws.
  ///
  /// Source: RFC 6962 §2.1.2.
  public static func consistencyProof<Fault: Error>(
    from prefix: UInt64, to size: UInt64, node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) -> [Digest256] {
    precondition(prefix <= size && size <= MerkleFrontier.sizeMax, "a tree and its prefix")
    guard prefix != 0, prefix != size else { return [] }
    var around = 0..<size
    var parts: [Range<UInt64>] = []
    while around.upperBound != prefix {
      let middle = around.lowerBound + split(UInt64(around.count))
      let (left, right) = (around.lowerBound..<middle, middle..<around.upperBound)
      parts.append(prefix <= middle ? right : left)
      around = prefix <= middle ? left : right
    }
    if around.lowerBound != 0 { parts.append(around) }
    var proof: [Digest256] = []
    for part in parts.reversed() { proof.append(try hash(of: part, node: node)) }
    return proof
  }

  /// Whether `proof` shows that the tree with head `new` begins with the tree with head `old`.
  ///
  /// - Parameters:
  ///   - old: The head of the smaller tree; of equal trees, the same.
  ///   - new: The head of the larger tree.
  ///   - proof: What ``consistencyProof(from:to:node:)`` made.
  /// - Returns: False for any proof but the one. Never traps.
  ///
  /// Source: RFC 9162 §2.1.4.2.
  public static func isConsistent(
    _ old: TreeHead, _ new: TreeHead, proof: [Digest256]
  ) -> Bool {
    guard old.size <= new.size else { return false }
    if old.size == new.size { return proof.isEmpty && old.root == new.root }
    if old.size == 0 { return proof.isEmpty && old.root == MerkleFrontier().root }
    let isComplete = old.size.nonzeroBitCount == 1
    let path = isComplete ? [old.root] + proof : proof
    guard let start = path.first else { return false }
    let shift = (old.size - 1).trailingOneBitCount
    var (first, last) = ((old.size - 1) >> shift, (new.size - 1) >> shift)
    var (oldHash, newHash) = (start, start)
    for sibling in path.dropFirst() {
      guard last != 0 else { return false }
      if first & 1 == 1 || first == last {
        oldHash = MerkleFrontier.nodeHash(sibling, oldHash)
        newHash = MerkleFrontier.nodeHash(sibling, newHash)
        while first & 1 == 0, first != 0 { (first, last) = (first >> 1, last >> 1) }
      } else {
        newHash = MerkleFrontier.nodeHash(newHash, sibling)
      }
      (first, last) = (first >> 1, last >> 1)
    }
    return last == 0 && oldHash == old.root && newHash == new.root
  }
}

extension UInt64 {
  /// How many of the lowest bits are 1 before the first 0.
  fileprivate var trailingOneBitCount: UInt64 { UInt64((~self).trailingZeroBitCount) }
}
