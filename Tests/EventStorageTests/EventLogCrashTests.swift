import DurableFiles
import EventModel
import EventStorage
import HybridTime
import SyntheticWorkload
import Testing

@Suite("The log survives what disks do")
struct EventLogCrashTests {
  /// How one call fails.
  enum Failure: CaseIterable {
    case inputOutputError, diskFull, tooManyOpenFiles

    func fault(atCall call: Int) -> MemoryFileSystem.InjectedFault {
      switch self {
      case .inputOutputError: .inputOutputError(atCall: call)
      case .diskFull: .diskFull(atCall: call)
      case .tooManyOpenFiles: .tooManyOpenFiles(atCall: call)
      }
    }
  }

  @Test(
    "A call that fails once, at any place, loses nothing, and what failed can be done again",
    arguments: [SealSchedule.atOnce, .late], Failure.allCases)
  func oneFailure(schedule: SealSchedule, failure: Failure) throws {
    let recording = try ReferenceWorkload(schedule).record()
    var failedCount = 0
    for call in 1...recording.callCount {
      let workload = ReferenceWorkload(schedule)
      let disk = workload.store.disk
      try workload.store.create()
      disk.inject(failure.fault(atCall: disk.callCount + call))
      var log = try (try? workload.store.open()) ?? workload.store.open()
      for step in ReferenceWorkload.steps.indices {
        do {
          try workload.run(step, &log)
        } catch {
          try recover(&log, workload, step: step)
          _ = try workload.check(
            log, done: step + 1, roots: recording.roots, "\(failure), failed call \(call)")
        }
      }
      failedCount += disk.failedCallCount
      disk.crash()
      _ = try workload.check(
        try workload.store.open(), done: ReferenceWorkload.steps.count, roots: recording.roots,
        "\(failure), failed call \(call)")
    }
    #expect(failedCount > 50)
    print("counted: failed calls of a log, \(schedule), \(failure): \(failedCount)")
  }

  /// Repeats a failed step, after opening the store anew if the log takes no more.
  private func recover(_ log: inout EventLog, _ workload: ReferenceWorkload, step: Int) throws {
    do {
      try workload.run(step, &log)
    } catch {
      workload.store.disk.crash(.everything)
      log = try workload.store.open()
      try workload.run(step, &log)
    }
  }

  @Test("After a failed sync nothing is acknowledged until the store is opened again")
  func poisoned() throws {
    let store = TestStore(seed: 2)
    try store.create()
    let log = try store.open()
    _ = try log.append(ReferenceWorkload.drafts(0), wallMilliseconds: 1)
    // The append writes zeros ahead of the next frames only when it needs to: find its sync.
    let calls = store.disk.callCount
    store.disk.inject(.inputOutputError(atCall: calls + 2))
    #expect(throws: StorageError.self) {
      try log.append(ReferenceWorkload.drafts(1), wallMilliseconds: 2)
    }
    #expect(throws: StorageError.poisoned) {
      try log.append(ReferenceWorkload.drafts(1), wallMilliseconds: 3)
    }
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
    for step in [0, 1, 3, 5, 7] {
      let before = store.disk.syncCount
      _ = try log.append(ReferenceWorkload.drafts(step), wallMilliseconds: 1)
      #expect(store.disk.syncCount == before + 1)
      _ = try log.append(ReferenceWorkload.drafts(step), wallMilliseconds: 1)
      #expect(store.disk.syncCount == before + 1, "duplicates write nothing")
    }
  }
}
