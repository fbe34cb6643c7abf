/// Deriving salts in order, as an append or a check of a whole segment needs them.
extension SaltTree {
  /// The leaves that are left, ascending.
  ///
  /// The iterator is a copy: one that was taken before an erasure still gives what was erased.
  ///
  /// - Parameter index: Where to begin, from 0.
  /// - Returns: An iterator, which is also a sequence.
  public func leaves(from index: Int = 0) -> Leaves { Leaves(nodes, from: max(0, index)) }

  /// Walks the leaves of a window and skips what is punctured, at two hashes a leaf.
  ///
  /// Invariant: within a node, `path[d]` is the node at depth `d` above the last leaf given.
  public struct Leaves: Sequence, IteratorProtocol, Sendable {
    private let nodes: [HashedSubtree]
    private var place = 0
    private var index: Int
    private var isInside = false
    private var path = InlineArray<13, Digest256>(repeating: .zero)

    init(_ nodes: [HashedSubtree], from index: Int) {
      self.nodes = nodes
      self.index = index
    }

    /// The next leaf that is left, and its index.
    public mutating func next() -> (index: Int, leaf: Digest256)? {
      guard enterNode() else { return nil }
      let subtree = nodes[place].subtree
      // Below this depth the path to the index differs from the path to the index before.
      var depth = SaltTree.depth - 1 - index.trailingZeroBitCount
      if !isInside {
        depth = SaltTree.depth - subtree.level
        path[depth] = nodes[place].hash
        isInside = true
      }
      while depth < SaltTree.depth {
        path[depth + 1] = SaltTree.child(path[depth], of: index, SaltTree.depth - 1 - depth)
        depth += 1
      }
      defer { index += 1 }
      return (index, path[SaltTree.depth])
    }

    /// Moves on to the node that has the index, or else the next one and its first index.
    private mutating func enterNode() -> Bool {
      while place < nodes.count {
        let leaves = nodes[place].subtree.leaves
        if index < leaves.upperBound {
          index = Swift.max(index, Int(leaves.lowerBound))
          return true
        }
        place += 1
        isInside = false
      }
      return false
    }
  }
}
