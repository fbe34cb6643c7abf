import DurableFiles
import InteractionLog
import Testing

@Suite("Dead letters")
struct DeadLetterQueueTests {
  private func letter(_ line: Int, _ raw: String = "{") -> DeadLetter {
    DeadLetter(
      file: "in", line: line, format: "segment", source: "", channel: "", code: "malformed",
      reason: "not JSON", remedy: "send JSON", raw: Array(raw.utf8), milliseconds: 5)
  }

  private func queue(_ files: MemoryFileSystem) throws -> DeadLetterQueue {
    try DeadLetterQueue(directory: "/store/dead-letters", fileSystem: files)
  }

  private func files() throws -> MemoryFileSystem {
    let files = MemoryFileSystem()
    try files.makeDirectory("/store")
    return files
  }

  @Test("Letters come back as they were, and the same row of the same file counts once")
  func keeps() throws {
    let files = try files()
    let one = try queue(files)
    #expect(try one.add([letter(1), letter(2), letter(1)]) == 2)
    #expect(try one.add([letter(2), letter(3)]) == 1)
    let again = try queue(files)
    #expect(again.numbers == [1, 2, 3])
    #expect(try again.add([letter(3)]) == 0)
    var expected = letter(2)
    expected.number = 2
    #expect(try again.letter(2) == expected)
    #expect(try again.letter(9) == nil)
  }

  @Test("Removed letters are physically gone, and numbers are never given twice")
  func removes() throws {
    let files = try files()
    let one = try queue(files)
    _ = try one.add([letter(1, "secret"), letter(2, "kept"), letter(3, "secret too")])
    try one.remove([1, 3])
    #expect(one.numbers == [2])
    let file = try files.open("/store/dead-letters/letters", for: .reading)
    let bytes = try file.read(count: Int(try file.byteCount()), at: 0)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("secret"))
    let again = try queue(files)
    #expect(again.numbers == [2])
    _ = try again.add([letter(4)])
    #expect(again.numbers == [2, 4])
    #expect(try again.letter(2)?.raw == Array("kept".utf8))
  }

  @Test("Damage hides only the letter it hits")
  func damage() throws {
    let files = try files()
    let one = try queue(files)
    for line in 1...5 { _ = try one.add([letter(line)]) }
    let file = try files.open("/store/dead-letters/letters", for: .updating)
    let size = try file.byteCount()
    let whole = try file.read(count: Int(size), at: 0)
    for offset in 0..<Int(size) {
      try file.write([whole[offset] ^ 0x41].span, at: UInt64(offset))
      let damaged = try queue(files)
      #expect(damaged.count == 4, "byte \(offset)")
      #expect(damaged.damagedByteCount > 0)
      try file.write([whole[offset]].span, at: UInt64(offset))
    }
    try file.truncate(to: size - 3)
    let torn = try queue(files)
    #expect(torn.numbers == [1, 2, 3, 4])
    _ = try torn.add([letter(9)])
    #expect(try queue(files).numbers == [1, 2, 3, 4, 5])
  }

  @Test("A long message is kept in part, with its length")
  func long() {
    let long = letter(1, String(repeating: "x", count: 2 << 20))
    #expect(long.raw.count == DeadLetter.excerptByteCount)
    #expect(long.rawByteCount == 2 << 20)
    #expect(!long.isWhole)
  }
}
