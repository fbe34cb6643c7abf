import MerkleProofs

/// A whole tree in memory: the hashes of all its aligned subtrees, to make proofs from.
struct LeveledTree {
  private let levels: [[Digest256]]

  init(_ leaves: [Digest256]) {
    var levels = [leaves]
    while let below = levels.last, below.count > 1 {
      levels.append(
        (0..<below.count / 2).map { MerkleFrontier.nodeHash(below[2 * $0], below[2 * $0 + 1]) })
    }
    self.levels = levels
  }

  /// The tree whose leaf `i` is `SHA-256(0x00 ‖ decimal i)`, as in the vectors.
  init(decimals count: Int) {
    self.init((0..<count).map { MerkleFrontier.leafHash(Array("\($0)".utf8)) })
  }

  var leaves: [Digest256] { levels[0] }

  func node(_ subtree: AlignedSubtree) -> Digest256 {
    levels[subtree.level][Int(subtree.index)]
  }

  func head(_ size: Int) -> TreeHead {
    TreeHead(size: UInt64(size), root: MerkleTree.root(size: UInt64(size), node: node))
  }

  func frontier(_ size: Int) -> MerkleFrontier {
    var frontier = MerkleFrontier()
    for leaf in leaves.prefix(size) { frontier.append(leaf) }
    return frontier
  }
}

extension Digest256 {
  /// The digest with one bit turned over.
  func flipping(bit: Int) -> Digest256 {
    var changed = bytes
    changed[bit / 8 % 32] ^= 1 << UInt8(bit % 8)
    return Digest256(bytes: changed) ?? .zero
  }
}
