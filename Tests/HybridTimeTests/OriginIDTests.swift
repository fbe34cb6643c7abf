import BinaryCoding
import HybridTime
import SyntheticWorkload
import Testing

@Suite("OriginID")
struct OriginIDTests {
  @Test("Forty bytes, read back equal, sorted as their bytes are", arguments: [1, 2, 3])
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var origins: [(origin: OriginID, bytes: [UInt8])] = []
    for _ in 0..<50 {
      let origin = random.origin()
      var writer = ByteWriter()
      origin.write(to: &writer)
      #expect(writer.count == OriginID.byteCount)
      var reader = ByteReader(writer.bytes.span)
      #expect(try OriginID(from: &reader) == origin)
      origins.append((origin, writer.bytes))
    }
    let byOrigin = origins.sorted { $0.origin < $1.origin }.map(\.bytes)
    let byBytes = origins.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
    #expect(byOrigin == byBytes)
  }

  @Test("Any cut is a typed fault")
  func cut() {
    var writer = ByteWriter()
    var random = SeededGenerator(seed: 4)
    random.origin().write(to: &writer)
    for count in 0..<OriginID.byteCount {
      let bytes = Array(writer.bytes.prefix(count))
      #expect(throws: DecodingFault.self) {
        var reader = ByteReader(bytes.span)
        _ = try OriginID(from: &reader)
      }
    }
  }

  @Test("A prefix of the text names the origin, another does not")
  func named() throws {
    let key = try #require(DeviceKey(bytes: [UInt8](repeating: 0xab, count: 32)))
    let origin = OriginID(incarnation: 0x0102_0304_0506_0708, key: key)
    #expect(origin.description == "0102030405060708")
    #expect(origin.fullDescription == "0102030405060708" + String(repeating: "ab", count: 32))
    #expect(origin.isNamed(by: "0102"))
    #expect(origin.isNamed(by: "0102030405060708abab"))
    #expect(!origin.isNamed(by: "0103"))
    #expect(Dot(origin: origin, sequence: 17).description == "0102030405060708/17")
  }

  @Test("A key is 32 bytes and nothing else", arguments: [0, 31, 33])
  func keyLength(count: Int) {
    #expect(DeviceKey(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }
}
