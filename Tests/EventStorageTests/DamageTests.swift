import BinaryCoding
import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Damage at rest is found")
struct DamageTests {
  /// A store with one segment, a write-ahead log and trees, closed cleanly, and what it holds.
  static func makeStore() throws -> (TestStore, [Event]) {
    let store = TestStore(seed: 5)
    try store.create()
    let log = try store.open()
    var random = SeededGenerator(seed: 6)
    _ = try log.append((0..<6).map { _ in random.draft(idRange: 0..<5) }, wallMilliseconds: 1)
    let peer = random.origin()
    let foreign = random.events(of: peer, sequences: 1...3)
    _ = try log.apply(foreign, salts: WindowSalts.synthetic(for: foreign), wallMilliseconds: 2)
    try log.seal()
    for step in 0..<2 {
      _ = try log.append([random.draft(), random.draft()], wallMilliseconds: Int64(step) + 3)
    }
    let events = try readAll(log)
    try log.close()
    return (store, events)
  }

  static func readAll(_ log: EventLog) throws -> [Event] {
    let snapshot = log.snapshot()
    var events: [Event] = []
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      events.append(event)
      return true
    }
    for identifier in Set(events.flatMap { $0.persons.flatMap(\.identifiers) }) {
      _ = try snapshot.positions(naming: identifier.name)
    }
    return events
  }

  @Test("A sound store verifies, and says what it read")
  func sound() throws {
    let (store, events) = try Self.makeStore()
    let report = try verify(directory: "/store", fileSystem: store.disk)
    #expect(report.isSound)
    #expect(report.damages == [])
    #expect(report.events == events.count)
    #expect(report.segments == 1)
    #expect(report.frames == 2)
  }

  @Test(
    "A flipped bit anywhere is reported, and never gives a wrong answer",
    arguments: [
      "MANIFEST", "MANIFEST.bak", "log/000001.seg", "log/wal-000002", "log/trees", "log/salts",
      "log/salts.bak", "log/heads", "log/heads.bak",
    ])
  func flippedBits(file: String) throws {
    let (store, events) = try Self.makeStore()
    try Self.flipEveryBit(of: file, of: store, holding: events)
  }

  @Test("A flipped bit in a segment of columns is reported, and never gives a wrong answer")
  func flippedBitsInColumns() throws {
    let (store, events) = try Self.makeStore()
    let log = try store.open()
    let report = try log.compact(all: true)
    #expect(report.rewritten == 2)
    #expect(report.written == 1)
    #expect(try Self.readAll(log) == events)
    try log.close()
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
    try Self.flipEveryBit(of: "log/000003.seg", of: store, holding: events)
  }

  /// Flips one bit after the other: each is reported with an extent that has it, and the store is
  /// refused or answers as before. The answers to one bit of each byte are looked at, or to all.
  private static func flipEveryBit(
    of file: String, of store: TestStore, holding events: [Event]
  ) throws {
    let path = "/store/" + file
    let count = try store.disk.readFile(path, byteCountMax: 1 << 20).count
    #expect(count > 50)
    for offset in 0..<count {
      for bit in 0..<8 {
        store.disk.flipBits(of: path, at: offset, mask: 1 << bit)
        #expect(isReported(store, file: file, byte: offset), "bit \(bit) of byte \(offset)")
        if Soak.isOn || bit == offset % 8, file.hasPrefix("log/") {
          #expect(isRefusedOrRight(store, events), "bit \(bit) of byte \(offset)")
        }
        store.disk.flipBits(of: path, at: offset, mask: 1 << bit)
      }
    }
    print("counted: flipped bits of \(file): \(8 * count)")
  }

  /// Whether verification names the file and an extent with the byte, or its version as another's.
  private static func isReported(_ store: TestStore, file: String, byte: Int) -> Bool {
    do throws(StorageError) {
      let report = try verify(directory: "/store", fileSystem: store.disk)
      return report.damages.contains { damage in
        damage.file == file
          && (damage.offset..<(damage.offset + damage.byteCount)).contains(UInt64(byte))
      }
    } catch {
      // The version has its place in the first bytes of every file.
      if case .version(let named, _, _) = error { return named.hasSuffix(file) && byte < 12 }
      return false
    }
  }

  /// A store that was let go while a seal was due: two write-ahead logs hold its events.
  static func makeStoreWithTwoLogs() throws -> (TestStore, [Event]) {
    var store = TestStore(seed: 5)
    store.options.sealEventCount = 4
    store.options.sealSchedule = .late
    try store.create()
    let log = try store.open()
    var random = SeededGenerator(seed: 6)
    for step in 0..<3 {
      _ = try log.append([random.draft(), random.draft()], wallMilliseconds: Int64(step))
    }
    let events = try readAll(log)
    store.disk.crash()
    return (store, events)
  }

  @Test("A seal that was cut short leaves two write-ahead logs, and all their events")
  func twoLogs() throws {
    let (store, events) = try Self.makeStoreWithTwoLogs()
    let report = try verify(directory: "/store", fileSystem: store.disk)
    #expect(report.isSound)
    #expect(report.frames == 3)
    #expect(report.segments == 0)
    let log = try store.open()
    #expect(log.recovery.replayedEventCount == events.count)
    #expect(try Self.readAll(log) == events)
    try log.seal()
    #expect(try Self.readAll(log) == events)
    #expect(log.snapshot().statistics.segments == 2)
  }

  @Test("What is unreadable in the first of two write-ahead logs is damage, also at its end")
  func flippedBitsBeforeAnotherLog() throws {
    let (store, events) = try Self.makeStoreWithTwoLogs()
    let path = "/store/log/wal-000001"
    for offset in 0..<(try store.disk.readFile(path, byteCountMax: 1 << 20).count) {
      store.disk.flipBits(of: path, at: offset, mask: 1)
      #expect(
        Self.isReported(store, file: "log/wal-000001", byte: offset), "byte \(offset)")
      #expect(throws: StorageError.self, "byte \(offset)") { try store.open() }
      store.disk.flipBits(of: path, at: offset, mask: 1)
    }
    #expect(try Self.readAll(try store.open()) == events)
  }

  private static func isRefusedOrRight(_ store: TestStore, _ events: [Event]) -> Bool {
    guard let log = try? store.open(), let found = try? readAll(log) else { return true }
    return found == events
  }

  @Test("A damaged frame with whole frames behind it is damage, not the end of the log")
  func damageInTheMiddle() throws {
    let store = TestStore(seed: 5)
    try store.create()
    let log = try store.open()
    var random = SeededGenerator(seed: 6)
    for step in 0..<3 {
      _ = try log.append([random.draft()], wallMilliseconds: Int64(step))
    }
    store.disk.crash()
    store.disk.flipBits(of: "/store/log/wal-000001", at: 200, mask: 1)
    let error = try #require(throws: StorageError.self) { try store.open() }
    guard case .damaged(let damage) = error else {
      Issue.record("expected damage, got \(error)")
      return
    }
    #expect(damage.file == "log/wal-000001")
    #expect(damage.offset == 92)
    #expect(damage.positions == 1...1)
    store.disk.flipBits(of: "/store/log/wal-000001", at: 200, mask: 1)
    #expect(try store.open().snapshot().highWaterMark.rawValue == 3)
  }

  @Test("A copy of the manifest that is gone or damaged is written again")
  func manifestCopy() throws {
    let (store, events) = try Self.makeStore()
    store.disk.flipBits(of: "/store/MANIFEST", at: 30, mask: 4)
    var log = try store.open()
    #expect(log.recovery.didRestoreManifestCopy)
    #expect(try Self.readAll(log) == events)
    try log.close()
    try store.disk.remove("/store/MANIFEST.bak")
    log = try store.open()
    #expect(log.recovery.didRestoreManifestCopy)
    try log.close()
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
  }

  @Test("A copy of the salts that is gone or damaged is written again, and the set root stays")
  func saltsCopy() throws {
    let (store, _) = try Self.makeStore()
    var log = try store.open()
    let root = try log.setRoot()
    try log.close()
    let copies = ["/store/log/salts", "/store/log/salts.bak"]
    for path in copies {
      store.disk.flipBits(of: path, at: 40, mask: 4)
      log = try store.open()
      #expect(log.recovery.didRestoreSaltsCopy)
      try log.close()
      try store.disk.remove(path)
      try store.disk.remove("/store/log/trees")
      log = try store.open()
      #expect(log.recovery.didRestoreSaltsCopy)
      #expect(try log.setRoot() == root)
      try log.close()
      #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
    }
    for path in copies { try store.disk.remove(path) }
    #expect(throws: StorageError.self) { try store.open() }
    #expect(try !verify(directory: "/store", fileSystem: store.disk).isSound)
  }

  @Test("Salts that were destroyed do not come back from a write-ahead log, nor from a peer")
  func destroyedSalts() throws {
    let store = TestStore(seed: 8)
    try store.create()
    var log = try store.open()
    var random = SeededGenerator(seed: 9)
    let origin = OriginID.synthetic(78)
    let events = (1...8 as ClosedRange<UInt64>).map { sequence in
      Event(
        dot: Dot(origin: origin, sequence: sequence), recorded: HybridTimestamp(milliseconds: 1),
        draft: random.draft())
    }
    let whole = WindowSalts.synthetic(0, of: origin)
    _ = try log.apply(Array(events[..<5]), salts: [whole], wallMilliseconds: 2)
    try log.close()
    // As physical removal leaves it: the log's own copy without the third event's salts.
    let held = try #require(
      log.snapshot().salts(of: origin, in: IntervalSet.Run(first: 1, last: 1)).first)
    var left = held.tree
    left.puncture(2)
    try writeSalts(WindowSalts(origin: origin, window: 0, tree: left), through: 5, of: store)
    for part in [events[..<5], events[5..<6], events[6...]] {
      log = try store.open()
      _ = try log.apply(Array(part), salts: [whole], wallMilliseconds: 3)
      let proved = log.snapshot().held[origin].runs[0].last
      for event in events where event.dot.sequence <= proved {
        let isDestroyed = event.dot.sequence == 3
        #expect((log.snapshot().id(of: event) == nil) == isDestroyed, "\(event)")
      }
      try log.close()
    }
  }

  /// Writes both copies of the salts, with one window.
  private func writeSalts(
    _ window: WindowSalts, through position: UInt64, of store: TestStore
  ) throws {
    var writer = ByteWriter()
    writer.write(Array("DAYBKSLT".utf8))
    writer.write(UInt32(1))
    writer.writeVarint(100)
    writer.writeVarint(position)
    store.identity.book.write(to: &writer)
    writer.writeVarint(1)
    window.write(to: &writer)
    writer.write(CRC32C.checksum(writer.bytes))
    for path in ["/store/log/salts", "/store/log/salts.bak"] {
      try store.disk.replaceFile(path, with: writer.bytes)
    }
  }

  @Test("A manifest older than the log is not believed")
  func oldManifest() throws {
    let store = TestStore(seed: 5)
    try store.create()
    let old = try store.disk.readFile("/store/MANIFEST", byteCountMax: 1 << 20)
    let log = try store.open()
    var random = SeededGenerator(seed: 6)
    _ = try log.append([random.draft()], wallMilliseconds: 1)
    try log.seal()
    _ = try log.append([random.draft()], wallMilliseconds: 2)
    store.disk.crash()
    let first = try store.disk.readFile("/store/log/wal-000002", byteCountMax: 1 << 20)
    try store.disk.replaceFile("/store/MANIFEST", with: old)
    try store.disk.replaceFile("/store/MANIFEST.bak", with: old)
    #expect(throws: StorageError.self) { try store.open() }
    #expect(
      try store.disk.readFile("/store/log/wal-000002", byteCountMax: 1 << 20) == first,
      "nothing is deleted")
  }

  @Test("Trees that are gone are computed again, to the same set root")
  func lostTrees() throws {
    let (store, _) = try Self.makeStore()
    var log = try store.open()
    let root = try log.setRoot()
    try log.close()
    try store.disk.remove("/store/log/trees")
    log = try store.open()
    #expect(log.recovery.didLoseTrees)
    #expect(try log.setRoot() == root)
  }

  @Test("A store is refused when there is none, when it is open, when its version is another's")
  func refusals() throws {
    let (store, _) = try Self.makeStore()
    #expect(throws: StorageError.notAStore(directory: "/other")) {
      try EventLog.open(at: "/other", fileSystem: store.disk, makeSeed: TestStore.makeSeed)
    }
    #expect(throws: StorageError.alreadyAStore(directory: "/store")) { try store.create() }
    let log = try store.open()
    #expect(throws: StorageError.locked(directory: "/store")) { try store.open() }
    try log.close()
    for name in ["MANIFEST", "MANIFEST.bak"] {
      store.disk.flipBits(of: "/store/" + name, at: 8, mask: 2)
    }
    #expect(
      throws: StorageError.version(
        file: "/store/MANIFEST.bak", found: 0x1_0003, supported: 0x1_0001)
    ) { try store.open() }
  }
}
