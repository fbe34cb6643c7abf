import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Tiles")
struct TileTests {
  @Test("Paths are those of C2SP tlog-tiles")
  func paths() throws {
    #expect(try #require(Tile(level: 0, index: 1_234_067)).path == "tile/0/x001/x234/067")
    #expect(try #require(Tile(level: 1, index: 1, width: 17)).path == "tile/1/001.p/17")
    #expect(try #require(Tile(level: 7, index: 0, width: 64)).path == "tile/7/000.p/64")
    #expect(Tile(level: 7, index: 0, width: 65) == nil)
    #expect(try #require(Tile(level: 0, index: 1000)).path == "tile/0/x001/000")
  }

  @Test("A path is read back, and in no other spelling", arguments: 1...4)
  func readPaths(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let level = Int.random(in: 0...6, using: &random)
      let index = random.next() >> UInt64.random(in: 19...63, using: &random)
      let width = random.oneIn(2) ? 256 : Int.random(in: 1...255, using: &random)
      guard let tile = Tile(level: level, index: index, width: width) else { continue }
      #expect(Tile(path: tile.path) == tile)
      var text = Array(tile.path.utf8)
      let place = Int.random(in: 0..<text.count, using: &random)
      text[place] = random.pick(Array("0x/.p9+- \u{7f}".utf8))
      let changed = String(decoding: text, as: UTF8.self)
      if let other = Tile(path: changed) { #expect(other.path == changed) }
    }
  }

  @Test(
    "Other spellings are refused",
    arguments: [
      "", "tile", "tile/0", "tile/0/", "tile/0/1", "tile/0/01", "tile/0/0001", "tile/0/x000/001",
      "tile/00/001", "tile/+0/001", "tile/0/+01", "tile/8/000", "tile/0/001.p/0",
      "tile/0/001.p/256", "tile/0/001.p/01", "tile/0/001.p/1.p/1", "tile/0/x001", "tile/0/001/",
      "/tile/0/001", "tile/0/001/002", "tile/-1/000", "tile/0/x999/x999/x999/x999/x999/x999/999",
    ])
  func refused(path: String) { #expect(Tile(path: path) == nil) }

  @Test("Sizes have the tiles of the specification's example")
  func widths() {
    #expect((0...2).map { Tile.fullCount(level: $0, size: 70_000) } == [273, 1, 0])
    #expect((0...3).map { Tile.partial(level: $0, size: 70_000)?.width } == [112, 17, 1, nil])
    #expect((0...2).map { Tile.fullCount(level: $0, size: 256) } == [1, 0, 0])
    #expect((0...2).map { Tile.partial(level: $0, size: 256)?.width } == [nil, 1, nil])
    #expect((0...7).allSatisfy { Tile.partial(level: $0, size: 0) == nil })
    #expect(Tile.partial(level: 7, size: 1 << 62)?.width == 64)
  }

  @Test("A tile's slots are the roots of the full tiles below")
  func slots() throws {
    let tree = LeveledTree(decimals: 1000)
    let upper = try #require(Tile.partial(level: 1, size: 1000))
    let roots = try (0..<3 as Range<UInt64>).flatMap { index in
      let tile = try #require(Tile(level: 0, index: index))
      let bytes = tile.bytes(node: tree.node)
      #expect(bytes.count == 8192)
      return MerkleTree.root(of: tile.subtrees.map(tree.node)).bytes
    }
    #expect(upper.bytes(node: tree.node) == roots)
    #expect(Tile.partial(level: 0, size: 1000)?.bytes(node: tree.node).count == 232 * 32)
  }
}
