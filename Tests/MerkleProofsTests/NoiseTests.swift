import BinaryCoding
import MerkleProofs
import SyntheticWorkload
import Testing

/// Every decoder of untrusted bytes, on bytes that mean nothing and on valid ones that were damaged.
@Suite("Noise")
struct NoiseTests {
  /// A decoder, and the bytes that its value is written as.
  private struct Decoder {
    let name: String
    let valid: [UInt8]
    let rewritten: ([UInt8]) -> [UInt8]?
  }

  private func binary(
    _ name: String, _ valid: [UInt8],
    _ rewrite: @escaping (inout ByteReader, inout ByteWriter) throws(DecodingFault) -> Void
  ) -> Decoder {
    Decoder(name: name, valid: valid) { bytes in
      var reader = ByteReader(bytes.span)
      var writer = ByteWriter()
      do throws(DecodingFault) {
        try rewrite(&reader, &writer)
        try reader.expectEnd()
        return writer.bytes
      } catch {
        return nil
      }
    }
  }

  private func decoders() throws -> [Decoder] {
    let signer = try SignedNoteTests.signer()
    let tree = LeveledTree(decimals: 9)
    let head = try SignedHead(signing: tree.head(9), by: signer)
    let note = head.note(of: signer.verifier)
    let hashes = MerkleTree.inclusionProof(of: 4, size: 9, node: tree.node)
    let file = ProofFile(index: 4, hashes: hashes, checkpoint: note, extra: [9])
    return [
      binary("TreeHead", [UInt8](writing: head.head.write)) {
        reader, writer throws(DecodingFault) in
        try TreeHead(from: &reader).write(to: &writer)
      },
      binary("SignedHead", [UInt8](writing: head.write)) { reader, writer throws(DecodingFault) in
        try SignedHead(from: &reader).write(to: &writer)
      },
      binary("MerkleFrontier", [UInt8](writing: tree.frontier(9).write)) {
        reader, writer throws(DecodingFault) in
        try MerkleFrontier(from: &reader).write(to: &writer)
      },
      Decoder(name: "SignedNote", valid: note.bytes) { (try? SignedNote($0))?.bytes },
      Decoder(name: "Checkpoint", valid: note.text) { (try? Checkpoint(text: $0))?.text },
      Decoder(name: "ProofFile", valid: file.bytes) { (try? ProofFile($0))?.bytes },
      Decoder(name: "vkey", valid: Array(signer.verifier.vkey.utf8)) { bytes in
        String(validating: bytes, as: UTF8.self)
          .flatMap { NoteVerifier(vkey: $0) }.map { Array($0.vkey.utf8) }
      },
      Decoder(name: "Tile", valid: Array("tile/1/x001/002.p/33".utf8)) { bytes in
        String(validating: bytes, as: UTF8.self)
          .flatMap { Tile(path: $0) }.map { Array($0.path.utf8) }
      },
    ]
  }

  @Test("No decoder traps, and what one accepts it writes again as it was", arguments: 1...6)
  func noise(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for decoder in try decoders() {
      #expect(decoder.rewritten(decoder.valid) == decoder.valid, "\(decoder.name)")
      for _ in 0..<500 {
        let bytes =
          random.oneIn(5)
          ? random.bytes(Int.random(in: 0...200, using: &random))
          : damaged(decoder.valid, using: &random)
        guard let rewritten = decoder.rewritten(bytes) else { continue }
        #expect(rewritten == bytes, "\(decoder.name)")
      }
    }
  }

  private func damaged(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let byte = random.pick([
        0, 10, 32, 0x2b, 0x30, 0xe2, UInt8.random(in: 0...255, using: &random),
      ])
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] = byte
      case 1: bytes.insert(byte, at: place)
      case 2: bytes.remove(at: place)
      default: bytes.removeSubrange(place...)
      }
    }
    return bytes
  }
}
