import Testing
import ZstdCompression

@Suite("Zstd files, piece by piece")
struct ZstdStreamDecompressorTests {
  /// Decompresses a file given in pieces of `pieceBytes`.
  func decompress(_ file: [UInt8], pieceBytes: Int) throws -> [UInt8] {
    var stream = try ZstdStreamDecompressor.make()
    var content: [UInt8] = []
    var start = 0
    while start < file.count || stream.isHoldingOutput {
      var output: [UInt8] = []
      let end = min(file.count, start + pieceBytes)
      start += try stream.decompress(file.span.extracting(start..<end), into: &output)
      #expect(output.count <= ZstdStreamDecompressor.outputBytesMax)
      content += output
    }
    try stream.finish()
    return content
  }

  @Test("Pieces of any size give the content", arguments: [1, 7, 4096, 1 << 20])
  func pieces(_ pieceBytes: Int) throws {
    let content =
      ZstdCompressionTests.sample(byteCount: 30_000) + [UInt8](repeating: 0, count: 500_000)
    var compressor = try ZstdCompressor.make()
    let file = try compressor.compress(content.span)
    #expect(try decompress(file, pieceBytes: pieceBytes) == content)
  }

  @Test("Frames one after another are one content")
  func concatenated() throws {
    var compressor = try ZstdCompressor.make()
    let file = try compressor.compress([1, 2].span) + compressor.compress([3].span)
    #expect(try decompress(file, pieceBytes: 5) == [1, 2, 3])
  }

  @Test("A cut file is reported, wherever it is cut")
  func truncated() throws {
    var compressor = try ZstdCompressor.make()
    let file = try compressor.compress(ZstdCompressionTests.sample(byteCount: 300).span)
    for end in 0..<file.count {
      #expect(throws: ZstdFault.truncated) {
        try decompress([UInt8](file[..<end]), pieceBytes: 64)
      }
    }
  }

  @Test("What is not zstd is reported")
  func notZstd() throws {
    #expect(throws: ZstdFault.self) {
      try decompress([UInt8]("{\"type\":\"track\"}".utf8), pieceBytes: 64)
    }
  }
}
