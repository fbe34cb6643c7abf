import Testing
import ZstdCompression

@Suite("Zstd frames")
struct ZstdCompressionTests {
  /// Bytes that compress about as well as events do, the same for the same seed.
  static func sample(byteCount: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<byteCount).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 60)
    }
  }

  @Test("What was compressed decompresses to the same", arguments: [0, 1, 100, 100_000, 1 << 20])
  func roundTrip(_ byteCount: Int) throws {
    let content = Self.sample(byteCount: byteCount)
    var compressor = try ZstdCompressor.make()
    var decompressor = try ZstdDecompressor.make()
    for _ in 0..<2 {
      let frame = try compressor.compress(content.span)
      #expect(try decompressor.decompress(frame.span, byteCount: byteCount) == content)
      #expect(byteCount < 1000 || frame.count < byteCount * 2 / 3)
    }
  }

  @Test("Levels stay within 1 and 15")
  func levels() {
    #expect(ZstdLevel(clamping: 22).rawValue == 15)
    #expect(ZstdLevel(clamping: -5).rawValue == 1)
    #expect(ZstdLevel(clamping: 3) == .balanced)
  }

  @Test("More content than allowed is refused, less than promised too")
  func bounds() throws {
    var compressor = try ZstdCompressor.make()
    var decompressor = try ZstdDecompressor.make()
    let frame = try compressor.compress([UInt8](repeating: 0, count: 1 << 20).span)
    #expect(throws: ZstdFault.tooLarge(max: 1000)) {
      try decompressor.decompress(frame.span, byteCountMax: 1000)
    }
    #expect(throws: ZstdFault.wrongSize(expected: 1 << 21, found: 1 << 20)) {
      try decompressor.decompress(frame.span, byteCount: 1 << 21)
    }
  }

  @Test("No cut or flipped byte of a frame traps, and a cut is never taken for the whole")
  func hostileFrames() throws {
    let content = Self.sample(byteCount: 2000)
    var compressor = try ZstdCompressor.make()
    var decompressor = try ZstdDecompressor.make()
    let frame = try compressor.compress(content.span)
    for end in 0..<frame.count {
      let cut = [UInt8](frame[..<end])
      #expect(throws: ZstdFault.self) { try decompressor.decompress(cut.span, byteCount: 2000) }
    }
    for index in frame.indices {
      var damaged = frame
      damaged[index] ^= 0xff
      let found = try? decompressor.decompress(damaged.span, byteCountMax: 4000)
      #expect((found?.count ?? 0) <= 4000)
    }
  }
}
