import ImportFiles
import SyntheticWorkload
import Testing

@Suite("Import input")
struct ImportInputTests {
  private func read(_ path: String) throws -> (bytes: [UInt8], fault: InputFault?) {
    let input = try ImportInput.open(path)
    var bytes: [UInt8] = []
    do throws(InputFault) {
      while let chunk = try input.nextChunk() { bytes += chunk }
    } catch {
      return (bytes, error)
    }
    return (bytes, nil)
  }

  /// Most of a megabyte that do not compress to nothing.
  private var content: [UInt8] {
    var generator = SeededGenerator(seed: 1)
    return (0..<100_000).flatMap { _ in Array("\(generator.next() % 9_999_999)\n".utf8) }
  }

  @Test("Compressed and plain files read the same", arguments: ["gzip", "zstd"])
  func compressed(tool: String) throws {
    let directory = try TemporaryDirectory()
    let content = content
    let plain = try directory.file("plain", content)
    let packed = try directory.compressed(plain, by: tool)
    #expect(try read(plain).bytes == content)
    let (bytes, fault) = try read(try directory.file("packed", packed))
    #expect(fault == nil)
    #expect(bytes == content, "\(tool)")
    let twice = try read(try directory.file("twice", packed + packed))
    #expect(twice.fault == nil)
    #expect(twice.bytes == content + content, "members one after the other")
  }

  @Test("A truncated file gives all before its end, then says so", arguments: ["gzip", "zstd"])
  func truncated(tool: String) throws {
    let directory = try TemporaryDirectory()
    let content = content
    let packed = try directory.compressed(try directory.file("plain", content), by: tool)
    for part in [1, 2, 3] {
      let cut = [UInt8](packed.prefix(packed.count * part / 4))
      let (bytes, fault) = try read(try directory.file("cut", cut))
      #expect(fault == .truncated(tool == "gzip" ? .gzip : .zstd))
      #expect(bytes.count > 0 && bytes.count < content.count)
      #expect(content.starts(with: bytes))
    }
  }

  @Test("Damage is said and never trapped", arguments: ["gzip", "zstd"])
  func damaged(tool: String) throws {
    let directory = try TemporaryDirectory()
    let packed = try directory.compressed(try directory.file("plain", content), by: tool)
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<10 {
      var bytes = packed
      bytes[Int.random(in: 4..<bytes.count, using: &generator)] ^= 0x10
      _ = try read(try directory.file("damaged", bytes))
    }
    let garbage = try read(try directory.file("garbage", packed + Array("not a member".utf8)))
    #expect(garbage.fault != nil)
  }

  @Test("A missing file is said with its path")
  func missing() {
    #expect(throws: InputFault.cannotOpen(path: "/nowhere/at/all", code: 2)) {
      try ImportInput.open("/nowhere/at/all")
    }
  }

  @Test("Empty and tiny files are plain", arguments: [[], [0x1f], [0x28, 0xb5]] as [[UInt8]])
  func tiny(bytes: [UInt8]) throws {
    let directory = try TemporaryDirectory()
    #expect(try read(try directory.file("tiny", bytes)).bytes == bytes)
  }
}
