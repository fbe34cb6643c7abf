import DurableFiles
import EventModel
import EventStorage
import HybridTime
import Synchronization
import Testing

@Suite("Every state that a power cut may leave is whole")
struct CrashStateTests {
  /// States that are tried of one moment, and how many states of all go on to the workload's end.
  private static let stateCountMax = Soak.isOn ? 20_000 : 40
  private static let continuedOneIn = Soak.isOn ? 4 : 16

  @Test(
    "Acknowledged events are there, in order, with their ids, and nothing is invented",
    arguments: [SealSchedule.atOnce, .late])
  func referenceWorkload(schedule: SealSchedule) throws {
    let workload = ReferenceWorkload(schedule)
    let recording = try workload.record()
    #expect(recording.moments.count > 150)
    var tried: Set<[Int]> = []
    var stateCount = 0
    var droppedTailCount = 0
    for (index, recorded) in recording.moments.enumerated() {
      let states = recorded.moment.crashStates(
        countMax: Self.stateCountMax, seed: UInt64(index))
      for (number, state) in states.enumerated() {
        stateCount += 1
        let disk = recorded.moment.disk(after: state)
        guard tried.insert([disk.contentHash, recorded.done]).inserted else { continue }
        let isDropped = try check(
          ReferenceWorkload(workload, on: disk), recorded.done, recording,
          goesOn: tried.count % Self.continuedOneIn == 0,
          "\(schedule), moment \(index), state \(number), \(recorded.done) steps done")
        droppedTailCount += isDropped ? 1 : 0
      }
    }
    #expect(droppedTailCount > 0)
    print(
      "counted: crash states of a log, \(schedule): \(stateCount) of \(recording.moments.count) moments,",
      "\(tried.count) of them different, \(droppedTailCount) with a torn batch")
  }

  /// Checks a log after a crash; returns whether it had to drop a batch that nobody was told of.
  private func check(
    _ workload: ReferenceWorkload, _ done: Int, _ recording: ReferenceWorkload.Recording,
    goesOn: Bool, _ comment: Comment
  ) throws -> Bool {
    var log = try workload.store.open()
    let isDropped = log.recovery.droppedTailByteCount > 0
    let reached = try workload.check(log, done: done, roots: recording.roots, comment)
    if isDropped { #expect(reached == done, comment) }
    #expect(try verify(directory: "/store", fileSystem: workload.store.disk).damages == [], comment)
    try checkBackup(of: workload, done, comment)
    if goesOn {
      for step in ReferenceWorkload.steps.indices.dropFirst(done) {
        try workload.run(step, &log)
      }
      _ = try workload.check(
        log, done: ReferenceWorkload.steps.count, roots: recording.roots, comment)
    }
    return isDropped
  }

  /// Whatever was going on, the newest generation is whole, of a backup that was begun.
  private func checkBackup(
    of workload: ReferenceWorkload, _ done: Int, _ comment: Comment
  ) throws {
    let backups = ReferenceWorkload.steps.indices.filter {
      ReferenceWorkload.steps[$0] == .backUp
    }
    let ended = backups.filter { $0 < done }
    guard backups.contains(done) || (!ended.isEmpty && done % 4 == 0) else { return }
    let disk = workload.store.disk.copy(machine: "machine")
    do {
      let restore = try StoreRestore(
        from: BackupTarget(at: "/backup", fileSystem: disk), BackupTests.request())
      let log = try restore.openLog(
        options: TestStore.options, device: BackupTests.restored.device,
        makeSeed: TestStore.makeSeed)
      let counts = (ended.suffix(1) + backups.filter { $0 == done }).map {
        workload.held(after: $0).count
      }
      #expect(counts.contains(try BackupTests.events(log).count), comment)
      // An older generation may have what was removed since, whose salts the backup lost.
      _ = try log.remove(restore.ledger?.erased ?? [])
      try log.close()
      try restore.finish()
      #expect(try verify(directory: "/restored", fileSystem: disk).damages == [], comment)
    } catch {
      #expect(ended.isEmpty, "\(comment): \(error)")
    }
  }

  @Test("A store that was being made can be made again, or is there and empty")
  func creation() throws {
    let workload = ReferenceWorkload(.atOnce)
    let moments = try workload.store.disk.recordMoments { try workload.store.create() }
    #expect(moments.count > 10)
    for moment in moments {
      for state in moment.crashStates(countMax: Self.stateCountMax, seed: 1) {
        var store = workload.store
        store.disk = moment.disk(after: state)
        if (try? store.open()) == nil { try store.create() }
        #expect(try store.open().snapshot().highWaterMark.rawValue == 0)
      }
    }
  }
}

extension MemoryFileSystem {
  /// The disk before each call of `body` that follows a change, and after it.
  func recordMoments(_ body: () throws -> Void) throws -> [Moment] {
    let kept = Mutex([Moment]())
    observe { moment in kept.withLock { $0.append(moment) } }
    try body()
    return kept.withLock { $0 } + [moment]
  }
}
