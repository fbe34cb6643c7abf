import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Inclusion and consistency")
struct MerkleTreeProofTests {
  static let tree = LeveledTree(decimals: 5000)

  /// RFC 6962 §2.1.1, word for word.
  private func definedPath(_ index: Int, _ leaves: ArraySlice<Digest256>) -> [Digest256] {
    guard leaves.count > 1 else { return [] }
    let middle = leaves.startIndex + split(leaves.count)
    return index < middle
      ? definedPath(index, leaves[..<middle]) + [MerkleTree.root(of: Array(leaves[middle...]))]
      : definedPath(index, leaves[middle...]) + [MerkleTree.root(of: Array(leaves[..<middle]))]
  }

  /// RFC 6962 §2.1.2, word for word.
  private func definedSubproof(
    _ prefix: Int, _ leaves: ArraySlice<Digest256>, isPrefix: Bool
  ) -> [Digest256] {
    guard prefix < leaves.endIndex else {
      return isPrefix ? [] : [MerkleTree.root(of: Array(leaves))]
    }
    let middle = leaves.startIndex + split(leaves.count)
    return prefix <= middle
      ? definedSubproof(prefix, leaves[..<middle], isPrefix: isPrefix)
        + [MerkleTree.root(of: Array(leaves[middle...]))]
      : definedSubproof(prefix, leaves[middle...], isPrefix: false)
        + [MerkleTree.root(of: Array(leaves[..<middle]))]
  }

  private func split(_ count: Int) -> Int {
    var split = 1
    while split * 2 < count { split *= 2 }
    return split
  }

  @Test("Roots from nodes equal roots from leaves, and from the frontier")
  func roots() {
    for size in Array(0...70) + [255, 256, 257, 4999] {
      let root = MerkleTree.root(of: Array(Self.tree.leaves.prefix(size)))
      #expect(Self.tree.head(size).root == root)
      #expect(Self.tree.frontier(size).root == root)
    }
    let leaves = Self.tree.leaves
    let subtree = AlignedSubtree(level: 5, index: 3)
    #expect(MerkleTree.hash(of: subtree) { leaves[Int($0)] } == Self.tree.node(subtree))
  }

  @Test(
    "Every leaf of every tree up to 70 is proved, by the standard's own proof, and nowhere else")
  func inclusion() {
    for size in 1...70 {
      let head = Self.tree.head(size)
      for index in 0..<size {
        let proof = MerkleTree.inclusionProof(
          of: UInt64(index), size: UInt64(size), node: Self.tree.node)
        #expect(proof == definedPath(index, Self.tree.leaves[..<size]))
        for place in 0...size {
          let isHere = MerkleTree.isIncluded(
            Self.tree.leaves[index], at: UInt64(place), in: head, proof: proof)
          #expect(isHere == (place == index))
        }
      }
    }
  }

  @Test("Every pair of sizes up to 70 is consistent, by the standard's own proof")
  func consistency() {
    for size in 0...70 {
      for prefix in 0...size {
        let proof = MerkleTree.consistencyProof(
          from: UInt64(prefix), to: UInt64(size), node: Self.tree.node)
        if prefix > 0 {
          let leaves = Self.tree.leaves[..<size]
          #expect(proof == definedSubproof(prefix, leaves, isPrefix: true))
        }
        let (old, new) = (Self.tree.head(prefix), Self.tree.head(size))
        #expect(MerkleTree.isConsistent(old, new, proof: proof))
        #expect(!MerkleTree.isConsistent(old, new, proof: proof + [.zero]))
        #expect(MerkleTree.isConsistent(new, old, proof: proof) == (prefix == size))
      }
    }
  }

  @Test("A proof with any bit turned over, a hash more or less, proves nothing", arguments: 1...8)
  func changedProofs(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let size = Int.random(in: 2...5000, using: &random)
      let index = Int.random(in: 0..<size, using: &random)
      let (place, count) = (UInt64(index), UInt64(size))
      let (head, leaf) = (Self.tree.head(size), Self.tree.leaves[index])
      let proof = MerkleTree.inclusionProof(of: place, size: count, node: Self.tree.node)
      #expect(MerkleTree.isIncluded(leaf, at: place, in: head, proof: proof))
      #expect(!MerkleTree.isIncluded(leaf.flipping(bit: 7), at: place, in: head, proof: proof))
      #expect(!MerkleTree.isIncluded(leaf, at: place, in: changed(head), proof: proof))
      for wrong in variants(of: proof, using: &random) {
        #expect(!MerkleTree.isIncluded(leaf, at: place, in: head, proof: wrong))
      }
      let prefix = Int.random(in: 1..<size, using: &random)
      let old = Self.tree.head(prefix)
      let growth = MerkleTree.consistencyProof(
        from: UInt64(prefix), to: count, node: Self.tree.node)
      #expect(MerkleTree.isConsistent(old, head, proof: growth))
      #expect(!MerkleTree.isConsistent(changed(old), head, proof: growth))
      #expect(!MerkleTree.isConsistent(old, changed(head), proof: growth))
      for wrong in variants(of: growth, using: &random) {
        #expect(!MerkleTree.isConsistent(old, head, proof: wrong))
      }
    }
  }

  @Test("Claims at the edge of what a size can be are refused without a trap")
  func extremes() {
    let head = TreeHead(size: .max, root: .zero)
    let proof = [Digest256](repeating: .zero, count: 70)
    #expect(!MerkleTree.isIncluded(.zero, at: .max, in: head, proof: proof))
    #expect(!MerkleTree.isIncluded(.zero, at: .max - 1, in: head, proof: proof))
    #expect(!MerkleTree.isConsistent(head, head, proof: proof))
    for size in [0, 1, 1 << 63, .max - 1] as [UInt64] {
      let old = TreeHead(size: size, root: .zero)
      #expect(!MerkleTree.isConsistent(old, head, proof: proof))
      #expect(!MerkleTree.isConsistent(old, head, proof: []))
    }
  }

  private func changed(_ head: TreeHead) -> TreeHead {
    TreeHead(size: head.size, root: head.root.flipping(bit: 255))
  }

  /// The proof with one bit of each hash turned over, cut, lengthened, and turned around.
  private func variants(
    of proof: [Digest256], using random: inout SeededGenerator
  ) -> [[Digest256]] {
    var variants = [proof + [.zero], [.zero] + proof]
    if !proof.isEmpty { variants += [Array(proof.dropLast()), Array(proof.dropFirst())] }
    if proof.count > 1 { variants.append(proof.reversed()) }
    for place in proof.indices {
      var variant = proof
      variant[place] = proof[place].flipping(bit: Int.random(in: 0..<256, using: &random))
      variants.append(variant)
    }
    return variants
  }
}
