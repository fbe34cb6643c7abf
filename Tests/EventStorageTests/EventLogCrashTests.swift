import DurableFiles
import EventModel
import EventStorage
import HybridTime
import SyntheticWorkload
import Testing

@Suite("The log survives what disks do")
struct EventLogCrashTests {
  /// Appends, stages, seals, applies, closes and compacts: every kind of write the log makes.
  static let steps = 21

  /// The events of one step; keys make a repeated step append nothing twice.
  static func drafts(_ step: Int) -> [EventDraft] {
    (0..<4).map { index in
      EventDraft(
        channel: .web, type: EventCatalogue.builtIn.entries[step].schema.type,
        schema: EventCatalogue.builtIn.entries[step].digest,
        sections: [
          .empty,
          Section([
            Value.Field("@id", .text("\(step)-\(index)")),
            Value.Field("@source", .text("test")),
            Value.Field("note", .text(String(repeating: "n", count: 90 * index))),
          ]),
        ])
    }
  }

  static let peerEvents: [Event] = {
    var random = SeededGenerator(seed: 99)
    let origin = random.origin()
    return random.events(of: origin, sequences: 1...12)
  }()

  /// Does one step; returns how many events it acknowledged when it is done.
  static func run(_ step: Int, _ log: inout EventLog, _ store: TestStore) throws {
    switch step % 7 {
    case 2 where step > 14: _ = try log.compact(all: true)
    case 2:
      try log.seal()
      try log.tend()
    case 3:
      _ = try log.stage(drafts(step), wallMilliseconds: 1_700_000_000_000)
      try log.flush()
    case 4:
      _ = try log.apply(
        peerEvents, salts: WindowSalts.synthetic(for: peerEvents),
        wallMilliseconds: 1_700_000_000_000)
    case 5:
      try log.close()
      log = try store.open()
    default: _ = try log.append(drafts(step), wallMilliseconds: 1_700_000_000_000)
    }
  }

  /// All own drafts of the workload up to a step, in order.
  static func expectedIDs(through step: Int) -> [String] {
    (0..<(step + 1)).filter { ![2, 4, 5].contains($0 % 7) }.flatMap { step in
      (0..<4).map { "\(step)-\($0)" }
    }
  }

  static func ownIDs(_ log: EventLog) throws -> [String] {
    var ids: [String] = []
    let snapshot = log.snapshot()
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      if event.dot.origin == log.identity.origin {
        ids.append(event.personal.text("@id") ?? "none")
      }
      return true
    }
    return ids
  }

  /// Seals after every second batch, and what was staged goes straight into a segment.
  static func makeStore(_ schedule: SealSchedule) -> TestStore {
    var store = TestStore(seed: 1)
    store.options.sealEventCount = 7
    store.options.sealAtCloseEventCount = 4
    store.options.sealSchedule = schedule
    store.options.compaction.rowCountMax = 40
    store.options.compaction.smallCountMax = 2
    store.options.compactionSchedule = schedule == .late ? .late : .atOnce
    return store
  }

  /// How many calls the whole workload makes on the disk, by schedule.
  static let callCounts = [
    SealSchedule.atOnce: callCount(.atOnce), .late: callCount(.late),
  ]

  private static func callCount(_ schedule: SealSchedule) -> Int {
    let store = makeStore(schedule)
    guard (try? store.create()) != nil, var log = try? store.open() else { return 0 }
    for step in 0..<steps { try? run(step, &log, store) }
    return store.disk.callCount
  }

  @Test("The workload makes calls enough to be worth stopping", arguments: callCounts.values)
  func workloadIsReal(callCount: Int) {
    #expect(callCount > 150)
  }

  @Test(
    "Power lost at any call loses nothing acknowledged and invents nothing",
    arguments: [SealSchedule.atOnce, .late], 0..<8)
  func powerLoss(schedule: SealSchedule, slice: Int) throws {
    let callCount = try #require(Self.callCounts[schedule])
    for call in stride(from: 1 + slice, through: callCount, by: 8) {
      for survival in [0, call % 3 + 1] { try checkPowerLoss(schedule, atCall: call, survival) }
    }
  }

  private func checkPowerLoss(
    _ schedule: SealSchedule, atCall call: Int, _ survival: Int
  ) throws {
    let store = Self.makeStore(schedule)
    store.disk.inject(.stop(atCall: call))
    var done = -1
    if (try? store.create()) != nil, var log = try? store.open() {
      for step in 0..<Self.steps {
        guard (try? Self.run(step, &log, store)) != nil else { break }
        done = step
      }
    }
    switch survival {
    case 0: store.disk.crash(.nothing)
    case 1: store.disk.crash(.everything)
    default: store.disk.crash(.someOf(seed: UInt64(call * 10 + survival)))
    }
    if done < 0, (try? store.open()) == nil { try store.create() }
    var log = try store.open()
    let kept = try Self.ownIDs(log)
    let acknowledged = Self.expectedIDs(through: done)
    let next = Self.expectedIDs(through: done + 1)
    #expect(
      kept == acknowledged || kept == next, "stopped at call \(call), survival \(survival)")
    for step in 0..<Self.steps { try Self.run(step, &log, store) }
    #expect(try Self.ownIDs(log) == Self.expectedIDs(through: Self.steps - 1))
    #expect(log.held[Self.peerEvents[0].dot.origin].count == 12)
  }

  @Test(
    "A call that fails once, at any place, loses nothing after the store is opened again",
    arguments: [SealSchedule.atOnce, .late], [false, true])
  func oneFailure(schedule: SealSchedule, isDiskFull: Bool) throws {
    for call in 1...(try #require(Self.callCounts[schedule])) {
      let store = Self.makeStore(schedule)
      store.disk.inject(isDiskFull ? .diskFull(atCall: call) : .inputOutputError(atCall: call))
      if (try? store.create()) == nil {
        store.disk.crash(.everything)
        if (try? store.open()) == nil { try store.create() }
      }
      var log = try (try? store.open()) ?? store.open()
      for step in 0..<Self.steps {
        do {
          try Self.run(step, &log, store)
        } catch {
          try recover(&log, store, step: step)
          #expect(try Self.ownIDs(log) == Self.expectedIDs(through: step), "failed call \(call)")
        }
      }
      store.disk.crash()
      #expect(
        try Self.ownIDs(try store.open()) == Self.expectedIDs(through: Self.steps - 1),
        "failed call \(call)")
    }
  }

  /// Repeats a failed step, after opening the store anew if the log takes no more.
  private func recover(_ log: inout EventLog, _ store: TestStore, step: Int) throws {
    do {
      try Self.run(step, &log, store)
    } catch {
      store.disk.crash(.everything)
      log = try store.open()
      try Self.run(step, &log, store)
    }
  }

  @Test("After a failed sync nothing is acknowledged until the store is opened again")
  func poisoned() throws {
    let store = TestStore(seed: 2)
    try store.create()
    let log = try store.open()
    _ = try log.append(Self.drafts(0), wallMilliseconds: 1)
    // The append writes zeros ahead of the next frames only when it needs to: find its sync.
    let calls = store.disk.callCount
    store.disk.inject(.inputOutputError(atCall: calls + 2))
    #expect(throws: StorageError.self) {
      try log.append(Self.drafts(1), wallMilliseconds: 2)
    }
    #expect(throws: StorageError.poisoned) { try log.append(Self.drafts(1), wallMilliseconds: 3) }
    #expect(throws: StorageError.poisoned) { try log.seal() }
    #expect(log.snapshot().highWaterMark.rawValue == 4)
    store.disk.crash()
    #expect(try store.open().snapshot().highWaterMark.rawValue == 4)
  }

  @Test("Every acknowledged batch is synced once")
  func syncsOncePerBatch() throws {
    let store = TestStore(seed: 3)
    try store.create()
    let log = try store.open()
    for step in 0..<5 {
      let before = store.disk.syncCount
      _ = try log.append(Self.drafts(step), wallMilliseconds: 1)
      #expect(store.disk.syncCount == before + 1)
      _ = try log.append(Self.drafts(step), wallMilliseconds: 1)
      #expect(store.disk.syncCount == before + 1, "duplicates write nothing")
    }
  }
}
