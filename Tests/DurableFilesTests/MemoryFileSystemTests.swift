import DurableFiles
import Testing

@Suite("The disk in memory loses what a disk may lose")
struct MemoryFileSystemTests {
  @Test("Unsynced bytes are gone after a crash, synced ones are not")
  func losesUnsyncedBytes() throws {
    let system = MemoryFileSystem()
    let file = try system.open("/a", for: .creating)
    try system.syncDirectory("/")
    try file.write("kept")
    try file.syncData()
    try file.write("lost", at: 2)
    system.crash()
    #expect(try system.text("/a") == "kept")
    #expect(system.syncCount == 1)
  }

  @Test("A new file's name is gone after a crash unless its directory was synced")
  func losesUnsyncedNames() throws {
    let system = MemoryFileSystem()
    try system.open("/a", for: .creating).syncData()
    system.crash()
    #expect(try system.exists("/a") == false)
  }

  @Test("An unsynced rename is undone by a crash, an unsynced removal too")
  func undoesUnsyncedNames() throws {
    let system = MemoryFileSystem()
    for name in ["/a", "/b"] {
      let file = try system.open(name, for: .creating)
      try file.write(name)
      try file.syncData()
    }
    try system.syncDirectory("/")
    try system.rename("/a", to: "/c")
    try system.remove("/b")
    system.crash()
    #expect(try system.list("/") == ["a", "b"])
    #expect(try system.text("/b") == "/b")
  }

  @Test("Syncing one directory does not sync another")
  func syncsDirectoriesSeparately() throws {
    let system = MemoryFileSystem()
    try system.makeDirectory("/d")
    _ = try system.open("/d/a", for: .creating)
    try system.syncDirectory("/d")
    system.crash()
    #expect(try system.exists("/d/a") == false)
    #expect(try system.exists("/d") == false)
  }

  @Test("Files and locks of before a crash are dead after it")
  func killsHandles() throws {
    let system = MemoryFileSystem()
    let file = try system.open("/a", for: .creating)
    let lock = try system.lock("/lock")
    try system.syncDirectory("/")
    system.crash(.everything)
    #expect(throws: FileFault.self) { try file.read(count: 1, at: 0) }
    #expect(throws: FileFault.self) { try file.write("late") }
    _ = try system.lock("/lock")
    withExtendedLifetime(lock) {}
  }

  @Test("A failed sync loses the bytes although a second sync succeeds")
  func failedSyncLosesBytes() throws {
    let system = MemoryFileSystem()
    let file = try system.open("/a", for: .creating)
    try system.syncDirectory("/")
    try file.write("lost")
    system.inject(.inputOutputError(atCall: system.callCount + 1))
    #expect(throws: FileFault.self) { try file.syncData() }
    try file.syncData()
    #expect(try file.text() == "lost")
    system.crash()
    #expect(try system.text("/a") == "")
  }

  @Test("A full disk takes half of a write")
  func fullDisk() throws {
    let system = MemoryFileSystem()
    let file = try system.open("/a", for: .creating)
    system.inject(.diskFull(atCall: system.callCount + 1))
    let fault = try #require(throws: FileFault.self) { try file.write("12345678") }
    #expect(fault.isDiskFull)
    #expect(try file.text() == "1234")
  }

  @Test("A seeded crash keeps some sectors, the same ones for the same seed")
  func tearsWrites() throws {
    func survivors(_ seed: UInt64) throws -> [Bool] {
      let system = MemoryFileSystem()
      let file = try system.open("/a", for: .creating)
      try file.truncate(to: 64 * 512)
      try file.syncData()
      try system.syncDirectory("/")
      try file.write([UInt8](repeating: 1, count: 64 * 512).span, at: 0)
      system.crash(.someOf(seed: seed))
      let bytes = try system.readFile("/a", byteCountMax: 64 * 512)
      return stride(from: 0, to: bytes.count, by: 512).map { start in
        let sector = bytes[start..<(start + 512)]
        #expect(Set(sector).count == 1, "a sector is written whole or not at all")
        return sector.first == 1
      }
    }
    let kept = try survivors(1)
    #expect(kept.contains(true))
    #expect(kept.contains(false))
    #expect(try survivors(1) == kept)
    #expect(try survivors(2) != kept)
  }

  @Test("A replaced file is whole, old or new, wherever the machine stops", arguments: 1...200)
  func replacesAtomically(_ seed: Int) throws {
    let system = MemoryFileSystem()
    let texts = [1, 2].map { String(repeating: "\($0)", count: 2000) }
    try system.replaceFile("/a", with: [UInt8](texts[0].utf8))
    system.inject(.stop(atCall: system.callCount + 1 + seed % 7))
    let isDone = (try? system.replaceFile("/a", with: [UInt8](texts[1].utf8))) != nil
    system.crash(.someOf(seed: UInt64(seed)))
    let found = try #require(try system.text("/a"))
    #expect(isDone ? found == texts[1] : texts.contains(found))
  }
}
