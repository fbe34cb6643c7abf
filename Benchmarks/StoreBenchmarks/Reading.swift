internal import EventModel
internal import EventStorage
internal import Foundation
internal import HybridTime
internal import InteractionLog

extension Measurement {
  /// Opens a store some times.
  static func measureOpening(_ store: String, rounds: Int) throws {
    let clock = ContinuousClock()
    var durations: [Duration] = []
    for _ in 0..<rounds {
      let begun = clock.now
      let replica = try ReplicaCore.open(at: store, environment: .system)
      durations.append(clock.now - begun)
      try replica.close()
    }
    report(["p50": percentile(durations, 50), "p99": percentile(durations, 99)])
  }

  /// Reads single events by their names, at random places, after as many reads that are not counted.
  static func measurePoints(_ store: String, rounds: Int) throws {
    let replica = try ReplicaCore.open(at: store, environment: .system)
    let snapshot = replica.snapshot()
    let clock = ContinuousClock()
    var random = SystemRandomNumberGenerator()
    var durations: [Duration] = []
    for round in 0..<2 * rounds {
      let place = UInt64.random(in: 1...snapshot.highWaterMark.rawValue, using: &random)
      guard let dot = snapshot.dot(at: LogPosition(rawValue: place)) else { continue }
      let begun = clock.now
      guard let position = try snapshot.position(of: dot),
        try snapshot.event(at: position)?.dot == dot
      else { preconditionFailure("\(dot) is there") }
      if round >= rounds { durations.append(clock.now - begun) }
    }
    report(["p50": percentile(durations, 50), "p99": percentile(durations, 99)])
    try replica.close()
  }

  /// Reads the newest events that name each identifier of a file, a line each, twice: the second time
  /// counts.
  static func measureIdentifiers(_ store: String, names: String, limit: Int) throws {
    let replica = try ReplicaCore.open(at: store, environment: .system)
    let snapshot = replica.snapshot()
    let clock = ContinuousClock()
    var durations: [Duration] = []
    var count = 0
    let lines = try String(contentsOfFile: names, encoding: .utf8).split(separator: "\n")
    for round in 0..<2 {
      for line in lines {
        let name = Array(line.utf8)
        let begun = clock.now
        for position in try snapshot.positions(naming: name, newest: limit) {
          guard try snapshot.event(at: position) != nil else { preconditionFailure("\(position)") }
          if round == 1 { count += 1 }
        }
        if round == 1 { durations.append(clock.now - begun) }
      }
    }
    report([
      "p50": percentile(durations, 50), "p99": percentile(durations, 99),
      "events_each": (Double(count) / Double(lines.count) * 10).rounded() / 10,
    ])
    try replica.close()
  }

  /// Reads every field of every event on one thread: in place, by name and value, and as values of
  /// Swift, each with memory of its own.
  static func measureScan(_ store: String) throws {
    let replica = try ReplicaCore.open(at: store, environment: .system)
    let snapshot = replica.snapshot()
    let clock = ContinuousClock()
    let count = Double(snapshot.highWaterMark.rawValue)
    var (fields, byteCount) = (0, 0)
    var begun = clock.now
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      for section in event.sections {
        section.forEachRange { name, value in
          fields += 1
          byteCount += name.count + value.count
          return true
        }
      }
      return true
    }
    let inPlace = count / ((clock.now - begun) / .seconds(1))
    var values = 0
    begun = clock.now
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      for section in event.sections { values += section.fields.count }
      return true
    }
    report([
      "events_per_second": inPlace.rounded(), "bytes": Double(byteCount), "fields": Double(fields),
      "as_values_per_second": (count / ((clock.now - begun) / .seconds(1))).rounded(),
      "values": Double(values),
    ])
    try replica.close()
  }

  /// Counts by channel and month.
  static func measureCount(_ store: String, rounds: Int) throws {
    let replica = try ReplicaCore.open(at: store, environment: .system)
    let clock = ContinuousClock()
    var counting: [Duration] = []
    for _ in 0..<rounds {
      let begun = clock.now
      _ = try replica.countByMonth()
      counting.append(clock.now - begun)
    }
    report(["p50": percentile(counting, 50)])
    try replica.close()
  }
}

extension ReplicaEnvironment {
  /// The machine's disk, clock and chance.
  static var system: ReplicaEnvironment {
    ReplicaEnvironment(
      wallMilliseconds: { Int64(Date().timeIntervalSince1970 * 1000) },
      randomWord: { UInt64.random(in: 0 ... .max) })
  }
}
