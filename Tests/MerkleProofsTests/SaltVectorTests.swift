import BinaryCoding
import MerkleProofs
import Testing

/// `Golden/salts.json`: one window, and what is left of it after erasures.
@Suite("Vectors of salts")
struct SaltVectorTests {
  static let seed = Digest256.hash(Array("daybook salts vector".utf8))

  /// What is erased of one event: sections, or all if there are none.
  private struct Erasure {
    let index: Int
    var sections: [UInt8] = []
    var sectionCount = 2
  }

  @Test("Leaves, salts and what erasing leaves are as in the golden file")
  func golden() throws {
    try VectorText.object([
      ("kind", "salts"), ("version", 1), ("seed", VectorText(Self.seed)),
      ("leaves", .list([0, 1, 2, 2047, 2048, 4095].map(leaf))),
      ("commitment", commitment),
      ("erasures", .list(try cases.map(erasure))),
    ]).expectGolden("salts.json")
  }

  private func leaf(_ index: Int) -> VectorText {
    let tree = SaltTree(seed: Self.seed)
    let salts = ([0, 1, 15] as [UInt8]).compactMap { tree.salt(index, section: $0) }
    return .object([
      ("index", VectorText(index)), ("leaf", VectorText(tree.leaf(index).map { [$0] } ?? [])),
      ("salts_0_1_15", VectorText(salts)),
    ])
  }

  private var commitment: VectorText {
    let section = Array("a section".utf8)
    let salt = SaltTree(seed: Self.seed).salt(7, section: 1) ?? .zero
    let value = Digest256.commitment(salt: salt, to: section.span)
    return .object([
      ("index", 7), ("section", 1), ("bytes", VectorText(hex: section)),
      ("commitment", VectorText(value)),
    ])
  }

  private var cases: [[Erasure]] {
    [
      [],
      [Erasure(index: 1234)],
      [Erasure(index: 0), Erasure(index: 1), Erasure(index: 4095)],
      (0..<10).map { Erasure(index: $0 * 397 + 5) },
      (0..<100).map { Erasure(index: $0 * 1103 % 4096) },
      [Erasure(index: 1234, sections: [1])],
      [
        Erasure(index: 8, sections: [0, 2], sectionCount: 5), Erasure(index: 9),
        Erasure(index: 10, sections: [1]), Erasure(index: 4000, sections: [0, 1]),
      ],
      (0..<4096).map { Erasure(index: $0) },
    ]
  }

  private func erasure(_ erasures: [Erasure]) throws -> VectorText {
    var tree = SaltTree(seed: Self.seed)
    for erasure in erasures.reversed() {
      if erasure.sections.isEmpty { tree.puncture(erasure.index) }
      for section in erasure.sections {
        tree.erase(section: section, of: erasure.index, sectionCount: erasure.sectionCount)
      }
    }
    let bytes = [UInt8](writing: tree.write)
    var reader = ByteReader(bytes.span)
    #expect(try SaltTree(from: &reader) == tree)
    return .object([
      ("erased", .list(erasures.count == 4096 ? [] : erasures.map(text))),
      ("all", VectorText(erasures.count == 4096 ? 1 : 0)),
      ("byte_count", VectorText(bytes.count)), ("digest", VectorText(Digest256.hash(bytes))),
      ("bytes", bytes.count > 1000 ? "" : VectorText(hex: bytes)),
    ])
  }

  private func text(_ erasure: Erasure) -> VectorText {
    .object([
      ("index", VectorText(erasure.index)),
      ("sections", .list(erasure.sections.map { VectorText(Int($0)) })),
      ("section_count", VectorText(erasure.sectionCount)),
    ])
  }
}
