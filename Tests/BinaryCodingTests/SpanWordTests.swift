import BinaryCoding
import Testing

@Suite("Bytes taken eight at a time")
struct SpanWordTests {
  @Test("A word is eight bytes, least significant first, at any offset")
  func words() {
    let bytes = [UInt8](0..<20)
    for offset in 0...12 {
      let expected = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << (8 * $1) }
      let found = bytes.span.word(at: offset)
      #expect(found == expected)
    }
  }

  private func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.span.isEqual(to: other.span)
  }

  @Test("Equality is that of arrays, for every length and every place of a difference")
  func equality() {
    for count in 0...33 {
      let bytes = (0..<count).map { UInt8($0 * 11 % 256) }
      #expect(areEqual(bytes, bytes))
      #expect(!areEqual(bytes, bytes + [0]))
      #expect(!areEqual(bytes + [0], bytes))
      for place in 0..<count {
        var other = bytes
        other[place] ^= 0x80
        #expect(!areEqual(bytes, other))
      }
    }
  }
}
