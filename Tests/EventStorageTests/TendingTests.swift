import DurableFiles
import EventModel
import EventStorage
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Compaction beside appends")
struct TendingTests {
  private static let wall: Int64 = 1_700_000_000_000

  /// A store whose segments of 40 events fill one of 160.
  private func makeStore(
    seed: UInt64, _ schedule: CompactionSchedule, seals: SealSchedule = .atOnce
  ) throws -> TestStore {
    var store = TestStore(seed: seed)
    store.options.compaction.rowCountMax = 160
    store.options.compaction.smallCountMax = 4
    store.options.compactionSchedule = schedule
    store.options.sealSchedule = seals
    try store.create()
    return store
  }

  private func append(_ count: Int, to log: EventLog, _ random: inout SeededGenerator) throws {
    let drafts = (0..<count).map { _ in random.draft(idRange: 0..<1_000_000) }
    _ = try log.append(drafts, wallMilliseconds: Self.wall)
  }

  private func seal(_ count: Int, in log: EventLog, _ random: inout SeededGenerator) throws {
    try append(count, to: log, &random)
    try log.seal()
  }

  private func events(_ snapshot: LogSnapshot) throws -> [Event] {
    var events: [Event] = []
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      events.append(event)
      return true
    }
    return events
  }

  private func segmentFileCount(_ store: TestStore) throws -> Int {
    try store.disk.list("/store/log").count { $0.hasSuffix(".seg") }
  }

  /// Opens a log, and tells each end of work beside its appends.
  private func open(_ store: TestStore) throws -> (EventLog, AsyncStream<Void>) {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let log = try store.open()
    log.workEnded = { end.yield() }
    return (log, ends)
  }

  /// Tends a log until nothing is under way.
  private func settle(_ log: EventLog, _ ends: AsyncStream<Void>) async throws {
    var iterator = ends.makeAsyncIterator()
    try log.tend()
    while log.isTending {
      _ = await iterator.next()
      try log.tend()
    }
  }

  @Test(
    "Segments that fill one become one, while appends go on, and every event stays",
    arguments: [CompactionSchedule.atOnce, .late, .inBackground])
  func compacts(schedule: CompactionSchedule) async throws {
    let store = try makeStore(
      seed: 41, schedule, seals: schedule == .inBackground ? .inBackground : .atOnce)
    let (log, ends) = try open(store)
    var random = SeededGenerator(seed: 41)
    for _ in 0..<60 { try append(10, to: log, &random) }
    let before = log.snapshot()
    let held = try events(before)
    if schedule == .inBackground { try await settle(log, ends) }
    #expect(log.compactionFault == nil)
    // Fourteen of 40 events each were sealed, or fewer and longer ones.
    #expect(log.snapshot().statistics.segments < 8)
    #expect(try events(log.snapshot()) == held)
    #expect(try events(before) == held)
    try log.close()
    let reopened = try store.open()
    #expect(try events(reopened.snapshot()) == held)
    #expect(try segmentFileCount(store) == reopened.snapshot().statistics.segments)
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
  }

  @Test("Small segments are due once there are several, and larger ones with as many events")
  func policy() throws {
    var store = try makeStore(seed: 42, .atOnce)
    store.options.compaction.rowCountMax = 1000
    let log = try store.open()
    var random = SeededGenerator(seed: 42)
    func segments(afterSealing count: Int) throws -> Int {
      try seal(count, in: log, &random)
      try log.tend()
      return log.snapshot().statistics.segments
    }
    for expected in [1, 2, 3, 1] { #expect(try segments(afterSealing: 10) == expected) }
    // Three of 10 are less than one of 40.
    for expected in [2, 3, 4, 1] { #expect(try segments(afterSealing: 10) == expected) }
    for expected in [2, 3, 4, 2] { #expect(try segments(afterSealing: 10) == expected) }
  }

  @Test("A log that is open for a moment begins nothing")
  func briefly() throws {
    let store = try makeStore(seed: 43, .never)
    var random = SeededGenerator(seed: 43)
    let log = try store.open()
    for _ in 0..<5 { try seal(40, in: log, &random) }
    try log.close()
    var other = store
    other.options.compactionSchedule = .atOnce
    let again = try other.open()
    try append(3, to: again, &random)
    #expect(again.snapshot().statistics.segments == 5)
    try again.tend()
    #expect(again.snapshot().statistics.segments == 2)
  }

  @Test(
    "Closing gives up what is under way, leaves no file of it and lets the store go",
    arguments: [CompactionSchedule.late, .inBackground], UInt64(0)..<8)
  func closing(schedule: CompactionSchedule, seed: UInt64) throws {
    let store = try makeStore(seed: 44 + seed, schedule)
    let log = try store.open()
    var random = SeededGenerator(seed: 44 + seed)
    for _ in 0..<4 { try seal(40, in: log, &random) }
    let held = try events(log.snapshot())
    try log.tend()
    #expect(log.isTending)
    try log.close()
    #expect(try segmentFileCount(store) == 4)
    let again = try store.open()
    #expect(again.recovery.removedFiles.isEmpty)
    #expect(try events(again.snapshot()) == held)
  }

  @Test("A log that is let go without being closed lets the store go, too")
  func lettingGo() throws {
    let store = try makeStore(seed: 45, .inBackground)
    var random = SeededGenerator(seed: 45)
    do {
      let log = try store.open()
      for _ in 0..<5 { try seal(40, in: log, &random) }
      try log.tend()
    }
    #expect(try events(store.open().snapshot()).count == 200)
  }

  @Test(
    "What is removed does not come back by a compaction that had read it",
    arguments: [CompactionSchedule.late, .inBackground], UInt64(0)..<8)
  func removal(schedule: CompactionSchedule, seed: UInt64) async throws {
    let world = try RemovalWorld(seed: 46 + seed)
    var store = world.store
    store.options.compaction.smallCountMax = 1
    store.options.compactionSchedule = schedule
    let (log, ends) = try open(store)
    try log.tend()
    #expect(log.isTending)
    let freed = world.store.disk.freedContents
    let report = try log.remove(world.unwanted)
    #expect(report.sections == world.unwanted.count)
    #expect(report.waitingFiles == 0)
    #expect(try world.isDone(log))
    // The thread that was given up has ended, whatever it was computing.
    if schedule == .inBackground { for await _ in ends { break } }
    #expect(try world.isDone(log))
    try log.close()
    let isTold = world.isTold(besides: freed)
    #expect(!isTold)
    #expect(try world.isDone(store.open()))
  }

  @Test("Files that a snapshot reads are there as long as it is")
  func snapshots() async throws {
    let store = try makeStore(seed: 47, .inBackground)
    let (log, ends) = try open(store)
    var random = SeededGenerator(seed: 47)
    for _ in 0..<4 { try seal(40, in: log, &random) }
    var before: LogSnapshot? = log.snapshot()
    try await settle(log, ends)
    #expect(log.snapshot().statistics.segments == 1)
    #expect(try segmentFileCount(store) == 5)
    #expect(try before.map(events)?.count == 160)
    before = nil
    try await settle(log, ends)
    #expect(try segmentFileCount(store) == 1)
  }

  @Test("A damaged segment is not compacted, appends go on, and who asks for it gets the error")
  func damaged() throws {
    let store = try makeStore(seed: 48, .atOnce)
    let log = try store.open()
    var random = SeededGenerator(seed: 48)
    for _ in 0..<4 { try seal(40, in: log, &random) }
    store.disk.flipBits(of: "/store/log/000002.seg", at: 400, mask: 4)
    try log.tend()
    #expect(log.compactionFault != nil)
    #expect(log.snapshot().statistics.segments == 4)
    #expect(try segmentFileCount(store) == 4)
    try append(5, to: log, &random)
    #expect(log.snapshot().highWaterMark.rawValue == 165)
    #expect(throws: StorageError.self) { try log.compact(all: false) }
  }
}
