import BinaryCoding
import EventModel
import HybridTime
import MerkleProofs
import SyncProtocol
import SyntheticWorkload
import Testing

@Suite("A hostile or mistaken peer")
struct HostilePeerTests {
  var random = SeededGenerator(seed: 77)

  /// A responder that has greeted a peer with another set, and is exchanging.
  private func exchanging(_ replica: ModelReplica) throws -> SyncSession {
    var session = SyncSession(role: .responder)
    _ = try session.start(from: replica)
    _ = try session.receive(.hello(hello()), from: replica)
    return session
  }

  private func hello(
    version: UInt32 = 0, book: BookID = ModelReplica.testBook, scope: String = "",
    summary: [UInt8] = [UInt8](repeating: 1, count: 16)
  ) -> SyncMessage.Hello {
    SyncMessage.Hello(
      protocolVersion: version, book: book, scope: scope, eventCount: 1,
      setRoot: Digest256.hash([1, 2, 3]), summary: summary)
  }

  private func difference(_ origin: OriginID, _ bounds: [UInt64]) -> SyncMessage {
    .difference([SyncMessage.OriginRuns(origin: origin, bounds: bounds)], hasMore: false)
  }

  /// The salts of an origin's first window.
  private func salts(of origin: OriginID) -> SyncMessage {
    var writer = ByteWriter()
    WindowSalts.synthetic(0, of: origin).write(to: &writer)
    return .salts(SyncMessage.Salts(content: writer.bytes, hasMore: false))
  }

  /// The proof that a replica which holds all of an origin would send.
  private func proof(of origin: OriginID, _ replica: ModelReplica) throws -> SyncMessage {
    .proof(SyncMessage.Proof(head: try replica.head(of: origin), rest: []))
  }

  @Test("Another book, version, scope or form of hello is refused by name")
  func wrongHello() throws {
    let other = BookID(high: 1, low: 1)
    let cases: [(SyncMessage.Hello, SyncFault, RefusalCode)] = [
      (hello(version: 1), .protocolVersion(found: 1), .protocolVersion),
      (hello(version: .max), .protocolVersion(found: .max), .protocolVersion),
      (hello(book: other), .otherBook(found: other, expected: ModelReplica.testBook), .otherBook),
      (hello(scope: "subject:x"), .unknownScope, .unknownScope),
      (hello(summary: []), .malformed(field: "summary"), .malformed),
    ]
    for (hello, fault, code) in cases {
      for role in [SyncSession.Role.initiator, .responder] {
        var session = SyncSession(role: role)
        _ = try session.start(from: ModelReplica())
        #expect(throws: fault) { try session.receive(.hello(hello), from: ModelReplica()) }
        #expect(fault.refusal?.code == code)
        #expect(session.isFinished)
      }
    }
  }

  @Test("A refusal ends the session and is reported")
  func refusal() throws {
    var session = try exchanging(ModelReplica())
    let refusal = SyncMessage.Refusal(code: .unavailable, message: "disk full: retry later")
    #expect(throws: SyncFault.refused(refusal)) {
      try session.receive(.refusal(refusal), from: ModelReplica())
    }
    #expect(SyncFault.refused(refusal).refusal == nil)
  }

  @Test("Every message out of its turn is refused")
  mutating func outOfTurn() throws {
    let origin = random.origin()
    let closing = Closing(setRoot: .zero, rules: .zero, projections: [])
    let fragment = SyncMessage.Fragment(
      recordByteCount: 10, offset: 0, content: [1], hasMore: true)
    let early: [SyncMessage] = [
      difference(origin, [1, 2]), .events(records: [], hasMore: false), .fragment(fragment),
      .applied(SyncMessage.AppliedCounts()), .closing(closing),
    ]
    for message in early {
      var session = SyncSession(role: .initiator)
      _ = try session.start(from: ModelReplica())
      #expect(throws: SyncFault.self) { try session.receive(message, from: ModelReplica()) }
      #expect(throws: SyncFault.self) { try session.receive(message, from: ModelReplica()) }
    }
    for message in early.dropFirst() + [.hello(hello())] {
      var session = try exchanging(ModelReplica())
      #expect(throws: SyncFault.self) { try session.receive(message, from: ModelReplica()) }
    }
    var session = try exchanging(ModelReplica())
    _ = try session.receive(difference(origin, [1, 2]), from: ModelReplica())
    #expect(throws: SyncFault.outOfTurn(message: "difference")) {
      try session.receive(self.difference(origin, [1, 2]), from: ModelReplica())
    }
  }

  @Test(
    "Intervals that overlap, touch, descend, begin at nought or come in odd numbers are refused",
    arguments: [
      [], [1], [0, 1], [1, 2, 3], [2, 1], [1, 5, 5, 6], [1, 5, 6, 7], [1, 5, 3, 4],
      [.max, .max, 1, 2], [1, .max, .max, .max],
    ] as [[UInt64]])
  func badBounds(bounds: [UInt64]) throws {
    var generator = random
    let origin = generator.origin()
    var session = try exchanging(ModelReplica())
    #expect(throws: SyncFault.self) {
      try session.receive(self.difference(origin, bounds), from: ModelReplica())
    }
  }

  @Test("An endless interval costs one run")
  func endlessInterval() throws {
    var generator = random
    let origin = generator.origin()
    var session = try exchanging(ModelReplica())
    let actions = try session.receive(difference(origin, [1, .max]), from: ModelReplica())
    #expect(actions == [.send(.events(records: [], hasMore: false))])
    // It sends nothing of what it announced: the session ends, and says that it is incomplete.
    _ = try session.receive(.events(records: [], hasMore: false), from: ModelReplica())
    let closing = Closing(setRoot: Digest256.hash([9]), rules: .zero, projections: [])
    let last = try session.receive(.closing(closing), from: ModelReplica())
    guard case .finish(let result)? = last.last else {
      Issue.record("the session should end")
      return
    }
    #expect(!result.isInSync)
    #expect(result.disagreements == [.incomplete])
  }

  @Test("Origins out of order, an origin again from below, and frames without end are refused")
  mutating func badOrigins() throws {
    let origins = [random.origin(), random.origin()].sorted()
    let high = SyncMessage.OriginRuns(origin: origins[1], bounds: [5, 9])
    let low = SyncMessage.OriginRuns(origin: origins[0], bounds: [1, 1])
    let again = SyncMessage.OriginRuns(origin: origins[1], bounds: [3, 3])
    for second in [low, again] {
      var session = try exchanging(ModelReplica())
      _ = try session.receive(.difference([high], hasMore: true), from: ModelReplica())
      #expect(throws: SyncFault.self) {
        try session.receive(.difference([second], hasMore: true), from: ModelReplica())
      }
    }
    var session = try exchanging(ModelReplica())
    #expect(throws: SyncFault.malformed(field: "difference")) {
      try session.receive(.difference([], hasMore: true), from: ModelReplica())
    }
  }

  @Test("A flood of origins or of runs is cut off at the limit")
  func flood() throws {
    let key = try #require(DeviceKey(bytes: [UInt8](repeating: 3, count: 32)))
    let origins = (0...UInt64(SyncLimits.originCountMax)).map {
      SyncMessage.OriginRuns(origin: OriginID(incarnation: $0, key: key), bounds: [1, 1])
    }
    var session = try exchanging(ModelReplica())
    #expect(
      throws: SyncFault.overLimit(field: "origins", max: SyncLimits.originCountMax)
    ) { try session.receive(.difference(origins, hasMore: true), from: ModelReplica()) }

    let bounds = (1...UInt64(SyncLimits.runsPerOriginMax) + 1).flatMap { [$0 * 2, $0 * 2] }
    var second = try exchanging(ModelReplica())
    #expect(
      throws: SyncFault.overLimit(
        field: "runs of an origin", max: SyncLimits.runsPerOriginMax)
    ) {
      try second.receive(
        self.difference(OriginID(incarnation: 1, key: key), bounds), from: ModelReplica())
    }
  }

  @Test("An event that was not announced is refused; nothing of its frame is applied")
  mutating func unannounced() throws {
    let (origin, other) = (random.origin(), random.origin())
    let events = random.events(of: origin, sequences: 1...2)
    let foreign = random.events(of: other, sequences: 1...1)
    for intruder in [foreign[0], random.events(of: origin, sequences: 3...3)[0]] {
      var session = try exchanging(ModelReplica())
      _ = try session.receive(difference(origin, [1, 2]), from: ModelReplica())
      let records = (events + [intruder]).map(\.encoded)
      #expect(throws: SyncFault.unannounced(intruder.dot)) {
        try session.receive(.events(records: records, hasMore: false), from: ModelReplica())
      }
    }
  }

  @Test("An event held with other content is reported as a fork, by its dot")
  mutating func otherContent() throws {
    let origin = random.origin()
    let mine = random.events(of: origin, sequences: 1...2)
    let theirs = random.events(of: origin, sequences: 1...2)
    let replica = ModelReplica([mine[0]])
    var session = try exchanging(replica)
    _ = try session.receive(difference(origin, [1, 2]), from: replica)
    let fault = SyncFault.fork(mine[0].dot)
    #expect(throws: fault) {
      try session.receive(.events(records: [theirs[0].encoded], hasMore: false), from: replica)
    }
    #expect(fault.refusal?.code == .conflictingEvent)

    var within = try exchanging(ModelReplica())
    _ = try within.receive(difference(origin, [1, 2]), from: ModelReplica())
    let both = [mine[0].encoded, theirs[0].encoded]
    #expect(throws: SyncFault.fork(mine[0].dot)) {
      try within.receive(.events(records: both, hasMore: true), from: ModelReplica())
    }
  }

  @Test("Replicas that hold one dot with two contents find out at the end, and say so")
  mutating func silentFork() throws {
    let origin = random.origin()
    let left = ModelReplica(random.events(of: origin, sequences: 1...3))
    let right = ModelReplica(random.events(of: origin, sequences: 1...3))
    var pair = SessionPair(left, right)
    try pair.run()
    #expect(pair.leftResult?.isInSync == false)
    #expect(pair.leftResult?.disagreements == [.forked(origin)])
    #expect(pair.rightResult?.disagreements == [.forked(origin)])
  }

  @Test("An event twice in a session is applied once and counted")
  mutating func duplicates() throws {
    let origin = random.origin()
    let whole = ModelReplica(random.events(of: origin, sequences: 1...2))
    let events = whole.content.map(\.encoded)
    var replica = ModelReplica()
    var session = try exchanging(replica)
    _ = try session.receive(difference(origin, [1, 2]), from: replica)
    _ = try session.receive(salts(of: origin), from: replica)
    _ = try session.receive(
      .events(records: [events[0], events[0]], hasMore: true), from: replica)
    _ = try session.receive(
      .events(records: [events[1], events[0]], hasMore: true), from: replica)
    _ = try session.receive(proof(of: origin, whole), from: replica)
    let actions = try session.receive(.events(records: [], hasMore: false), from: replica)
    guard case .store(let stored)? = actions.last else {
      Issue.record("the events should be stored")
      return
    }
    #expect(stored.events.map(\.encoded) == events)
    let counts = try replica.apply(stored)
    let answers = try session.stored(counts, in: replica)
    #expect(
      answers.first == .send(.applied(SyncMessage.AppliedCounts(applied: 2, alreadyHeld: 2))))
  }

  @Test("Endless repeats are cut off")
  mutating func endlessRepeats() throws {
    let origin = random.origin()
    let events = random.events(of: origin, sequences: 1...1)
    let replica = ModelReplica(events)
    var session = try exchanging(replica)
    _ = try session.receive(difference(origin, [1, 1]), from: replica)
    let frame = SyncMessage.events(
      records: [[UInt8]](repeating: events[0].encoded, count: 256), hasMore: true)
    #expect(
      throws: SyncFault.overLimit(field: "repeated events", max: SyncLimits.repeatedCountMax)
    ) {
      for _ in 0...256 { _ = try session.receive(frame, from: replica) }
    }
  }

  @Test("Fragments that lie about size, place or end are refused")
  mutating func fragments() throws {
    let record = random.largeEvent().encoded
    let origin = try #require(try? Event(checking: record.span)).dot.origin
    let size = UInt64(record.count)
    func part(_ size: UInt64, _ offset: UInt64, _ count: Int, hasMore: Bool = true) -> SyncMessage {
      .fragment(
        SyncMessage.Fragment(
          recordByteCount: size, offset: offset, content: Array(record.prefix(count)),
          hasMore: hasMore))
    }
    let cases: [[SyncMessage]] = [
      [part(.max, 0, 10)],
      [part(UInt64(SyncLimits.recordByteCountMax) + 1, 0, 10)],
      [part(0, 0, 10)],
      [part(size, 1, 10)],
      [part(size, .max, 10)],
      [part(size, 0, 0)],
      [part(size, 0, 10, hasMore: false)],
      [part(size, 0, 10), part(size + 1, 10, 10)],
      [part(size, 0, 10), part(size, 0, 10)],
      [part(size, 0, 10), part(size, 10, record.count)],
      [part(size, 0, 10), .events(records: [], hasMore: false)],
      [part(10, 0, 10)],
    ]
    for messages in cases {
      var session = try exchanging(ModelReplica())
      _ = try session.receive(difference(origin, [1, 1]), from: ModelReplica())
      #expect(throws: SyncFault.self, "\(messages.count) fragments") {
        for message in messages { _ = try session.receive(message, from: ModelReplica()) }
      }
    }
  }

  @Test("A record that is no canonical event is refused", arguments: [1, 2, 3])
  func malformedRecords(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let origin = generator.origin()
    for _ in 0..<200 {
      var session = try exchanging(ModelReplica())
      _ = try session.receive(difference(origin, [1, .max]), from: ModelReplica())
      let bytes = generator.bytes(Int.random(in: 0...150, using: &generator))
      #expect(throws: SyncFault.self) {
        try session.receive(.events(records: [bytes], hasMore: false), from: ModelReplica())
      }
    }
  }

  @Test("Acknowledging more than was sent, or less than before, is refused")
  mutating func falseAcknowledgements() throws {
    let origin = random.origin()
    let replica = ModelReplica(random.events(of: origin, sequences: 1...3))
    let false1 = [SyncMessage.AppliedCounts(applied: 4)]
    let false2 = [SyncMessage.AppliedCounts(applied: 2), SyncMessage.AppliedCounts(applied: 1)]
    let false3 = [SyncMessage.AppliedCounts(applied: .max, alreadyHeld: 1)]
    for counts in [false1, false2, false3] {
      var session = try exchanging(replica)
      _ = try session.receive(.difference([], hasMore: false), from: replica)
      #expect(throws: SyncFault.malformed(field: "counts of applied events")) {
        for count in counts { _ = try session.receive(.applied(count), from: replica) }
      }
    }
    var session = try exchanging(replica)
    _ = try session.receive(.difference([], hasMore: false), from: replica)
    let closing = Closing(setRoot: .zero, rules: .zero, projections: [])
    #expect(throws: SyncFault.outOfTurn(message: "closing")) {
      try session.receive(.closing(closing), from: replica)
    }
  }

  @Test("A replica that cannot store acknowledges nothing and tells the peer to retry")
  mutating func fullDisk() throws {
    let origin = random.origin()
    var right = ModelReplica()
    right.storageFailure = "disk full: free space"
    var pair = SessionPair(ModelReplica(random.events(of: origin, sequences: 1...3)), right)
    let fault = SyncFault.unavailable("disk full: free space")
    #expect(throws: fault) { try pair.run() }
    #expect(pair.right.events.isEmpty)
    #expect(!pair.delivered.contains { if case .applied = $0 { true } else { false } })
    #expect(fault.refusal?.message == "not possible now: retry later")
  }

  @Test("Random messages in random order never trap", arguments: 1...8 as ClosedRange<UInt64>)
  func randomMessages(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let library = generator.library(originCount: 2, eventCountMax: 8)
    let replica = generator.replica(of: library)
    var pair = SessionPair(replica, generator.replica(of: library))
    try pair.run()
    var pool = pair.delivered
    pool.append(.refusal(SyncMessage.Refusal(code: .unspecified, message: "")))
    pool.append(.events(records: [], hasMore: false))
    pool.append(.applied(SyncMessage.AppliedCounts(applied: 1)))
    for _ in 0..<300 {
      var session = SyncSession(role: generator.oneIn(2) ? .initiator : .responder)
      var mine = replica
      _ = try session.start(from: mine)
      for _ in 0..<12 {
        guard let actions = try? session.receive(generator.pick(pool), from: mine) else { break }
        guard case .store(let batch)? = actions.last else { continue }
        _ = try session.stored(mine.apply(batch), in: mine)
      }
      #expect(mine.events.keys.allSatisfy { dot in library.contains { $0.dot == dot } })
    }
  }
}
