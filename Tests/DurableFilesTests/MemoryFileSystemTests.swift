import DurableFiles
import Synchronization
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

  @Test("A full set of crash states has each prefix, each loss and each pair in the wrong order")
  func crashStates() throws {
    let system = MemoryFileSystem()
    let file = try system.open("/a", for: .creating)
    try system.syncDirectory("/")
    for index in 0..<3 {
      try file.write([UInt8](repeating: 1, count: 512).span, at: UInt64(index) * 512)
    }
    try system.rename("/a", to: "/b")
    let moment = system.moment
    #expect(moment.pieceCount == 4)
    let found = Set(
      try moment.crashStates(countMax: 100, seed: 1).map { state in
        let disk = moment.disk(after: state)
        let name = try disk.exists("/b") ? "/b" : "/a"
        let bytes = try disk.readFile(name, byteCountMax: 4096)
        let sectors = stride(from: 0, to: 1536, by: 512).map { start in
          start < bytes.count && bytes[start] == 1 ? "1" : "0"
        }
        return name + sectors.joined()
      })
    // 5 prefixes, 4 losses, 4 lone pieces and 6 pairs are 13 different sets.
    #expect(
      found == [
        "/a000", "/a100", "/a110", "/a111", "/b111", "/b011", "/b101", "/b110", "/a010", "/a001",
        "/b000", "/a011", "/a101",
      ])
    #expect(moment.crashStates(countMax: 5, seed: 1).count == 5)
    #expect(
      moment.crashStates(countMax: 5, seed: 1) == moment.crashStates(countMax: 5, seed: 1))
    #expect(try system.exists("/b"), "the disk itself goes on")
  }

  @Test("The disk is shown before each call that follows a change")
  func observed() throws {
    let system = MemoryFileSystem()
    let counts = Mutex([Int]())
    system.observe { moment in counts.withLock { $0.append(moment.pieceCount) } }
    let file = try system.open("/a", for: .creating)
    _ = try file.byteCount()
    _ = try file.byteCount()
    try file.write("text")
    try file.syncData()
    try system.syncDirectory("/")
    _ = try file.byteCount()
    #expect(counts.withLock { $0 } == [1, 2, 1, 0])
  }

  @Test("Only what takes a descriptor fails for lack of them")
  func tooManyOpenFiles() throws {
    let system = MemoryFileSystem()
    let file = try system.open("/a", for: .creating)
    system.inject(.tooManyOpenFiles(atCall: system.callCount + 1))
    try file.write("text")
    #expect(system.failedCallCount == 0)
    system.inject(.tooManyOpenFiles(atCall: system.callCount + 1))
    #expect(throws: FileFault.self) { try system.open("/a", for: .reading) }
    #expect(system.failedCallCount == 1)
  }
}
