import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

/// What a log should hold, as an array and by brute force.
struct LogModel {
  var events: [Event] = []
  /// How many events were acknowledged as durable.
  var own: OriginID

  /// The position of the first event with the same key and content, if there is one.
  func duplicate(of draft: EventDraft) -> LogPosition? {
    guard draft.idempotencyKey != nil else { return nil }
    return events.firstIndex {
      $0.idempotencyKey == draft.idempotencyKey && $0.draft.isSameContent(as: draft)
    }.map { LogPosition(rawValue: UInt64($0) + 1) }
  }

  /// Adds what the log says it appended, and checks its every claim.
  mutating func record(_ drafts: [EventDraft], _ outcomes: [AppendOutcome]) {
    #expect(drafts.count == outcomes.count)
    for (draft, outcome) in zip(drafts, outcomes) {
      switch outcome {
      case .duplicate(let position, let dot):
        #expect(duplicate(of: draft) == position)
        #expect(events[Int(position.rawValue) - 1].dot == dot)
      case .appended(let dot, let position):
        #expect(draft.idempotencyKey.map { key in !keys.contains(key) } ?? true)
        add(draft, dot, position)
      case .conflict(let dot, let position, let other):
        #expect(duplicate(of: draft) == nil)
        #expect(events[Int(other.rawValue) - 1].idempotencyKey == draft.idempotencyKey)
        add(draft, dot, position)
      case .erased, .erasedBefore: Issue.record("the log knows no erasures")
      }
    }
  }

  private var keys: Set<IdempotencyKey> { Set(events.compactMap(\.idempotencyKey)) }

  private mutating func add(_ draft: EventDraft, _ dot: Dot, _ position: LogPosition) {
    #expect(position.rawValue == UInt64(events.count) + 1)
    #expect(dot.origin == own)
    #expect(dot.sequence == UInt64(events.filter { $0.dot.origin == own }.count) + 1)
    events.append(
      Event(dot: dot, recorded: HybridTimestamp(rawValue: 0), draft: draft))
  }

  /// Compares everything a snapshot answers with this model; times of own events are the log's.
  func check(_ snapshot: LogSnapshot) throws {
    #expect(snapshot.highWaterMark.rawValue == UInt64(events.count))
    #expect(snapshot.statistics.events == events.count)
    checkStatistics(snapshot.statistics)
    var found: [Event] = []
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { position, event in
      found.append(event)
      return position.rawValue == UInt64(found.count)
    }
    #expect(found.map(\.dot) == events.map(\.dot))
    #expect(found.map(\.draft) == events.map(\.draft))
    var reversed: [Dot] = []
    try snapshot.forEachEventReversed(from: snapshot.highWaterMark, through: .start) { _, event in
      reversed.append(event.dot)
      return true
    }
    #expect(reversed == events.map(\.dot).reversed())
    var held = HeldVector()
    for (index, event) in events.enumerated() {
      held.insert(event.dot)
      let position = LogPosition(rawValue: UInt64(index) + 1)
      #expect(try snapshot.position(of: event.dot) == position)
      #expect(try snapshot.event(at: position)?.draft == event.draft)
      #expect((snapshot.received(at: position) != nil) == (event.dot.origin != own))
    }
    #expect(snapshot.held == held)
    #expect(try snapshot.event(at: snapshot.highWaterMark.next) == nil)
    try checkIdentifiers(snapshot)
    try checkKeyGroups(snapshot)
    try checkOrigins(snapshot)
  }

  private func checkStatistics(_ statistics: LogStatistics) {
    var seen: [IdempotencyKey: [EventDraft]] = [:]
    var expected: [Channel: Int] = [:]
    var twins = 0
    var conflicts = 0
    for event in events {
      let earlier = event.idempotencyKey.flatMap { seen[$0] } ?? []
      if earlier.contains(where: { $0.isSameContent(as: event.draft) }) {
        twins += 1
      } else {
        conflicts += earlier.isEmpty ? 0 : 1
        expected[event.channel, default: 0] += 1
        if let key = event.idempotencyKey { seen[key, default: []].append(event.draft) }
      }
    }
    #expect(statistics.copies == twins)
    #expect(statistics.conflicts == conflicts)
    #expect(statistics.channels == expected)
    #expect(statistics.types.values.reduce(0, +) == events.count)
  }

  private func checkIdentifiers(_ snapshot: LogSnapshot) throws {
    var rows: [Identifier: [LogPosition]] = [:]
    for (index, event) in events.enumerated() {
      for identifier in Set(event.persons.flatMap(\.identifiers)) {
        rows[identifier, default: []].append(LogPosition(rawValue: UInt64(index) + 1))
      }
    }
    for (identifier, positions) in rows {
      #expect(try snapshot.positions(naming: identifier.name) == positions)
    }
    #expect(try snapshot.positions(naming: Array("user:nobody".utf8)).isEmpty)
  }

  private func checkKeyGroups(_ snapshot: LogSnapshot) throws {
    var groups: [IdempotencyKey: [Int]] = [:]
    for (index, event) in events.enumerated() {
      guard let key = event.idempotencyKey else { continue }
      groups[key, default: []].append(index)
    }
    for (index, event) in events.enumerated() {
      let group = try snapshot.keyGroup(containing: LogPosition(rawValue: UInt64(index) + 1))
      guard let key = event.idempotencyKey, let members = groups[key], members.count > 1 else {
        #expect(group == nil)
        continue
      }
      #expect(group?.map { Int($0.position.rawValue) - 1 } == members)
      for (one, left) in members.enumerated() {
        for (other, right) in members.enumerated() {
          let isSame = events[left].draft.isSameContent(as: events[right].draft)
          #expect((group?[one].contentClass == group?[other].contentClass) == isSame)
        }
      }
    }
  }

  private func checkOrigins(_ snapshot: LogSnapshot) throws {
    for origin in snapshot.held.origins {
      var sequences: [UInt64] = []
      let all = IntervalSet.Run(first: 1, last: 1 << 50)
      try snapshot.forEachEvent(of: origin, in: all) { position, event in
        #expect(event.dot.origin == origin)
        #expect(events[Int(position.rawValue) - 1].dot == event.dot)
        sequences.append(event.dot.sequence)
        return true
      }
      #expect(
        sequences == events.map(\.dot).filter { $0.origin == origin }.map(\.sequence).sorted())
    }
  }
}

extension EventDraft {
  func isSameContent(as other: EventDraft) -> Bool {
    channel == other.channel && type == other.type && sections == other.sections
  }
}

/// A store in memory with small limits, so that a short test seals often.
struct TestStore {
  var disk = MemoryFileSystem()
  var identity: LogIdentity
  let device: DeviceSecret
  var options = Self.options

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    device = .synthetic(of: origin.incarnation)
    identity = LogIdentity(
      founding: BookFounding(owner: origin.key, nonceHigh: 1, nonceLow: 2), origin: origin,
      label: "test")
  }

  static var options: LogOptions {
    var options = LogOptions()
    options.sealEventCount = 40
    options.sealAtCloseEventCount = 30
    options.zeroedAheadByteCount = 4096
    return options
  }

  /// A seed that is no secret; every window has the same.
  static let makeSeed: @Sendable () -> Digest256 = { Digest256.hash([7]) }

  func create() throws {
    try EventLog.create(at: "/store", identity: identity, fileSystem: disk)
  }

  func open() throws -> EventLog {
    try EventLog.open(
      at: "/store", fileSystem: disk.process(), options: options, device: device,
      makeSeed: Self.makeSeed)
  }
}
