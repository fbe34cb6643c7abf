import BinaryCoding
import MerkleProofs
import Testing

/// `Golden/heads.json` and `Golden/forks.json`: signed heads, a proof file, forks.
@Suite("Vectors of heads and forks")
struct HeadVectorTests {
  static let name =
    "daybook.log/000102030405060708090a0b0c0d0e0f/"
    + "010203040506070803a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
  static let seed: [UInt8] = Array(0..<32)
  static let tree = LeveledTree(decimals: 70_000)

  private func signer() throws -> NoteSigner {
    try #require(NoteSigner(name: Self.name, seed: Self.seed))
  }

  private func encoded(_ head: SignedHead) -> VectorText {
    VectorText(hex: [UInt8](writing: head.write))
  }

  @Test("Signed heads and the proof file are as in the golden file")
  func heads() throws {
    let signer = try signer()
    try VectorText.object([
      ("kind", "head"), ("version", 1), ("private_key", VectorText(hex: Self.seed)),
      ("public_key", VectorText(hex: signer.verifier.publicKey)), ("name", .text(Self.name)),
      ("vkey", .text(signer.verifier.vkey)),
      ("heads", .list(try [0, 1, 257, 70_000].map { try head($0, by: signer) })),
      ("proof_file", try proofFile(by: signer)),
    ]).expectGolden("heads.json")
  }

  private func head(_ size: Int, by signer: NoteSigner) throws -> VectorText {
    let signed = try SignedHead(signing: Self.tree.head(size), by: signer)
    #expect(signed.isValid(by: signer.verifier))
    return .object([
      ("size", VectorText(size)), ("root", VectorText(signed.head.root)),
      ("compact", encoded(signed)),
      ("note", .text(String(decoding: signed.note(of: signer.verifier).bytes, as: UTF8.self))),
    ])
  }

  private func proofFile(by signer: NoteSigner) throws -> VectorText {
    let note = try SignedHead(signing: Self.tree.head(257), by: signer).note(of: signer.verifier)
    let hashes = MerkleTree.inclusionProof(of: 200, size: 257, node: Self.tree.node)
    let file = ProofFile(
      index: 200, hashes: hashes, checkpoint: note, extra: Array("a header".utf8))
    let leaf = Self.tree.leaves[200]
    #expect(try ProofFile(file.bytes).head(proving: leaf, by: signer.verifier)?.size == 257)
    return .object([
      ("leaf", VectorText(leaf)), ("extra", VectorText(hex: file.extra)),
      ("text", .text(String(decoding: file.bytes, as: UTF8.self))),
    ])
  }

  @Test("Forks are as in the golden file")
  func forks() throws {
    let signer = try signer()
    // The same up to leaf 200; from there on, leaf i is that of "x" and i.
    let other = LeveledTree(
      Self.tree.leaves.prefix(200)
        + (200..<1000).map { MerkleFrontier.leafHash(Array("x\($0)".utf8)) })
    let sizes = [(257, 257), (201, 1000), (1000, 256), (200, 1000), (1000, 70_000)]
    let forks = try sizes.map { (size, otherSize) in
      try fork(size, other, otherSize, by: signer)
    }
    try VectorText.object([
      ("kind", "fork"), ("version", 1),
      ("public_key", VectorText(hex: signer.verifier.publicKey)), ("name", .text(Self.name)),
      ("same_below", 200), ("forks", .list(forks)),
    ]).expectGolden("forks.json")
  }

  private func fork(
    _ size: Int, _ other: LeveledTree, _ otherSize: Int, by signer: NoteSigner
  ) throws -> VectorText {
    // The last pair is of two heads of one tree.
    let isHonest = otherSize > 1000
    let second = isHonest ? Self.tree : other
    let one = try SignedHead(signing: Self.tree.head(size), by: signer)
    let two = try SignedHead(signing: second.head(otherSize), by: signer)
    let larger = size > otherSize ? Self.tree : second
    let proof = ForkProof(one, two, node: larger.node)
    #expect(proof?.isValid(by: signer.verifier) ?? true)
    return .object([
      ("size", VectorText(size)), ("other_size", VectorText(otherSize)),
      ("other_is_same_tree", VectorText(isHonest ? 1 : 0)),
      ("one", encoded(one)), ("other", encoded(two)),
      ("proof", VectorText(hex: proof.map { proof in [UInt8](writing: proof.write) } ?? [])),
    ])
  }
}
