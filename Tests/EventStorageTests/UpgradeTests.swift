import BinaryCoding
import DurableFiles
import EventStorage
import HybridTime
import Testing

@Suite("An older store is brought to this format version")
struct UpgradeTests {
  /// A closed store whose manifests say that they are of version 1.0, which differs in nothing else.
  private func makeOldStore() throws -> (TestStore, Int) {
    let (store, log) = try BackupTests.makeLog(seed: 70)
    let count = try BackupTests.events(log).count
    try log.close()
    for path in ["/store/MANIFEST", "/store/MANIFEST.bak"] {
      var bytes = try store.disk.readFile(path, byteCountMax: 1 << 20)
      #expect(Array(bytes[8..<12]) == [1, 0, 1, 0])
      bytes[8] = 0
      var writer = ByteWriter()
      writer.write(Array(bytes.dropLast(4)))
      writer.write(CRC32C.checksum(writer.bytes))
      try store.disk.replaceFile(path, with: writer.bytes)
    }
    return (store, count)
  }

  @Test("A store of version 1.0 is refused with the remedy, and opens after the upgrade")
  func upgrades() throws {
    let (store, count) = try makeOldStore()
    let refusal = #expect(throws: StorageError.self) { try store.open() }
    #expect(refusal?.description.contains("run 'daybook upgrade'") == true)
    let report = try upgrade(directory: "/store", fileSystem: store.disk)
    #expect(report.from == 0x1_0000)
    #expect(report.to == 0x1_0001)
    let log = try store.open()
    #expect(try BackupTests.events(log).count == count)
    #expect(log.identity.formatVersion == 0x1_0001)
    try log.close()
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
    #expect(try upgrade(directory: "/store", fileSystem: store.disk).wasCurrent)
  }

  @Test("Power lost at any call leaves the old version or the new, whole")
  func powerLoss() throws {
    let (store, count) = try makeOldStore()
    let before = store.disk.callCount
    let copy = store.disk.copy(machine: "other")
    _ = try upgrade(directory: "/store", fileSystem: copy)
    let calls = copy.callCount - before
    #expect(calls > 10)
    for call in 1...calls {
      for survival in [MemoryFileSystem.Survival.nothing, .everything, .someOf(seed: 3)] {
        let disk = store.disk.copy(machine: "m\(call)")
        disk.inject(.stop(atCall: disk.callCount + call))
        _ = try? upgrade(directory: "/store", fileSystem: disk)
        disk.crash(survival)
        _ = try upgrade(directory: "/store", fileSystem: disk)
        let log = try EventLog.open(
          at: "/store", fileSystem: disk, options: store.options, makeSeed: TestStore.makeSeed)
        #expect(try BackupTests.events(log).count == count, "stopped at call \(call)")
      }
    }
  }

  @Test("Another version is refused, and nothing is changed")
  func refusal() throws {
    let (store, _) = try makeOldStore()
    for path in ["/store/MANIFEST", "/store/MANIFEST.bak"] {
      var bytes = try store.disk.readFile(path, byteCountMax: 1 << 20)
      bytes[8] = 9
      try store.disk.replaceFile(path, with: bytes)
    }
    #expect(throws: StorageError.self) { try upgrade(directory: "/store", fileSystem: store.disk) }
    #expect(throws: StorageError.notAStore(directory: "/nowhere")) {
      try upgrade(directory: "/nowhere", fileSystem: store.disk)
    }
    #expect(try !store.disk.exists("/nowhere"))
  }
}
