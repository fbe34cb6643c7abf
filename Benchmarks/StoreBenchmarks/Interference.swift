internal import DurableFiles
internal import EventModel
internal import EventStorage
internal import Foundation
internal import HybridTime
internal import InteractionLog
internal import Synchronization

extension Measurement {
  /// Appends single events on one thread and reads single events on another, first alone and then for
  /// as long as a compaction of the whole store runs beside them.
  static func measureInterference(in store: String, segments: Int, seconds: Int) async throws {
    let replica = try ReplicaCore.create(at: store, label: "", environment: system(.never))
    for segment in 0..<segments {
      var views = PageViews(writer: segment)
      for piece in 0..<16 { _ = try replica.stage(views.drafts(4096, from: piece * 4096)) }
    }
    try replica.flush()
    try replica.close()
    let alone = try await measure(store, beside: .never, seconds: seconds)
    let beside = try await measure(store, beside: .inBackground, seconds: 60 * seconds)
    var fields: [String: Double] = [:]
    for (name, part) in [("alone", alone), ("beside", beside)] {
      for (field, value) in part { fields["\(name)_\(field)"] = value }
    }
    report(fields)
  }

  private static func measure(
    _ store: String, beside schedule: CompactionSchedule, seconds: Int
  ) async throws -> [String: Double] {
    let replica = try ReplicaCore.open(at: store, environment: system(schedule))
    let segmentsBefore = replica.snapshot().statistics.segments
    var views = PageViews(writer: 1_000_000 + seconds)
    // The first append loads the index of keys.
    _ = try replica.append(views.drafts(1, from: 0))
    let shared = SharedSnapshot(replica.snapshot())
    let reader = Task.detached { try measureReads(of: shared) }
    let clock = ContinuousClock()
    let start = clock.now
    var appends: [Duration] = []
    try replica.tend {}
    while clock.now - start < .seconds(seconds) {
      if schedule != .never, appends.count % 64 == 0 {
        try replica.tend {}
        if !replica.isTending { break }
      }
      let drafts = views.drafts(1, from: appends.count + 1)
      let begun = clock.now
      _ = try replica.append(drafts)
      appends.append(clock.now - begun)
      if appends.count % 256 == 0 { shared.replace(by: replica.snapshot()) }
    }
    let elapsed = (clock.now - start) / .seconds(1)
    shared.end()
    let reads = try await reader.value
    let segmentsAfter = replica.snapshot().statistics.segments
    try replica.close()
    return [
      "seconds": (elapsed * 10).rounded() / 10, "appends": Double(appends.count),
      "append_p50": percentile(appends, 50), "append_p99": percentile(appends, 99),
      "append_max": percentile(appends, 100), "reads": Double(reads.count),
      "read_p50": percentile(reads, 50), "read_p99": percentile(reads, 99),
      "read_max": percentile(reads, 100), "segments_before": Double(segmentsBefore),
      "segments_after": Double(segmentsAfter),
    ]
  }

  /// Reads single events by their names, at random places, until there is no snapshot any more.
  private static func measureReads(of shared: SharedSnapshot) throws -> [Duration] {
    let clock = ContinuousClock()
    var random = SystemRandomNumberGenerator()
    var durations: [Duration] = []
    while let snapshot = shared.current {
      let place = UInt64.random(in: 1...snapshot.highWaterMark.rawValue, using: &random)
      guard let dot = snapshot.dot(at: LogPosition(rawValue: place)) else { continue }
      let begun = clock.now
      guard let position = try snapshot.position(of: dot),
        try snapshot.event(at: position)?.dot == dot
      else { preconditionFailure("\(dot) is there") }
      durations.append(clock.now - begun)
    }
    return durations
  }

  private static func system(_ schedule: CompactionSchedule) -> ReplicaEnvironment {
    let system = ReplicaEnvironment.system
    return ReplicaEnvironment(
      fileSystem: system.fileSystem, wallMilliseconds: system.wallMilliseconds,
      randomWord: system.randomWord, views: .inMemory, sealSchedule: .inBackground,
      compactionSchedule: schedule)
  }
}

/// What the reader reads from, as long as there is something.
private final class SharedSnapshot: Sendable {
  private let snapshot: Mutex<LogSnapshot?>

  init(_ snapshot: LogSnapshot) { self.snapshot = Mutex(snapshot) }

  var current: LogSnapshot? { snapshot.withLock { $0 } }

  func replace(by next: LogSnapshot) { snapshot.withLock { $0 = next } }

  func end() { snapshot.withLock { $0 = nil } }
}
