import BinaryCoding
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Digest256")
struct Digest256Tests {
  @Test("SHA-256 of the standard's examples")
  func knownDigests() {
    #expect(
      Digest256.hash(Array("abc".utf8)).description
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
    #expect(
      Digest256.hash(long).description
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }

  @Test("Hashing in pieces equals hashing at once", arguments: [1, 2, 3])
  func pieces(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let bytes = random.bytes(Int.random(in: 0...300, using: &random))
      var builder = DigestBuilder()
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...rest.count, using: &random)
        builder.update(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(builder.finish() == Digest256.hash(bytes))
    }
  }

  @Test("Addition is that of 256-bit integers modulo 2²⁵⁶", arguments: [4, 5, 6])
  func addition(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let left = number(using: &random)
      let right = number(using: &random)
      let one = try #require(Digest256(bytes: left))
      let other = try #require(Digest256(bytes: right))
      #expect((one &+ other).bytes == sum(left, right))
      #expect(one &+ other == other &+ one)
      #expect(one &+ .zero == one)
    }
  }

  @Test("The largest number plus one is zero")
  func wraps() throws {
    let largest = try #require(Digest256(bytes: [UInt8](repeating: 0xff, count: 32)))
    let one = try #require(Digest256(bytes: [UInt8](repeating: 0, count: 31) + [1]))
    #expect(largest &+ one == .zero)
  }

  @Test("Order is that of the bytes; text is theirs in hexadecimal", arguments: [7, 8])
  func order(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let (left, right) = (number(using: &random), number(using: &random))
      let one = try #require(Digest256(bytes: left))
      let other = try #require(Digest256(bytes: right))
      #expect((one < other) == left.lexicographicallyPrecedes(right))
      #expect(one.bytes == left)
      #expect((one.description < other.description) == (one < other))
    }
  }

  @Test("A digest is 32 bytes and nothing else", arguments: [0, 31, 33])
  func length(count: Int) {
    #expect(Digest256(bytes: [UInt8](repeating: 0, count: count)) == nil)
  }

  /// 32 bytes in which runs of 0x00 and 0xff make carries likely.
  private func number(using random: inout SeededGenerator) -> [UInt8] {
    (0..<32).map { _ in random.pick([0x00, 0xff, 0xff, UInt8.random(in: 0...255, using: &random)]) }
  }

  /// The schoolbook sum, byte by byte from the right.
  private func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: 32)
    var carry = 0
    for index in (0..<32).reversed() {
      let total = Int(left[index]) + Int(right[index]) + carry
      result[index] = UInt8(total & 0xff)
      carry = total >> 8
    }
    return result
  }
}
