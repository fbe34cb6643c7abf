import BinaryCoding
import MerkleProofs
import Testing

/// `Golden/trees.json`: leaf `i` is `SHA-256(0x00 ‖ decimal i)`.
///
/// To change vectors on purpose, run the tests with `DAYBOOK_REGENERATE_VECTORS=1` and read the
/// difference. `tools/check-vectors` recomputes them from `docs/format/proofs.md` alone.
@Suite("Vectors of trees")
struct TreeVectorTests {
  static let tree = LeveledTree(decimals: 70_000)
  static let sizes = [0, 1, 2, 3, 255, 256, 257, 70_000]

  @Test("Trees, proofs, runs, gaps and tiles are as in the golden file")
  func golden() throws {
    try VectorText.object([
      ("kind", "tree"), ("version", 1),
      ("roots", .list(Self.sizes.map(root))),
      ("inclusion", .list(inclusion)),
      ("consistency", .list(consistency)),
      ("coverings", .list(coverings)),
      ("runs", .list(runs)),
      ("gaps", .list([gaps])),
      ("tiles", .list(try Self.sizes.map(tiles))),
    ]).expectGolden("trees.json")
  }

  private func root(_ size: Int) -> VectorText {
    let head = Self.tree.head(size)
    let frontier = Self.tree.frontier(size)
    #expect(frontier.root == head.root)
    let bytes = [UInt8](writing: frontier.write)
    return .object([
      ("size", VectorText(size)), ("root", VectorText(head.root)),
      ("frontier", VectorText(hex: bytes)),
    ])
  }

  private var inclusion: [VectorText] {
    Self.sizes.dropFirst().flatMap { size in
      Set([0, 1, size / 2, size - 2, size - 1].filter { (0..<size).contains($0) }).sorted().map {
        let (index, count) = (UInt64($0), UInt64(size))
        let proof = MerkleTree.inclusionProof(of: index, size: count, node: Self.tree.node)
        let (leaf, head) = (Self.tree.leaves[$0], Self.tree.head(size))
        #expect(MerkleTree.isIncluded(leaf, at: index, in: head, proof: proof))
        return .object([
          ("index", .number(index)), ("size", .number(count)), ("hashes", VectorText(proof)),
        ])
      }
    }
  }

  private var consistency: [VectorText] {
    Self.sizes.flatMap { size in
      Self.sizes.filter { $0 <= size }.map { prefix in
        let (from, to) = (UInt64(prefix), UInt64(size))
        let proof = MerkleTree.consistencyProof(from: from, to: to, node: Self.tree.node)
        let (old, new) = (Self.tree.head(prefix), Self.tree.head(size))
        #expect(MerkleTree.isConsistent(old, new, proof: proof))
        return .object([
          ("from", .number(from)), ("to", .number(to)), ("hashes", VectorText(proof)),
        ])
      }
    }
  }

  private var coverings: [VectorText] {
    let ranges: [Range<UInt64>] = [
      0..<0, 0..<1, 0..<7, 1..<8, 5..<6, 3..<257, 255..<4096, 69_999..<70_000, 1000..<70_000,
    ]
    return ranges.map { range in
      let subtrees = MerkleTree.subtrees(covering: range, node: Self.tree.node)
      return .object([
        ("start", .number(range.lowerBound)), ("end", .number(range.upperBound)),
        ("subtrees", .list(subtrees.map(subtree))),
      ])
    }
  }

  private func subtree(_ hashed: HashedSubtree) -> VectorText {
    .object([
      ("level", VectorText(hashed.subtree.level)), ("index", .number(hashed.subtree.index)),
      ("hash", VectorText(hashed.hash)),
    ])
  }

  private var runs: [VectorText] {
    [(0, 3, 7), (2, 2, 3), (100, 180, 257), (4000, 5000, 70_000), (70_000, 70_000, 70_000)].map {
      (held, end, size) in
      let rest = MerkleTree.subtrees(
        covering: UInt64(end)..<UInt64(size), node: Self.tree.node
      ).map(\.hash)
      let run = Array(Self.tree.leaves[held..<end])
      let root = MerkleTree.root(
        size: UInt64(size), prefix: Self.tree.frontier(held), run: run, rest: rest)
      #expect(root == Self.tree.head(size).root)
      return .object([
        ("held", VectorText(held)), ("end", VectorText(end)), ("size", VectorText(size)),
        ("rest", VectorText(rest)),
      ])
    }
  }

  /// A tree of 257 leaves without 3 … 99 and 200 … 256.
  private var gaps: VectorText {
    let missing = [3..<100, 200..<257].flatMap {
      MerkleTree.subtrees(covering: $0, node: Self.tree.node)
    }
    let root = MerkleTree.root(size: 257, missing: missing, node: Self.tree.node)
    #expect(root == Self.tree.head(257).root)
    return .object([
      ("size", 257), ("missing", .list([.list([3, 100]), .list([200, 257])])),
      ("subtrees", .list(missing.map(subtree))),
    ])
  }

  private func tiles(_ size: Int) throws -> VectorText {
    let count = UInt64(size)
    var shown: [VectorText] = []
    var all = DigestBuilder()
    var number = 0
    for level in 0...Tile.levelMax {
      let full = Tile.fullCount(level: level, size: count)
      var tiles = try (0..<full).map { try #require(Tile(level: level, index: $0)) }
      if let partial = Tile.partial(level: level, size: count) { tiles.append(partial) }
      for (place, tile) in tiles.enumerated() {
        let bytes = tile.bytes(node: Self.tree.node)
        all.update(Array((tile.path + "\n").utf8) + bytes)
        number += 1
        guard place == 0 || place >= tiles.count - 2 else { continue }
        shown.append(
          .object([
            ("path", .text(tile.path)), ("digest", VectorText(Digest256.hash(bytes))),
          ]))
      }
    }
    return .object([
      ("size", .number(count)), ("count", VectorText(number)),
      ("paths_and_bytes", VectorText(all.finish())), ("some", .list(shown)),
    ])
  }
}
