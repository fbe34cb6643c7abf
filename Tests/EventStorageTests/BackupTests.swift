import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Backups hold what a log held")
struct BackupTests {
  /// A store with two segments and a write-ahead log, of own and foreign events.
  static func makeLog(seed: UInt64 = 40) throws -> (TestStore, EventLog) {
    let store = TestStore(seed: seed)
    try store.create()
    let log = try store.open()
    try grow(log, seed: seed)
    return (store, log)
  }

  /// Adds a segment and a few events in the write-ahead log.
  static func grow(_ log: EventLog, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    _ = try log.append(
      (0..<20).map { _ in random.draft(idRange: 0..<500) }, wallMilliseconds: 1_700_000_000_000)
    let foreign = random.events(of: random.origin(), sequences: 1...8)
    _ = try log.apply(
      foreign, salts: WindowSalts.synthetic(for: foreign), wallMilliseconds: 1_700_000_000_000)
    try log.seal()
    _ = try log.append(
      (0..<3).map { _ in random.draft(idRange: 0..<500) }, wallMilliseconds: 1_700_000_001_000)
  }

  static let secret = [UInt8](repeating: 9, count: 32)

  static func save(
    _ log: EventLog, _ disk: any FileSystem, erased: ErasureLedger = ErasureLedger(),
    options: BackupOptions = BackupOptions()
  ) throws -> BackupReport {
    var target = try BackupTarget.make(at: "/backup", fileSystem: disk)
    return try target.save(
      log.backupSource(), erased: erased, bookSecret: secret,
      wallMilliseconds: 1_700_000_002_000, options: options)
  }

  /// A device of its own for the restored store.
  static let restored: (device: DeviceSecret, origin: OriginID) = {
    let device = DeviceSecret.synthetic(of: 77)
    return (device, OriginID(incarnation: 78, key: device.key))
  }()

  static func request(
    generation: UInt64? = nil, withoutLedger: Bool = false
  ) -> StoreRestore.Request {
    var request = StoreRestore.Request(directory: "/restored", origin: restored.origin)
    request.generation = generation
    request.goesWithoutLedger = withoutLedger
    return request
  }

  static func restore(
    _ disk: any FileSystem, _ request: StoreRestore.Request = request()
  ) throws -> EventLog {
    let restore = try StoreRestore(
      from: BackupTarget(at: "/backup", fileSystem: disk), request)
    #expect(restore.bookSecret == secret)
    try restore.openLog(
      options: TestStore.options, device: restored.device, makeSeed: TestStore.makeSeed
    ).close()
    try restore.finish()
    return try openRestored(disk)
  }

  static func openRestored(_ disk: any FileSystem) throws -> EventLog {
    try EventLog.open(
      at: "/restored", fileSystem: disk, options: TestStore.options, device: restored.device,
      makeSeed: TestStore.makeSeed)
  }

  static func events(_ log: EventLog) throws -> [Event] {
    var events: [Event] = []
    let snapshot = log.snapshot()
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      events.append(event)
      return true
    }
    return events
  }

  @Test("A restored store has every event, position, id and proof, and appends as another replica")
  func roundTrip() throws {
    let (store, log) = try Self.makeLog()
    let report = try Self.save(log, store.disk)
    #expect(report.generation == 1)
    #expect(report.events == 31)
    #expect(report.copiedFiles == report.files)
    let held = try Self.events(log)
    let root = try log.setRoot()
    try log.close()
    let restored = try Self.restore(store.disk)
    #expect(try Self.events(restored) == held)
    #expect(try restored.setRoot() == root)
    #expect(restored.identity.origin == Self.restored.origin)
    #expect(restored.identity.label == log.identity.label)
    #expect(!restored.recovery.didDrawIncarnation)
    #expect(restored.head(of: log.identity.origin)?.head.size == 23)
    try Self.grow(restored, seed: 99)
    try restored.close()
    #expect(try verify(directory: "/restored", fileSystem: store.disk).isSound)
    #expect(try Self.openRestored(store.disk).held[Self.restored.origin].count == 23)
  }

  @Test("A second run copies what is new, and every generation can be restored")
  func incremental() throws {
    let (store, log) = try Self.makeLog()
    _ = try Self.save(log, store.disk)
    let held = try Self.events(log)
    let unchanged = try Self.save(log, store.disk)
    #expect(unchanged.copiedByteCount == 0)
    try Self.grow(log, seed: 41)
    let grown = try Self.save(log, store.disk)
    #expect(grown.generation == 3)
    // Two segments, heads and trees.
    #expect(grown.copiedFiles == 4)
    #expect(grown.files == 6)
    let restored = try Self.restore(store.disk, Self.request(generation: 2))
    #expect(try Self.events(restored) == held)
    // Salts of new frames count although those of the backup are of a later state.
    try Self.grow(restored, seed: 43)
    try restored.close()
    #expect(try verify(directory: "/restored", fileSystem: store.disk).isSound)
  }

  @Test("What is copied is the log as it was, whatever is appended and compacted meanwhile")
  func consistent() throws {
    let (store, log) = try Self.makeLog()
    let source = try log.backupSource()
    let held = try Self.events(log)
    try Self.grow(log, seed: 44)
    _ = try log.compact(all: true)
    var target = try BackupTarget.make(at: "/backup", fileSystem: store.disk)
    let report = try target.save(
      source, erased: ErasureLedger(), bookSecret: Self.secret, wallMilliseconds: 1)
    #expect(report.events == held.count)
    _ = consume target
    try log.close()
    #expect(try Self.events(Self.restore(store.disk)) == held)
  }

  @Test("Generations beyond those that are kept go, and with them what only they needed")
  func pruning() throws {
    let (store, log) = try Self.makeLog()
    var options = BackupOptions()
    options.keptGenerationCount = 2
    for seed in 0..<4 {
      try Self.grow(log, seed: 50 + UInt64(seed))
      _ = try log.compact(all: true)
      let report = try Self.save(log, store.disk, options: options)
      #expect(report.generations == min(2, seed + 1))
      #expect(report.prunedGenerations == (seed < 2 ? 0 : 1))
    }
    // One segment, heads and trees each.
    #expect(try store.disk.list("/backup/files").count == 6)
    #expect(throws: BackupFault.noGeneration(directory: "/backup", number: 1)) {
      try Self.restore(store.disk, Self.request(generation: 1))
    }
    let held = try Self.events(log)
    try log.close()
    #expect(try Self.events(Self.restore(store.disk)) == held)
  }

  @Test("A damaged block of the log itself is no backup")
  func damagedSource() throws {
    let (store, log) = try Self.makeLog()
    store.disk.flipBits(of: "/store/log/000001.seg", at: 100, mask: 1)
    #expect(throws: BackupFault.self) { try Self.save(log, store.disk) }
    #expect(throws: BackupFault.noGeneration(directory: "/backup", number: nil)) {
      try Self.restore(store.disk)
    }
  }

  @Test("A backup of one book takes no log of another, and one process at a time uses it")
  func refusals() throws {
    let (store, log) = try Self.makeLog()
    _ = try Self.save(log, store.disk)
    let kept = try BackupTarget(at: "/backup", fileSystem: store.disk)
    #expect(throws: BackupFault.locked(directory: "/backup")) {
      try Self.save(log, store.disk)
    }
    _ = consume kept
    var random = SeededGenerator(seed: 3)
    let other = random.origin()
    let identity = LogIdentity(
      founding: BookFounding(owner: other.key, nonceHigh: 5, nonceLow: 6), origin: other,
      label: "other")
    try EventLog.create(at: "/other", identity: identity, fileSystem: store.disk)
    let otherLog = try EventLog.open(
      at: "/other", fileSystem: store.disk, makeSeed: TestStore.makeSeed)
    #expect(throws: BackupFault.otherBook(directory: "/backup")) {
      try Self.save(otherLog, store.disk)
    }
    #expect(throws: BackupFault.notEmpty(directory: "/store")) {
      _ = try StoreRestore(
        from: BackupTarget(at: "/backup", fileSystem: store.disk),
        StoreRestore.Request(directory: "/store", origin: Self.restored.origin))
    }
    #expect(throws: BackupFault.noGeneration(directory: "/store", number: nil)) {
      _ = try BackupTarget(at: "/store", fileSystem: store.disk)
    }
  }
}

@Suite("The ledger of a backup")
struct ErasureLedgerTests {
  private func dots(_ count: Int) -> [Dot] {
    var random = SeededGenerator(seed: 5)
    let origins = [random.origin(), random.origin()]
    return (0..<count).map { index in
      Dot(origin: origins[index % 2], sequence: UInt64(1 + index * index))
    }
  }

  @Test("Every run adds to it, and nothing leaves it")
  func grows() throws {
    let (store, log) = try BackupTests.makeLog()
    let dots = dots(6)
    var first = ErasureLedger()
    for dot in dots.prefix(4) { first.add(section: 1, of: dot, commitment: nil) }
    #expect(try BackupTests.save(log, store.disk, erased: first).erasedSections == 4)
    var second = ErasureLedger()
    second.add(section: 2, of: dots[0], commitment: Digest256.hash([1]))
    second.add(section: 1, of: dots[5], commitment: nil)
    second.add(section: 2, of: dots[5], commitment: nil)
    #expect(try BackupTests.save(log, store.disk, erased: second).erasedSections == 7)
    try log.close()
    let restore = try StoreRestore(
      from: BackupTarget(at: "/backup", fileSystem: store.disk), BackupTests.request())
    let ledger = try #require(restore.ledger)
    let both = try #require(ledger.erased.first { $0.dot == dots[0] })
    #expect(both.numbers == [1, 2])
    #expect(both.commitments == [2: Digest256.hash([1])])
    #expect(ledger.erased.first { $0.dot == dots[1] }?.numbers == [1])
    #expect(!ledger.erased.contains { $0.dot == dots[4] })
    #expect(ledger.erased.first { $0.dot == dots[5] }?.numbers == [1, 2])
    #expect(ledger.generation == 2)
  }

  @Test("A backup without a ledger, or with an older one, is restored only when told so")
  func missing() throws {
    let (store, log) = try BackupTests.makeLog()
    var erased = ErasureLedger()
    erased.add(section: 1, of: dots(1)[0], commitment: nil)
    _ = try BackupTests.save(log, store.disk)
    let old = try store.disk.readFile("/backup/ledger", byteCountMax: 1 << 20)
    _ = try BackupTests.save(log, store.disk, erased: erased)
    for path in ["/backup/ledger", "/backup/ledger.bak"] {
      try store.disk.replaceFile(path, with: old)
    }
    #expect(throws: BackupFault.noLedger(directory: "/backup")) {
      try BackupTests.restore(store.disk)
    }
    for path in ["/backup/ledger", "/backup/ledger.bak"] { try store.disk.remove(path) }
    #expect(throws: BackupFault.noLedger(directory: "/backup")) {
      try BackupTests.restore(store.disk)
    }
    #expect(try !store.disk.exists("/restored"))
    let held = try BackupTests.events(log)
    let restored = try BackupTests.restore(
      store.disk, BackupTests.request(withoutLedger: true))
    #expect(try BackupTests.events(restored) == held)
    // The next run begins a ledger that older generations take for theirs.
    _ = try BackupTests.save(log, store.disk, erased: erased)
    #expect(
      try StoreRestore(
        from: BackupTarget(at: "/backup", fileSystem: store.disk),
        StoreRestore.Request(directory: "/again", origin: BackupTests.restored.origin)
      ).ledger?.sectionCount == 1)
  }
}
