import BinaryCoding
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("SaltTree")
struct SaltTreeTests {
  static let seed = Digest256.hash(Array("a window".utf8))

  /// The definition, spelled out with byte arrays.
  static func definedLeaf(_ index: Int, seed: Digest256 = seed) -> Digest256 {
    (0..<12).reversed().reduce(seed) { node, bit in
      Digest256.hash([UInt8((index >> bit) & 1)] + node.bytes)
    }
  }

  static func definedSalt(_ index: Int, _ section: UInt8) -> Digest256 {
    Digest256.hash([2] + definedLeaf(index).bytes + [section])
  }

  private func encoded(_ tree: SaltTree) -> [UInt8] {
    var writer = ByteWriter()
    tree.write(to: &writer)
    return writer.bytes
  }

  @Test("Leaves and salts are those of the definition")
  func definition() {
    let tree = SaltTree(seed: Self.seed)
    for index in [0, 1, 2, 3, 1365, 2047, 2048, 4094, 4095] {
      #expect(tree.leaf(index) == Self.definedLeaf(index))
      for section in [0, 1, 15] as [UInt8] {
        #expect(tree.salt(index, section: section) == Self.definedSalt(index, section))
      }
    }
    #expect(tree.leaf(-1) == nil)
    #expect(tree.leaf(4096) == nil)
    #expect(tree.salt(0, section: 16) == nil)
    #expect(encoded(tree) == [0] + Self.seed.bytes)
  }

  @Test("Walking the leaves gives each one that is left, from anywhere", arguments: 1...5)
  func walking(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var tree = SaltTree(seed: Self.seed)
    for _ in 0..<Int(seed * seed * 8) {
      tree.puncture(Int.random(in: 0..<4096, using: &random))
    }
    let expected = (0..<4096).filter { tree.leaf($0) != nil }
    #expect(tree.leaves().map(\.index) == expected)
    for (index, leaf) in tree.leaves() { #expect(tree.leaf(index) == leaf) }
    for start in [1, 7, 2048, 4000, 4095, 4096, 5000] {
      #expect(tree.leaves(from: start).map(\.index) == expected.filter { $0 >= start })
      if let (index, leaf) = tree.leaves(from: start).first(where: { _ in true }) {
        #expect(tree.leaf(index) == leaf)
      }
    }
  }

  @Test(
    "What is missing is taken from another copy, and what is destroyed is not", arguments: 1...6)
  func joining(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let whole = SaltTree(seed: Self.seed)
    var tree = whole
    let proved = Set((0..<20).map { _ in Int.random(in: 0..<64, using: &random) })
    let destroyed = try #require(proved.min())
    for _ in 0..<30 { tree.puncture(Int.random(in: 0..<64, using: &random)) }
    for index in proved { #expect(tree.contains(index) == (tree.leaf(index) != nil)) }
    tree.keepOnly(proved)
    tree.puncture(destroyed)
    #expect(whole.covers(tree))
    #expect(!tree.covers(whole))
    for index in (0..<200).shuffled(using: &random) where index != destroyed {
      let before = tree
      tree.take(index, from: whole, sectionCount: 3) { !$0.contains(destroyed) }
      #expect(tree.covers(before))
      for section in [0, 2] as [UInt8] {
        #expect(tree.salt(index, section: section) == Self.definedSalt(index, section))
      }
    }
    #expect(!tree.contains(destroyed))
    var reader = ByteReader(encoded(tree).span)
    #expect(try SaltTree(from: &reader) == tree)
  }

  /// One erasure; no section means all.
  private struct Erasure {
    let index: Int
    let section: UInt8?
  }

  /// How many sections the event at `index` has.
  private func sectionCount(_ index: Int) -> Int { index % 5 + 2 }

  private func apply(_ erasures: [Erasure], to tree: inout SaltTree) {
    for erasure in erasures {
      if let section = erasure.section {
        let count = sectionCount(erasure.index)
        tree.erase(section: section, of: erasure.index, sectionCount: count)
      } else {
        tree.puncture(erasure.index)
      }
    }
  }

  @Test(
    "Erasing in any order gives equal bytes and only the erased salts are gone", arguments: 1...6)
  func anyOrder(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let erasures = (0..<Int(seed) * 25).map { _ in
      let index = Int.random(in: 0..<(random.oneIn(2) ? 4096 : 40), using: &random)
      let section = UInt8.random(in: 0..<8, using: &random)
      return Erasure(index: index, section: random.oneIn(3) ? nil : section)
    }
    var tree = SaltTree(seed: Self.seed)
    apply(erasures, to: &tree)
    for _ in 0..<3 {
      var other = SaltTree(seed: Self.seed)
      apply(erasures.shuffled(using: &random) + erasures.prefix(5), to: &other)
      #expect(other == tree)
      #expect(encoded(other) == encoded(tree))
    }
    for index in Set(erasures.map(\.index)).sorted() {
      let here = erasures.filter { $0.index == index }
      let isWhole = here.allSatisfy { $0.section.map { $0 >= sectionCount(index) } ?? false }
      #expect((tree.leaf(index) == nil) != isWhole)
      for section in 0..<UInt8(sectionCount(index)) {
        let isErased = here.contains { $0.section == section || $0.section == nil }
        let salt = isErased ? nil : Self.definedSalt(index, section)
        #expect(tree.salt(index, section: section) == salt)
      }
    }
    var reader = ByteReader(encoded(tree).span)
    #expect(try SaltTree(from: &reader) == tree)
  }

  @Test("Erasing before the event is known ends at the same bytes once it is")
  func unknownSectionCount() {
    var early = SaltTree(seed: Self.seed)
    early.erase(section: 1, of: 77, sectionCount: 16)
    #expect(early.salt(77, section: 15) == Self.definedSalt(77, 15))
    early.erase(section: 1, of: 77, sectionCount: 3)
    var late = SaltTree(seed: Self.seed)
    late.erase(section: 1, of: 77, sectionCount: 3)
    #expect(early == late)
    #expect(late.salt(77, section: 15) == nil)
    late.erase(section: 3, of: 78, sectionCount: 3)
    #expect(early == late)
  }

  @Test("A window without any salt is five bytes; one puncture costs its co-path")
  func sizes() {
    var tree = SaltTree(seed: Self.seed)
    tree.puncture(1000)
    #expect(encoded(tree).count == 384 + 5)
    for index in 0..<4096 { tree.puncture(index) }
    #expect(tree.isEmpty)
    #expect(encoded(tree) == [1, 0, 0x80, 0x20, 0])
  }

  @Test("A description shows no secret")
  func description() {
    var tree = SaltTree(seed: Self.seed)
    tree.erase(section: 0, of: 4, sectionCount: 2)
    #expect(tree.description == "salts of 4095 whole and 1 partial events of 4096")
  }
}
