import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("ProofFile")
struct ProofFileTests {
  static let tree = LeveledTree(decimals: 300)

  private func file(_ index: UInt64, extra: [UInt8] = []) throws -> ProofFile {
    let hashes = MerkleTree.inclusionProof(of: index, size: 300, node: Self.tree.node)
    let note = try SignedNoteTests.note(Self.tree.head(300), by: SignedNoteTests.signer())
    return ProofFile(index: index, hashes: hashes, checkpoint: note, extra: extra)
  }

  @Test("A file is read as it was written, and proves its leaf", arguments: [0, 1, 150, 299])
  func roundTrip(index: UInt64) throws {
    let verifier = try SignedNoteTests.signer().verifier
    for extra in [[], Array("more".utf8)] {
      let bytes = try file(index, extra: extra).bytes
      let read = try ProofFile(bytes)
      #expect(read.bytes == bytes)
      #expect(read.extra == extra)
      #expect(read.index == index)
      let leaf = Self.tree.leaves[Int(index)]
      #expect(try read.head(proving: leaf, by: verifier) == Self.tree.head(300))
      #expect(try read.head(proving: leaf.flipping(bit: 1), by: verifier) == nil)
      let other = try SignedNoteTests.signer("another.log").verifier
      #expect(throws: NoteFault.unsigned) { try read.head(proving: leaf, by: other) }
    }
  }

  @Test(
    "A changed file is refused, proves nothing, or differs in what is not proved", arguments: 1...3)
  func changes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let verifier = try SignedNoteTests.signer().verifier
    let bytes = try file(77, extra: [1, 2, 3]).bytes
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= UInt8.random(in: 1...255, using: &random)
      guard let read = try? ProofFile(changed) else { continue }
      #expect(read.bytes == changed)
      let head = try? read.head(proving: Self.tree.leaves[77], by: verifier)
      #expect(head == nil || read.extra != [1, 2, 3])
    }
    for count in bytes.indices {
      #expect(throws: NoteFault.self) { try ProofFile(Array(bytes.prefix(count))) }
    }
  }

  @Test("Lines out of place are named")
  func malformedLines() throws {
    let text = String(decoding: try file(7).bytes, as: UTF8.self)
    let cases = [
      (text.replacingOccurrence(of: "@v1", with: "@v2"), 1),
      (text.replacingOccurrence(of: "index 7", with: "index 07"), 2),
      (text.replacingOccurrence(of: "index 7", with: "index -7"), 2),
      (text.replacingOccurrence(of: "index 7", with: "extra \nindex 7"), 2),
      (text.replacingOccurrence(of: "index 7", with: "extra AA==\nindex"), 3),
      (text.replacingOccurrence(of: "index 7\n", with: "index 7\nAAAA\n"), 3),
    ]
    for (changed, line) in cases {
      #expect(throws: NoteFault.malformedLine(line)) { try ProofFile(Array(changed.utf8)) }
    }
    var bytes = try file(7).bytes
    bytes.insert(contentsOf: [0xff, 10], at: 31)
    #expect(throws: NoteFault.self) { try ProofFile(bytes) }
  }
}

extension String {
  fileprivate func replacingOccurrence(of old: String, with new: String) -> String {
    split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: new)
  }
}
