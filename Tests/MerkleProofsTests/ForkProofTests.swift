import BinaryCoding
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("ForkProof")
struct ForkProofTests {
  static let honest = LeveledTree(decimals: 700)

  /// The tree that is the same up to `start`.
  private func forked(at start: Int) -> LeveledTree {
    LeveledTree(
      Self.honest.leaves.prefix(start)
        + Self.honest.leaves.dropFirst(start).map { $0.flipping(bit: 0) })
  }

  private func signed(_ tree: LeveledTree, _ size: Int) throws -> SignedHead {
    try SignedHead(signing: tree.head(size), by: SignedNoteTests.signer())
  }

  @Test("Heads of trees that part are proved a fork, and only after they part", arguments: 1...6)
  func forks(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let verifier = try SignedNoteTests.signer().verifier
    for _ in 0..<20 {
      let start = Int.random(in: 0..<700, using: &random)
      let other = forked(at: start)
      let size = Int.random(in: 0...700, using: &random)
      let otherSize = Int.random(in: 0...700, using: &random)
      let larger = size > otherSize ? Self.honest : other
      let (one, two) = (try signed(Self.honest, size), try signed(other, otherSize))
      let proof = ForkProof(one, two, node: larger.node)
      #expect((proof == nil) == (min(size, otherSize) <= start))
      #expect(ForkProof(two, one, node: larger.node) == proof)
      guard let proof else { continue }
      #expect(proof.isValid(by: verifier))
      let another = try SignedNoteTests.signer("another.log").verifier
      #expect(!proof.isValid(by: another))
      var writer = ByteWriter()
      proof.write(to: &writer)
      try expectRefusals(writer.bytes, of: proof, by: verifier, using: &random)
    }
  }

  /// Reads the bytes; changes, cuts and lengthens them.
  private func expectRefusals(
    _ bytes: [UInt8], of proof: ForkProof, by verifier: NoteVerifier,
    using random: inout SeededGenerator
  ) throws {
    func decode(_ bytes: [UInt8]) throws(DecodingFault) -> ForkProof {
      var reader = ByteReader(bytes.span)
      let proof = try ForkProof(from: &reader)
      try reader.expectEnd()
      return proof
    }
    #expect(try decode(bytes) == proof)
    #expect(throws: DecodingFault.self) { try decode(bytes + [0]) }
    #expect(throws: DecodingFault.self) { try decode(bytes.dropLast()) }
    for _ in 0..<20 {
      var changed = bytes
      let place = Int.random(in: 0..<bytes.count, using: &random)
      changed[place] ^= UInt8.random(in: 1...255, using: &random)
      guard let other = try? decode(changed) else { continue }
      #expect(!other.isValid(by: verifier))
      var writer = ByteWriter()
      other.write(to: &writer)
      #expect(writer.bytes == changed)
    }
  }

  @Test("An honest signer cannot be accused, whatever hashes are given", arguments: 1...3)
  func accusations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let verifier = try SignedNoteTests.signer().verifier
    for _ in 0..<20 {
      let size = Int.random(in: 0..<700, using: &random)
      let (one, two) = (try signed(Self.honest, size), try signed(Self.honest, 700))
      #expect(ForkProof(one, two, node: Self.honest.node) == nil)
      let lie = forked(at: Int.random(in: 0..<700, using: &random))
      #expect(ForkProof(one, two, node: lie.node) == nil)
      var writer = ByteWriter()
      one.write(to: &writer)
      two.write(to: &writer)
      for part in [0..<UInt64(size), UInt64(size)..<700] {
        for subtree in AlignedSubtree.covering(part) { lie.node(subtree).write(to: &writer) }
      }
      var reader = ByteReader(writer.bytes.span)
      #expect(try !ForkProof(from: &reader).isValid(by: verifier))
    }
  }

  @Test("Random bytes never trap the decoder", arguments: 1...3)
  func noise(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let bytes = random.bytes(Int.random(in: 0...4500, using: &random))
      var reader = ByteReader(bytes.span)
      guard let proof = try? ForkProof(from: &reader) else { continue }
      var writer = ByteWriter()
      proof.write(to: &writer)
      #expect(writer.bytes == Array(bytes.prefix(reader.offset)))
    }
  }
}
