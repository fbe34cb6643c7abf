import DurableFiles
import EventModel
import EventStorage
import HybridTime
import SyntheticWorkload
import Testing

@Suite("The log equals an array")
struct EventLogModelTests {
  @Test(
    "Whatever is appended, applied, sealed, compacted, reopened and crashed",
    arguments: UInt64(1)...24)
  func randomOperations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed + 1000)
    var store = TestStore(seed: seed)
    store.options.sealSchedule = [.atOnce, .late, .inBackground][Int(seed % 3)]
    store.options.compaction.rowCountMax = 200
    store.options.compaction.smallCountMax = 3
    store.options.compactionSchedule = [.atOnce, .late, .inBackground][Int(seed / 3 % 3)]
    try store.create()
    var log = try store.open()
    var model = LogModel(own: store.identity.origin)
    var peers = (0..<2).map { _ in
      let origin = random.origin()
      return random.events(of: origin, sequences: 1...60)
    }
    var wall: Int64 = 1_700_000_000_000
    var earlier: [(LogSnapshot, LogModel)] = []
    for _ in 0..<40 {
      wall += 1000
      switch Int.random(in: 0..<12, using: &random) {
      case 0 where random.oneIn(2): _ = try log.compact(all: random.oneIn(2))
      case 0:
        try log.seal()
        try log.tend()
      case 1:
        try log.close()
        log = try store.open()
        #expect(log.recovery.droppedTailByteCount == 0)
        earlier.removeAll()
      case 2:
        store.disk.crash()
        log = try store.open()
        earlier.removeAll()
      case 3, 4, 5:
        let events = pickEvents(&random, &peers, model)
        let new = Set(events.map(\.dot)).subtracting(model.events.map(\.dot))
        let outcome = try log.apply(
          events, salts: WindowSalts.synthetic(for: events), wallMilliseconds: wall)
        #expect(outcome.applied == new.count)
        #expect(outcome.applied + outcome.alreadyHeld == events.count)
        for event in events where !model.events.contains(where: { $0.dot == event.dot }) {
          model.events.append(event)
        }
      case 6: earlier.append((log.snapshot(), model))
      case 7, 8:
        let before = log.snapshot().highWaterMark
        let batches = (0..<3).map { _ in pickDrafts(&random, model) }
        let outcomes = try batches.map { try log.stage($0, wallMilliseconds: wall) }
        #expect(log.snapshot().highWaterMark == before)
        if random.oneIn(4) {
          store.disk.crash()
          log = try store.open()
          earlier.removeAll()
        } else {
          try log.flush()
          for (drafts, outcomes) in zip(batches, outcomes) { model.record(drafts, outcomes) }
        }
      default:
        let drafts = pickDrafts(&random, model)
        model.record(drafts, try log.append(drafts, wallMilliseconds: wall))
      }
    }
    try model.check(log.snapshot())
    for (snapshot, model) in earlier { try model.check(snapshot) }
    try log.seal()
    if random.oneIn(2) { _ = try log.compact(all: false) }
    let statistics = log.snapshot().statistics
    try log.close()
    let reopened = try store.open().snapshot()
    try model.check(reopened)
    #expect(reopened.statistics.bytes.content == statistics.bytes.content)
    #expect(reopened.statistics.bytes.indexes == statistics.bytes.indexes)
    #expect(reopened.statistics.segments == statistics.segments)
  }

  /// New drafts, some with keys that were used, and drafts that were appended or applied before.
  private func pickDrafts(_ random: inout SeededGenerator, _ model: LogModel) -> [EventDraft] {
    (0..<Int.random(in: 0...12, using: &random)).map { _ in
      guard random.oneIn(3), !model.events.isEmpty else {
        return random.draft(idRange: 0..<60)
      }
      return random.pick(model.events).draft
    }
  }

  /// Events of peers in any order, some again, some with a key and content that was here before.
  private func pickEvents(
    _ random: inout SeededGenerator, _ peers: inout [[Event]], _ model: LogModel
  ) -> [Event] {
    (0..<Int.random(in: 1...15, using: &random)).map { _ in
      let peer = Int.random(in: 0..<peers.count, using: &random)
      let index = Int.random(in: 0..<peers[peer].count, using: &random)
      let event = peers[peer][index]
      if random.oneIn(3), !model.events.isEmpty,
        !model.events.contains(where: { $0.dot == event.dot })
      {
        peers[peer][index] = Event(
          dot: event.dot, recorded: event.recorded, draft: random.pick(model.events).draft)
      }
      return peers[peer][index]
    }
  }
}
