/// A complete subtree of an RFC 6962 tree: the leaves `index × 2^level ..< (index + 1) × 2^level`.
///
/// Its hash is the same in every tree that has all its leaves. Source: `docs/format/proofs.md` §2.2.
public struct AlignedSubtree: Hashable, Sendable {
  /// How many times the leaves are paired, 0 (a leaf) to 62.
  public let level: Int
  /// How many subtrees of this level stand before it.
  public let index: UInt64

  /// The subtree of `level` and `index`, which must end at or before leaf 2⁶².
  public init(level: Int, index: UInt64) {
    precondition((0...62).contains(level) && index < (1 << 62) >> UInt64(level), "within 2⁶²")
    self.level = level
    self.index = index
  }

  /// One leaf.
  public init(leaf: UInt64) { self.init(level: 0, index: leaf) }

  /// The leaves that it covers.
  public var leaves: Range<UInt64> {
    index << UInt64(level)..<(index + 1) << UInt64(level)
  }

  /// The maximal aligned subtrees of `leaves`, ascending; together they cover it exactly.
  ///
  /// - Parameter leaves: Ends at or before 2⁶².
  /// - Returns: Fewer than 128 subtrees; none for an empty range.
  public static func covering(_ leaves: Range<UInt64>) -> [AlignedSubtree] {
    precondition(leaves.upperBound <= MerkleFrontier.sizeMax, "within 2⁶²")
    var subtrees: [AlignedSubtree] = []
    var start = leaves.lowerBound
    while start < leaves.upperBound {
      let fitting = 63 - (leaves.upperBound - start).leadingZeroBitCount
      let level = min(start.trailingZeroBitCount, fitting)
      subtrees.append(AlignedSubtree(level: level, index: start >> UInt64(level)))
      start += 1 << UInt64(level)
    }
    return subtrees
  }
}

/// An aligned subtree whose hash is known.
public struct HashedSubtree: Hashable, Sendable {
  /// Which subtree.
  public let subtree: AlignedSubtree
  /// Its root, or the leaf hash at level 0.
  public let hash: Digest256

  /// Pairs a subtree with its hash.
  public init(_ subtree: AlignedSubtree, hash: Digest256) {
    self.subtree = subtree
    self.hash = hash
  }
}
