import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import Synchronization
import SyntheticWorkload
import Testing

/// Every kind of write that a log makes, in steps whose outcome is known beforehand.
///
/// What the log holds is counted in steps: after `n` of them it is ``held(after:)``, whatever happened
/// on the way.
struct ReferenceWorkload {
  enum Step {
    case append, stage, stageFew, seal, apply, reopen, compact, remove, backUp
  }

  static let steps: [Step] = [
    .append, .append, .seal, .stage, .apply, .append, .reopen, .append, .compact, .stageFew,
    .append, .backUp, .append, .remove, .append, .stage, .seal, .compact, .backUp, .append,
    .reopen, .append,
  ]

  static let wall: Int64 = 1_700_000_000_000

  let store: TestStore

  /// Seals after every second batch, compacts small segments after each seal, and what was staged goes
  /// straight into a segment.
  init(_ schedule: SealSchedule) {
    var store = TestStore(seed: 1)
    store.options.sealEventCount = 7
    store.options.sealAtCloseEventCount = 4
    store.options.sealSchedule = schedule
    store.options.compaction.rowCountMax = 40
    store.options.compaction.smallCountMax = 2
    store.options.compactionSchedule = schedule == .late ? .late : .atOnce
    self.store = store
  }

  /// The workload on another disk with the same content.
  init(_ workload: ReferenceWorkload, on disk: MemoryFileSystem) {
    var store = workload.store
    store.disk = disk
    self.store = store
  }

  /// Events of another replica.
  static let foreign: [Event] = {
    var random = SeededGenerator(seed: 99)
    let origin = random.origin()
    return random.events(of: origin, sequences: 1...12)
  }()

  /// The events of one step; keys make a repeated step append nothing twice.
  static func drafts(_ step: Int) -> [EventDraft] {
    let count =
      switch steps[step] {
      case .append, .stage: 4
      case .stageFew: 2
      default: 0
      }
    return (0..<count).map { index in
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

  /// What the log holds after a number of steps, in order.
  func held(after count: Int) -> [(dot: Dot, draft: EventDraft)] {
    var held: [(dot: Dot, draft: EventDraft)] = []
    var sequence: UInt64 = 0
    for step in 0..<min(count, Self.steps.count) {
      if Self.steps[step] == .apply { held += Self.foreign.map { ($0.dot, $0.draft) } }
      for draft in Self.drafts(step) {
        sequence += 1
        held.append((Dot(origin: store.identity.origin, sequence: sequence), draft))
      }
    }
    return held
  }

  static let removal = steps.firstIndex { $0 == .remove } ?? steps.count

  /// What the removal removes: the person of every second own event before it.
  var unwanted: [EventSections] {
    held(after: Self.removal).filter {
      $0.dot.origin == store.identity.origin && $0.dot.sequence % 2 == 0
    }.map { EventSections($0.dot, [1]) }
  }

  /// Does one step and returns once it is acknowledged.
  func run(_ step: Int, _ log: inout EventLog) throws {
    switch Self.steps[step] {
    case .append: _ = try log.append(Self.drafts(step), wallMilliseconds: Self.wall)
    case .stage, .stageFew:
      _ = try log.stage(Self.drafts(step), wallMilliseconds: Self.wall)
      try log.flush()
    case .seal:
      try log.seal()
      try log.tend()
    case .apply:
      _ = try log.apply(
        Self.foreign, salts: WindowSalts.synthetic(for: Self.foreign), wallMilliseconds: Self.wall)
    case .reopen:
      try log.close()
      log = try store.open()
    case .compact: _ = try log.compact(all: true)
    case .remove: _ = try log.remove(unwanted)
    case .backUp:
      var options = BackupOptions()
      options.keptGenerationCount = 1
      _ = try BackupTests.save(log, store.disk, erased: Self.ledger(of: log), options: options)
    }
  }

  /// What was removed, with the commitments that are left: by them a restore can do without the salts.
  private static func ledger(of log: EventLog) throws -> ErasureLedger {
    var erased = ErasureLedger()
    let snapshot = log.snapshot()
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      if event.sections.count > 1, let commitment = event.sections[1].commitment {
        erased.add(section: 1, of: event.dot, commitment: commitment)
      }
      return true
    }
    return erased
  }

  /// A disk at a moment of the workload.
  struct Recorded: Sendable {
    let moment: MemoryFileSystem.Moment
    /// How many steps were acknowledged by then.
    let done: Int
  }

  /// What an undisturbed run of the workload looked like.
  struct Recording: Sendable {
    var moments: [Recorded] = []
    /// The root of the set of events, by their number.
    var roots: [Int: Digest256] = [:]
    var callCount = 0
  }

  /// Runs the workload and keeps the disk as it was before each call that followed a change.
  func record() throws -> Recording {
    let kept = Mutex((done: 0, moments: [Recorded]()))
    try store.create()
    store.disk.observe { moment in
      kept.withLock { $0.moments.append(Recorded(moment: moment, done: $0.done)) }
    }
    var recording = Recording()
    let start = store.disk.callCount
    var log = try store.open()
    for step in Self.steps.indices {
      try run(step, &log)
      kept.withLock { $0.done = step + 1 }
      recording.roots[held(after: step + 1).count] = try log.setRoot()
    }
    recording.callCount = store.disk.callCount - start
    recording.moments = kept.withLock { $0.moments }
    recording.moments.append(Recorded(moment: store.disk.moment, done: Self.steps.count))
    return recording
  }

  /// Compares everything a log holds with what it should hold after `done` steps, or one more that was
  /// under way; `roots` are those of a run that nothing disturbed.
  ///
  /// - Returns: How many steps it holds the events of.
  func check(_ log: EventLog, done: Int, roots: [Int: Digest256], _ comment: Comment) throws -> Int
  {
    var found: [Event] = []
    let snapshot = log.snapshot()
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { position, event in
      found.append(event)
      return position.rawValue == UInt64(found.count)
    }
    let acknowledged = held(after: done)
    let next = held(after: done + 1)
    let isNextThere = found.count != acknowledged.count
    let expected = isNextThere ? next : acknowledged
    #expect(found.map(\.dot) == expected.map(\.dot), comment)
    let unwanted = Set(unwanted.map(\.dot))
    var removedCount = 0
    for (event, expected) in zip(found, expected) {
      if unwanted.contains(event.dot), event.sections[1].isErased {
        removedCount += 1
        #expect(event.sections[0] == expected.draft.sections[0], comment)
      } else {
        #expect(event.draft == expected.draft, comment)
      }
    }
    if done <= Self.removal - 1 { #expect(removedCount == 0, comment) }
    if done > Self.removal { #expect(removedCount == unwanted.count, comment) }
    if let root = roots[found.count] { #expect(try log.setRoot() == root, comment) }
    return isNextThere ? done + 1 : done
  }
}
