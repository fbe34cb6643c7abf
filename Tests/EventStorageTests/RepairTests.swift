import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Repair keeps what is whole, where it was")
struct RepairTests {
  /// A closed store with segments of rows and of columns, several frames in its write-ahead log, and
  /// many events that share keys; and what it holds.
  static func makeStore(seed: UInt64 = 80) throws -> (TestStore, [Event]) {
    var store = TestStore(seed: seed)
    store.options.sealEventCount = 1000
    store.options.sealAtCloseEventCount = 1000
    try store.create()
    let log = try store.open()
    var random = SeededGenerator(seed: seed)
    let peer = random.origin()
    for step in 0..<3 {
      _ = try log.append(
        (0..<12).map { _ in random.draft(idRange: 0..<9) }, wallMilliseconds: 1_700_000_000_000)
      let first = UInt64(step * 4 + 1)
      let foreign = random.events(of: peer, sequences: first...(first + 3))
      _ = try log.apply(
        foreign, salts: WindowSalts.synthetic(for: foreign), wallMilliseconds: 1_700_000_000_000)
      try log.seal()
      if step == 0 { _ = try log.compact(all: true) }
    }
    for _ in 0..<5 {
      _ = try log.append(
        [random.draft(idRange: 0..<9), random.draft()], wallMilliseconds: 1_700_000_000_000)
    }
    let events = try BackupTests.events(log)
    try log.close()
    return (store, events)
  }

  static func repair(_ store: TestStore, isDryRun: Bool = false) throws -> RepairReport {
    try EventStorage.repair(
      directory: "/store", fileSystem: store.disk, isDryRun: isDryRun,
      makeSeed: { Digest256.hash([7, 7]) })
  }

  static func flip(_ store: TestStore, _ file: String, _ offset: Int) {
    store.disk.flipBits(of: "/store/" + file, at: offset, mask: 1 << (offset % 8))
  }

  static func byteCount(_ store: TestStore, _ file: String) throws -> Int {
    try store.disk.readFile("/store/" + file, byteCountMax: 1 << 24).count
  }

  /// Checks a repaired store against what it held: what is there is what was there, at its position, and
  /// the report names the rest.
  static func check(
    _ store: TestStore, _ report: RepairReport, _ events: [Event], _ comment: Comment
  ) throws {
    #expect(report.remaining.isEmpty, comment)
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound, comment)
    #expect(try Self.repair(store).wasSound, comment)
    let log = try store.open()
    let snapshot = log.snapshot()
    var lost: Set<Dot> = []
    for (index, event) in events.enumerated() {
      let position = LogPosition(rawValue: UInt64(index) + 1)
      let found = try snapshot.event(at: position)
      let isLost = report.lostPositions.contains { $0.contains(position.rawValue) }
      #expect(found == (isLost ? nil : event), comment)
      #expect(try snapshot.position(of: event.dot) == (isLost ? nil : position), comment)
      if isLost { lost.insert(event.dot) }
    }
    #expect(lost == Self.dots(report.lostEvents), comment)
    #expect(report.didDrawIncarnation == !lost.isEmpty, comment)
    try checkKeyGroups(snapshot, comment)
    // What was lost comes back, behind everything else, and gives the same set.
    let missing = events.filter { lost.contains($0.dot) }
    let outcome = try log.apply(
      missing, salts: Self.salts(of: missing, store), wallMilliseconds: 1_700_000_001_000)
    #expect(outcome.applied == missing.count, comment)
    #expect(log.held.count == UInt64(events.count), comment)
    try checkKeyGroups(log.snapshot(), comment)
    var random = SeededGenerator(seed: 4)
    _ = try log.append([random.draft()], wallMilliseconds: 1_700_000_002_000)
    try log.close()
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound, comment)
  }

  private static func dots(_ runs: [RepairReport.LostRun]) -> Set<Dot> {
    Set(runs.flatMap { run in run.sequences.map { Dot(origin: run.origin, sequence: $0) } })
  }

  /// The salts that a peer would send: those of own events come from the seed of the tests.
  private static func salts(of events: [Event], _ store: TestStore) -> [WindowSalts] {
    let own = events.filter { $0.dot.origin == store.identity.origin }
    let window = WindowSalts(
      origin: store.identity.origin, window: 0, tree: SaltTree(seed: TestStore.makeSeed()))
    let foreign = events.filter { $0.dot.origin != store.identity.origin }
    return (own.isEmpty ? [] : [window]) + WindowSalts.synthetic(for: foreign)
  }

  /// Groups of one key are told by brute force.
  private static func checkKeyGroups(_ snapshot: LogSnapshot, _ comment: Comment) throws {
    var groups: [IdempotencyKey: [(LogPosition, Event)]] = [:]
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { position, event in
      if let key = event.idempotencyKey { groups[key, default: []].append((position, event)) }
      return true
    }
    for members in groups.values {
      for (position, event) in members {
        let group = try snapshot.keyGroup(containing: position)
        guard members.count > 1 else {
          #expect(group == nil, comment)
          continue
        }
        #expect(group?.map(\.position) == members.map(\.0), comment)
        let own = group?.first { $0.position == position }?.contentClass
        for (index, other) in members.enumerated() {
          let isSame = event.draft.isSameContent(as: other.1.draft)
          #expect((group?[index].contentClass == own) == isSame, comment)
        }
      }
    }
  }

  @Test("A sound store is left as it is")
  func sound() throws {
    let (store, _) = try Self.makeStore()
    let calls = store.disk.syncCount
    let report = try Self.repair(store)
    #expect(report.wasSound)
    #expect(store.disk.syncCount == calls)
  }

  @Test("A dry run says what would be lost, and changes nothing")
  func dryRun() throws {
    let (store, events) = try Self.makeStore()
    Self.flip(store, "log/000003.seg", 90)
    let syncs = store.disk.syncCount
    let planned = try Self.repair(store, isDryRun: true)
    #expect(planned.isDryRun)
    #expect(planned.remaining == planned.damages)
    #expect(store.disk.syncCount == syncs)
    let done = try Self.repair(store)
    #expect(done.lostPositions == planned.lostPositions)
    #expect(done.lostEvents == planned.lostEvents)
    #expect(done.lostPositionCount == 12)
    #expect(done.keptFiles.count == 1)
    try Self.check(store, done, events, "block")
  }

  @Test(
    "A flipped bit anywhere is repaired, and only the block or frame it lies in is lost",
    arguments: [
      "log/000002.seg", "log/000003.seg", "log/000004.seg", "log/wal-000004", "MANIFEST",
      "log/salts", "log/heads.bak", "log/trees",
    ])
  func flippedBits(file: String) throws {
    let (sound, events) = try Self.makeStore()
    let count = try Self.byteCount(sound, file)
    for offset in stride(from: 0, to: count, by: count > 1000 ? 37 : 11) {
      let (store, _) = try Self.makeStore()
      Self.flip(store, file, offset)
      let report = try Self.repair(store)
      #expect(!report.wasSound, "\(file), byte \(offset)")
      // Of a frame whose header is gone the number of events is not known.
      let most: UInt64 = file.hasSuffix(".seg") ? 12 : file.contains("wal") ? 40 : 0
      #expect(report.lostPositionCount <= most, "\(file), byte \(offset)")
      try Self.check(store, report, events, "\(file), byte \(offset)")
    }
  }

  @Test("A bit of a segment's header, indexes, footer or trailer costs no event")
  func derivable() throws {
    let (sound, events) = try Self.makeStore()
    for file in ["log/000002.seg", "log/000003.seg"] {
      let count = try Self.byteCount(sound, file)
      for offset in Array(0..<52) + Array((count - 250)..<count) {
        let (store, _) = try Self.makeStore()
        Self.flip(store, file, offset)
        let report = try Self.repair(store)
        #expect(!report.wasSound)
        #expect(report.lostPositions.isEmpty, "\(file), byte \(offset)")
        #expect(report.writtenSegments > 0)
        try Self.check(store, report, events, "\(file), byte \(offset)")
      }
    }
  }

  @Test("Both copies of manifest or salts, each with a flipped bit, are put right")
  func bothCopies() throws {
    for name in ["MANIFEST", "log/salts"] {
      for offset in [8, 30, 60] {
        let (store, events) = try Self.makeStore()
        Self.flip(store, name, offset)
        Self.flip(store, name + ".bak", offset + 5)
        let report = try Self.repair(store)
        #expect(report.lostPositions.isEmpty)
        try Self.check(store, report, events, "\(name), byte \(offset)")
      }
    }
  }

  @Test("Both copies damaged beyond a bit are refused, and nothing is changed")
  func beyondRepair() throws {
    let (store, _) = try Self.makeStore()
    for name in ["MANIFEST", "MANIFEST.bak"] {
      for offset in 20..<40 { Self.flip(store, name, offset) }
    }
    let syncs = store.disk.syncCount
    #expect(throws: StorageError.self) { try Self.repair(store) }
    #expect(store.disk.syncCount == syncs)
  }

  @Test("A segment that is missing is lost, and everything behind it is kept")
  func missingSegment() throws {
    let (store, events) = try Self.makeStore()
    try store.disk.remove("/store/log/000003.seg")
    let report = try Self.repair(store)
    #expect(report.lostPositions == [13...24])
    try Self.check(store, report, events, "missing")
  }

  @Test("Damage in the middle of the write-ahead log costs its frame, not those behind it")
  func middleOfWriteAhead() throws {
    let (sound, events) = try Self.makeStore()
    let count = try Self.byteCount(sound, "log/wal-000004")
    for offset in stride(from: 92, to: count - 700, by: 97) {
      let (store, _) = try Self.makeStore()
      // A torn sector's worth, in frames of some hundred bytes.
      for byte in offset..<(offset + 64) {
        store.disk.flipBits(of: "/store/log/wal-000004", at: byte, mask: 0xff)
      }
      let report = try Self.repair(store)
      #expect((1...4).contains(report.lostPositionCount), "byte \(offset)")
      #expect(report.keptFiles.count == 1)
      try Self.check(store, report, events, "byte \(offset)")
    }
  }

  @Test("A write-ahead log that is gone loses its events, and no position is given away again")
  func missingWriteAhead() throws {
    let (store, events) = try Self.makeStore()
    try store.disk.remove("/store/log/wal-000004")
    let report = try Self.repair(store)
    let lost = try #require(report.lostPositions.first)
    #expect(lost.lowerBound == 37)
    #expect(lost.upperBound >= UInt64(events.count))
    #expect(report.didDrawIncarnation)
    let log = try store.open()
    #expect(log.snapshot().statistics.events == 36)
    #expect(log.snapshot().highWaterMark.rawValue == lost.upperBound)
    #expect(log.snapshot().lastHeld(through: log.snapshot().highWaterMark).rawValue == 36)
  }

  @Test("A repaired store is compacted and damaged again without confusing its positions")
  func repeated() throws {
    let (store, events) = try Self.makeStore()
    Self.flip(store, "log/000003.seg", 90)
    let first = try Self.repair(store)
    #expect(first.lostPositions == [13...24])
    let log = try store.open()
    _ = try log.compact(all: true)
    #expect(log.snapshot().statistics.segments == 2)
    try log.close()
    let names = try store.disk.list("/store/log").filter { $0.hasSuffix(".seg") }
    Self.flip(store, "log/" + names[1], 90)
    let second = try Self.repair(store)
    #expect(second.lostPositions.allSatisfy { $0.lowerBound > 24 })
    #expect(second.lostPositionCount == UInt64(events.count) - 24)
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
    #expect(try BackupTests.events(store.open()) == Array(events.prefix(12)))
  }
}

@Suite("Repair survives what disks do")
struct RepairCrashTests {
  private static func makeDamaged() throws -> (TestStore, [Event]) {
    let (store, events) = try RepairTests.makeStore()
    RepairTests.flip(store, "log/000003.seg", 90)
    RepairTests.flip(store, "log/wal-000004", 200)
    RepairTests.flip(store, "log/salts", 40)
    return (store, events)
  }

  /// How many calls a repair makes.
  private static let callCount: Int = {
    guard let (store, _) = try? makeDamaged() else { return 0 }
    let start = store.disk.callCount
    _ = try? RepairTests.repair(store)
    return store.disk.callCount - start
  }()

  @Test("A repair makes calls enough to be worth stopping")
  func workloadIsReal() {
    #expect(Self.callCount > 100)
  }

  @Test("Power lost at any call leaves a store that repair makes whole", arguments: 0..<4)
  func powerLoss(slice: Int) throws {
    for call in stride(from: 1 + slice, through: Self.callCount, by: 4) {
      for survival in [
        MemoryFileSystem.Survival.nothing, .everything, .someOf(seed: UInt64(call)),
      ] {
        let (store, events) = try Self.makeDamaged()
        let planned = try RepairTests.repair(store, isDryRun: true)
        store.disk.inject(.stop(atCall: store.disk.callCount + call))
        _ = try? RepairTests.repair(store)
        store.disk.crash(survival)
        let again = try RepairTests.repair(store)
        let lost = again.wasSound ? planned.lostPositions : again.lostPositions
        #expect(again.remaining.isEmpty, "stopped at call \(call)")
        #expect(lost == planned.lostPositions || lost.isEmpty, "stopped at call \(call)")
        let log = try store.open()
        let snapshot = log.snapshot()
        for (index, event) in events.enumerated() {
          let position = LogPosition(rawValue: UInt64(index) + 1)
          let isLost = planned.lostPositions.contains { $0.contains(position.rawValue) }
          #expect(
            try snapshot.event(at: position) == (isLost ? nil : event), "stopped at call \(call)")
        }
        // The damaged files outlive all of it.
        #expect(try store.disk.list("/store/damaged").count >= 2, "stopped at call \(call)")
      }
    }
  }

  @Test("A call that fails once is no reason to lose more")
  func oneFailure() throws {
    for call in 1...Self.callCount {
      let (store, events) = try Self.makeDamaged()
      let planned = try RepairTests.repair(store, isDryRun: true)
      let at = store.disk.callCount + call
      store.disk.inject(call % 2 == 0 ? .inputOutputError(atCall: at) : .diskFull(atCall: at))
      _ = try? RepairTests.repair(store)
      let again = try RepairTests.repair(store)
      #expect(again.remaining.isEmpty, "failed call \(call)")
      let kept = events.count - Int(planned.lostPositionCount)
      #expect(try BackupTests.events(store.open()).count == kept, "failed call \(call)")
    }
  }
}
