import BinaryCoding
import Testing

@Suite("CRC-32C")
struct CRC32CTests {
  @Test(
    "Known checksums",
    arguments: [
      ([UInt8]("123456789".utf8), 0xe306_9283),
      ([], 0),
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
      ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      ([UInt8](0..<32), 0x46dd_794e),
    ] as [([UInt8], UInt32)])
  func knownValues(_ bytes: [UInt8], _ checksum: UInt32) {
    #expect(CRC32C.checksum(bytes) == checksum)
  }

  @Test("A checksum in pieces equals one in a run, wherever it is cut")
  func pieces() {
    let bytes = (0..<100).map { UInt8($0 * 7 % 251) }
    let whole = CRC32C.checksum(bytes)
    for cut in 0...bytes.count {
      var crc = CRC32C()
      crc.update(bytes.span.extracting(0..<cut))
      crc = CRC32C(continuing: crc.value)
      crc.update(bytes.span.extracting(cut..<bytes.count))
      #expect(crc.value == whole)
    }
  }

  @Test("Every single flipped bit changes the checksum")
  func flippedBits() {
    let bytes = [UInt8](0..<64)
    let whole = CRC32C.checksum(bytes)
    for bit in 0..<(bytes.count * 8) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(CRC32C.checksum(damaged) != whole)
    }
  }
}
