import BinaryCoding
import Foundation
import MerkleProofs
import Testing

/// The examples of `docs/format/proofs.md`: what the page shows is what the code makes.
///
/// To change them on purpose, run the tests with `DAYBOOK_REGENERATE_VECTORS=1` and read the difference.
@Suite("Worked examples of the format page", .serialized)
struct WorkedExampleTests {
  private let seed = Digest256(bytes: Array(0..<32)) ?? .zero

  @Test("Salts, before and after erasing")
  func salts() throws {
    var tree = SaltTree(seed: seed)
    let leaf = try #require(tree.leaf(5))
    var lines = [
      "leaf(0)     \(try #require(tree.leaf(0)))",
      "leaf(5)     \(leaf)",
      "salt(5, 0)  \(SaltTree.sectionSalt(leaf, section: 0))",
      "salt(5, 1)  \(SaltTree.sectionSalt(leaf, section: 1))",
      "",
      "untouched, 33 bytes",
      "00          no run",
      "\(seed)",
      "",
      "event 5, of two sections, without section 1, 422 bytes",
    ]
    tree.erase(section: 1, of: 5, sectionCount: 2)
    let bytes = [UInt8](writing: tree.write)
    #expect(bytes.count == 422)
    lines.append("01 05 01    one run: after 5 indexes, 1 long")
    let places = ["(10, 0)", "(12, 4)", "(11, 3)"] + (0..<9).map { "(\(9 - $0), 1)" }
    for (number, place) in places.enumerated() {
      let start = 3 + 32 * number
      lines.append("\(Array(bytes[start..<start + 32]).hexadecimal)  node\(place)")
    }
    lines.append("01 05 01    one index with kept salts: after 5 indexes, section 0")
    lines.append("\(Array(bytes[390...]).hexadecimal)  salt(5, 0)")
    try expectExample("1.3", lines)
  }

  @Test("A tree, its proofs and subtrees")
  func tree() throws {
    let tree = LeveledTree(decimals: 7)
    var lines = [
      "leaf 0                  \(tree.leaves[0])", "leaf 6                  \(tree.leaves[6])",
    ]
    for size in [0, 1, 2, 3, 7] {
      lines.append("root at \(size)               \(tree.head(size).root)")
    }
    let inclusion = MerkleTree.inclusionProof(of: 3, size: 7, node: tree.node)
    let consistency = MerkleTree.consistencyProof(from: 3, to: 7, node: tree.node)
    let rest = MerkleTree.subtrees(covering: 3..<7, node: tree.node)
    lines += inclusion.map { "inclusion of 3 in 7     \($0)" }
    lines += consistency.map { "consistency of 3 and 7  \($0)" }
    lines += rest.map { "subtree (\($0.subtree.level), \($0.subtree.index)) of 3..<7 \($0.hash)" }
    try expectExample("2.6", lines)
  }

  @Test("A signed head")
  func head() throws {
    let signer = try SignedNoteTests.signer("daybook.log/00/11")
    let tree = LeveledTree(decimals: 7)
    let signed = try SignedHead(signing: tree.head(7), by: signer)
    let note = String(decoding: signed.note(of: signer.verifier).bytes, as: UTF8.self)
    let compact = [UInt8](writing: signed.write)
    try expectExample(
      "3.4",
      [
        "public key  \(signer.verifier.publicKey.hexadecimal)",
        "vkey        \(signer.verifier.vkey)", "note, between the rules", "----",
      ] + note.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        + [
          "----", "compact, 97 bytes",
          "07          size 7",
          "\(Array(compact[1..<33]).hexadecimal)  root",
          "\(Array(compact[33..<65]).hexadecimal)  signature",
          "\(Array(compact[65...]).hexadecimal)",
        ])
  }

  @Test("A fork proof")
  func fork() throws {
    let signer = try SignedNoteTests.signer("daybook.log/00/11")
    let tree = LeveledTree(decimals: 7)
    let other = LeveledTree([tree.leaves[0], tree.leaves[1], MerkleFrontier.leafHash([0x78])])
    let small = try SignedHead(signing: other.head(3), by: signer)
    let large = try SignedHead(signing: tree.head(7), by: signer)
    let proof = try #require(ForkProof(small, large, node: tree.node))
    #expect(proof.isValid(by: signer.verifier))
    var lines = ["03          size 3 of A, whose leaf 2 is H(0x00 ‖ \"x\")"]
    for (head, isFirst) in [(small, true), (large, false)] {
      if !isFirst { lines.append("07          size 7 of B") }
      let bytes = [UInt8](writing: head.write)
      lines += [
        "\(Array(bytes[1..<33]).hexadecimal)  root",
        "\(Array(bytes[33..<65]).hexadecimal)  signature",
        "\(Array(bytes[65...]).hexadecimal)",
      ]
    }
    let places = (AlignedSubtree.covering(0..<3) + AlignedSubtree.covering(3..<7))
    #expect(places.count == proof.subtrees.count)
    for (place, hash) in zip(places, proof.subtrees) {
      lines.append("\(hash)  subtree (\(place.level), \(place.index)) of B")
    }
    try expectExample("4.1", lines)
  }

  /// Compares with the block of the section, or writes it when that is asked for.
  private func expectExample(_ section: String, _ lines: [String]) throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/format/proofs.md").standardized
    let text = try String(contentsOf: page, encoding: .utf8)
    let heading = try #require(text.range(of: "### \(section) Example\n"))
    let start = try #require(text.range(of: "```\n", range: heading.upperBound..<text.endIndex))
    let end = try #require(text.range(of: "\n```", range: start.upperBound..<text.endIndex))
    let example = start.upperBound..<end.lowerBound
    let expected = lines.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["DAYBOOK_REGENERATE_VECTORS"] == "1" {
      let changed = text.replacingCharacters(in: example, with: expected)
      try Data(changed.utf8).write(to: page)
    } else {
      #expect(text[example] == expected)
    }
  }
}
