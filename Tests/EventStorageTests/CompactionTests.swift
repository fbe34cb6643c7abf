import DurableFiles
import EventModel
import EventStorage
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Compaction")
struct CompactionTests {
  /// A log with several small segments, and the drafts that it holds.
  private func makeLog(seed: UInt64) throws -> (TestStore, EventLog, [EventDraft]) {
    var store = TestStore(seed: seed)
    store.options.sealEventCount = 50
    store.options.sealSchedule = .atOnce
    try store.create()
    let log = try store.open()
    var random = SeededGenerator(seed: seed)
    var drafts: [EventDraft] = []
    for _ in 0..<12 {
      let batch = (0..<25).map { _ in random.draft(idRange: 0..<4_000) }
      drafts += batch
      _ = try log.append(batch, wallMilliseconds: 1_700_000_000_000)
    }
    try log.seal()
    return (store, log, drafts)
  }

  private func events(_ snapshot: LogSnapshot) throws -> [Event] {
    var events: [Event] = []
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      events.append(event)
      return true
    }
    return events
  }

  @Test("Adjacent segments become one, smaller, with every event, position, key and time")
  func rewrites() throws {
    let (store, log, drafts) = try makeLog(seed: 31)
    let before = log.snapshot()
    #expect(before.statistics.segments > 3)
    let held = try events(before)
    let root = try log.setRoot()
    let report = try log.compact(all: false)
    #expect(report.rewritten == before.statistics.segments)
    #expect(report.written == 1)
    #expect(report.byteCountAfter < report.byteCountBefore)
    let after = log.snapshot()
    #expect(after.statistics.segments == 1)
    #expect(try events(after) == held)
    #expect(try events(before) == held, "a snapshot from before reads the old files")
    #expect(try log.setRoot() == root)
    for (index, event) in held.enumerated() {
      #expect(try after.position(of: event.dot)?.rawValue == UInt64(index + 1))
      #expect(try after.event(at: LogPosition(rawValue: UInt64(index + 1))) == event)
    }
    // What is sent again is a repeat, and what follows is appended behind.
    let again = try log.append(drafts, wallMilliseconds: 1_700_000_001_000)
    for (draft, outcome) in zip(drafts, again) where draft.idempotencyKey != nil {
      guard case .duplicate = outcome else {
        Issue.record("\(outcome)")
        return
      }
    }
    try log.close()
    let reopened = try store.open()
    #expect(try Array(events(reopened.snapshot()).prefix(held.count)) == held)
    #expect(try verify(directory: "/store", fileSystem: store.disk).isSound)
  }

  @Test("A second compaction finds nothing to do, unless it is asked to rewrite all")
  func repeated() throws {
    let (_, log, _) = try makeLog(seed: 32)
    _ = try log.compact(all: false)
    let again = try log.compact(all: false)
    #expect(again.rewritten == 0)
    #expect(again.byteCountBefore == again.byteCountAfter)
    let all = try log.compact(all: true)
    #expect(all.rewritten == 1)
    #expect(all.byteCountAfter == all.byteCountBefore)
  }

  @Test("The files of the old segments are removed, by the next opening at the latest")
  func files() throws {
    let (store, log, _) = try makeLog(seed: 33)
    _ = try log.compact(all: true)
    let segments = try store.disk.list("/store/log").filter { $0.hasSuffix(".seg") }
    #expect(segments.count == 1)
  }
}
