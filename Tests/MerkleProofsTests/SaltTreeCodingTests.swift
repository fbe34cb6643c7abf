import BinaryCoding
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Encoding of SaltTree")
struct SaltTreeCodingTests {
  private func encoded(_ tree: SaltTree) -> [UInt8] {
    var writer = ByteWriter()
    tree.write(to: &writer)
    return writer.bytes
  }

  private func decoded(_ bytes: [UInt8]) throws(DecodingFault) -> SaltTree {
    var reader = ByteReader(bytes.span)
    let tree = try SaltTree(from: &reader)
    try reader.expectEnd()
    return tree
  }

  private func sample(using random: inout SeededGenerator) -> SaltTree {
    var tree = SaltTree(seed: .hash(random.bytes(8)))
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let index = Int.random(in: 0..<4096, using: &random)
      let section = UInt8.random(in: 0..<4, using: &random)
      if random.oneIn(2) {
        tree.puncture(index)
      } else {
        tree.erase(section: section, of: index, sectionCount: 4)
      }
    }
    return tree
  }

  @Test("Any bytes that are accepted are written again as they were", arguments: 1...8)
  func mutations(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var accepted = 0
    for _ in 0..<400 {
      var bytes = random.oneIn(8) ? random.bytes(60) : encoded(sample(using: &random))
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<min(bytes.count, 24), using: &random)
        bytes[random.oneIn(2) ? place : bytes.count - 1 - place] = UInt8.random(
          in: 0...255, using: &random)
      }
      guard let tree = try? decoded(bytes) else { continue }
      accepted += 1
      #expect(encoded(tree) == bytes)
    }
    #expect(accepted > 0, "some mutations hit only digests")
  }

  @Test("Any cut and any byte too many is a typed fault", arguments: [1, 2])
  func cuts(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let bytes = encoded(sample(using: &random))
    for count in 0..<bytes.count {
      #expect(throws: DecodingFault.self) { try decoded(Array(bytes.prefix(count))) }
    }
    #expect(throws: DecodingFault.trailingBytes(count: 1, at: bytes.count)) {
      try decoded(bytes + [0])
    }
  }

  @Test("Runs that touch, are empty or leave the window are refused")
  func badRuns() {
    let hashes = [UInt8](repeating: 1, count: 32 * 64)
    let runs: [[UInt8]] = [
      [2, 0, 1, 0, 1],  // the second run touches the first
      [1, 5, 0],  // an empty run
      [1, 0, 0x81, 0x20],  // one more than the window
      [1, 0x81, 0x20, 1],  // begins behind the window
      [0x81, 0x10],  // more runs than can be
    ]
    for run in runs {
      #expect(throws: DecodingFault.self) { try decoded(run + hashes) }
    }
  }

  @Test("Kept salts of a whole event, of no section, or twice, are refused")
  func badKept() throws {
    // Indexes 0 to 4,094 are punctured, and one leaf is left.
    let head: [UInt8] = [1, 0, 0xff, 0x1f] + [UInt8](repeating: 1, count: 32)
    let salt = [UInt8](repeating: 2, count: 32)
    #expect(try encoded(decoded(head + [1, 9, 1] + salt)) == head + [1, 9, 1] + salt)
    let bad: [[UInt8]] = [
      [1, 0xff, 0x1f, 1] + salt,  // index 4,095 is whole
      [1, 9, 0],  // no section
      [1, 9, 0x80, 0x80, 0x04] + salt,  // section 16
      [1, 0x80, 0x20, 1] + salt,  // behind the window
      [0x81, 0x20],  // more than the window
    ]
    for kept in bad {
      #expect(throws: DecodingFault.self) { try decoded(head + kept) }
    }
  }
}
