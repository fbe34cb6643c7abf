import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Trees known in part")
struct MerkleTreePartsTests {
  static let tree = LeveledTree(decimals: 3000)

  @Test(
    "Maximal aligned subtrees cover a range exactly, and none could be larger", arguments: 1...6)
  func covering(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let shift = UInt64.random(in: 2...62, using: &random)
      let start = UInt64.random(in: 0..<1 << shift, using: &random)
      let end = UInt64.random(in: start...1 << shift, using: &random)
      let subtrees = AlignedSubtree.covering(start..<end)
      #expect(subtrees.count < 128)
      var place = start
      for subtree in subtrees {
        #expect(subtree.leaves.lowerBound == place)
        place = subtree.leaves.upperBound
        let parent = (subtree.index / 2) << UInt64(subtree.level + 1)
        let isWithin = parent >= start && end - parent >= 2 << UInt64(subtree.level)
        #expect(!isWithin, "the parent would fit")
      }
      #expect(place == end)
    }
    #expect(AlignedSubtree.covering(5..<5).isEmpty)
  }

  @Test("A run with the rest's subtrees gives the root of the head", arguments: 1...6)
  func runs(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let size = Int.random(in: 1...3000, using: &random)
      let end = Int.random(in: 0...size, using: &random)
      let held = Int.random(in: 0...end, using: &random)
      let prefix = Self.tree.frontier(held)
      let run = Array(Self.tree.leaves[held..<end])
      let rest = MerkleTree.subtrees(
        covering: UInt64(end)..<UInt64(size), node: Self.tree.node
      ).map(\.hash)
      let count = UInt64(size)
      let root = MerkleTree.root(size: count, prefix: prefix, run: run, rest: rest)
      #expect(root == Self.tree.head(size).root)
      if !run.isEmpty {
        var wrong = run
        let place = Int.random(in: 0..<run.count, using: &random)
        wrong[place] = wrong[place].flipping(bit: 3)
        #expect(MerkleTree.root(size: count, prefix: prefix, run: wrong, rest: rest) != root)
        let short = Array(run.dropLast())
        #expect(MerkleTree.root(size: count, prefix: prefix, run: short, rest: rest) != root)
      }
      let more = rest + [.zero]
      #expect(MerkleTree.root(size: count, prefix: prefix, run: run, rest: more) == nil)
      #expect(MerkleTree.root(size: .max, prefix: prefix, run: run, rest: rest) == nil)
    }
  }

  @Test("A tree with gaps has its root from what is held and the gaps' subtrees", arguments: 1...6)
  func gaps(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let size = UInt64.random(in: 1...3000, using: &random)
      var missing: [HashedSubtree] = []
      var place = UInt64.random(in: 0...size, using: &random)
      while place < size {
        let end = UInt64.random(in: place + 1...size, using: &random)
        missing += MerkleTree.subtrees(covering: place..<end, node: Self.tree.node)
        place = UInt64.random(in: end...size, using: &random)
      }
      func held(_ subtree: AlignedSubtree) -> Digest256 {
        #expect(missing.allSatisfy { !$0.subtree.leaves.overlaps(subtree.leaves) })
        return Self.tree.node(subtree)
      }
      let root = Self.tree.head(Int(size)).root
      #expect(MerkleTree.root(size: size, missing: missing, node: held) == root)
      guard let first = missing.first else { continue }
      let twice = [first] + missing
      #expect(MerkleTree.root(size: size, missing: twice, node: Self.tree.node) == nil)
      let outside = HashedSubtree(AlignedSubtree(leaf: size), hash: .zero)
      let beyond = missing + [outside]
      #expect(MerkleTree.root(size: size, missing: beyond, node: Self.tree.node) == nil)
      let wrong = [HashedSubtree(first.subtree, hash: .zero)] + missing.dropFirst()
      #expect(MerkleTree.root(size: size, missing: wrong, node: Self.tree.node) != root)
    }
  }

  @Test("A run that cuts a missing subtree is checked against its hash", arguments: 1...6)
  func cutSubtrees(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let level = Int.random(in: 0...8, using: &random)
      let index = UInt64.random(in: 0..<UInt64(2048 >> level), using: &random)
      let whole = AlignedSubtree(level: level, index: index)
      let start = UInt64.random(in: whole.leaves, using: &random)
      let end = UInt64.random(in: start + 1...whole.leaves.upperBound, using: &random)
      let run = (start..<end).map {
        HashedSubtree(AlignedSubtree(leaf: $0), hash: Self.tree.leaves[Int($0)])
      }
      let before = MerkleTree.subtrees(
        covering: whole.leaves.lowerBound..<start, node: Self.tree.node)
      let after = MerkleTree.subtrees(
        covering: end..<whole.leaves.upperBound, node: Self.tree.node)
      let parts = before + run + after
      #expect(MerkleTree.hash(of: whole, parts: parts) == Self.tree.node(whole))
      #expect(MerkleTree.hash(of: whole, parts: Array(parts.dropLast())) == nil)
      #expect(MerkleTree.hash(of: whole, parts: parts + [parts[0]]) == nil)
      #expect(MerkleTree.hash(of: whole, parts: Array(parts.dropFirst())) == nil)
    }
  }

  @Test("What stays missing after a run are hashes that were given")
  func remainders() {
    for start in 0..<40 as Range<UInt64> {
      for end in start + 1...41 {
        for (first, last) in [(start, start), (start, end - 1), ((start + end) / 2, end - 1)] {
          let given = AlignedSubtree.covering(start..<end).flatMap { subtree in
            subtree.leaves.overlaps(first..<last + 1)
              ? AlignedSubtree.covering(
                subtree.leaves.lowerBound..<max(first, subtree.leaves.lowerBound))
                + AlignedSubtree.covering(
                  min(last + 1, subtree.leaves.upperBound)..<subtree.leaves.upperBound)
              : [subtree]
          }
          let left =
            AlignedSubtree.covering(start..<first)
            + AlignedSubtree.covering(last + 1..<end)
          #expect(given == left)
        }
      }
    }
  }
}
