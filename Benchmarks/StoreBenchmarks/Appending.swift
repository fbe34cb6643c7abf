internal import DurableFiles
internal import Foundation
internal import InteractionLog

extension Measurement {
  /// Writes 512 bytes after another into a file of zeros, each followed by an fdatasync: what the disk
  /// gives a single writer.
  static func measureSyncs(in path: String, seconds: Int) throws {
    let file = try POSIXFileSystem().open(path, for: .replacing)
    let zeros = [UInt8](repeating: 0, count: 64 << 20)
    try file.write(zeros.span, at: 0)
    try file.syncData()
    let record = [UInt8](repeating: 7, count: 512)
    let clock = ContinuousClock()
    let start = clock.now
    var durations: [Duration] = []
    while clock.now - start < .seconds(seconds), durations.count < zeros.count / record.count {
      let begun = clock.now
      try file.write(record.span, at: UInt64(durations.count * record.count))
      try file.syncData()
      durations.append(clock.now - begun)
    }
    report(rates(durations, of: 1, in: clock.now - start))
  }

  /// Appends batches of page views from several tasks for some time, each waiting until its batch is
  /// durable.
  static func measureAppends(to store: String, writers: Int, batch: Int, seconds: Int) async throws
  {
    let replica = try Replica.make(at: store, environment: .system)
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(seconds)
    let durations = try await withThrowingTaskGroup(of: [Duration].self) { group in
      for writer in 0..<writers {
        group.addTask {
          var durations: [Duration] = []
          var next = 0
          var views = PageViews(writer: writer)
          while clock.now < end {
            let drafts = views.drafts(batch, from: next)
            let begun = clock.now
            _ = try await replica.append(drafts)
            durations.append(clock.now - begun)
            next += batch
          }
          return durations
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let elapsed = clock.now - start
    try await replica.close()
    report(rates(durations, of: batch, in: elapsed))
  }

  private static func rates(
    _ durations: [Duration], of batch: Int, in elapsed: Duration
  ) -> [String: Double] {
    [
      "events_per_second": (Double(durations.count * batch) / (elapsed / .seconds(1))).rounded(),
      "p50": percentile(durations, 50), "p99": percentile(durations, 99),
    ]
  }
}
