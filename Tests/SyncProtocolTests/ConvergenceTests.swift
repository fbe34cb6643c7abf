import EventModel
import HybridTime
import MerkleProofs
import SyncProtocol
import SyntheticWorkload
import Testing

@Suite("Convergence")
struct ConvergenceTests {
  @Test("Any two replicas become equal", arguments: 1...12 as ClosedRange<UInt64>)
  func twoReplicas(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<6 {
      let library = random.library(
        originCount: Int.random(in: 0...6, using: &random), eventCountMax: 40)
      let left = random.replica(of: library)
      let right = random.replica(of: library)
      let missingLeft = right.held.subtracting(left.held).count
      let missingRight = left.held.subtracting(right.held).count
      var pair = SessionPair(left, right)
      try pair.run()

      #expect(pair.left.held == pair.right.held)
      #expect(pair.left.content == pair.right.content)
      #expect(UInt64(pair.left.applied.count) == missingLeft)
      #expect(UInt64(pair.right.applied.count) == missingRight)
      for (result, sent, received) in [
        (pair.leftResult, missingRight, missingLeft), (pair.rightResult, missingLeft, missingRight),
      ] {
        let result = try #require(result)
        #expect(result.isInSync)
        #expect(result.projectionsAgree)
        #expect(result.setRoot == (try pair.left.setRoot()))
        #expect(result.sentCount == sent)
        #expect(result.receivedCount == received)
      }
    }
  }

  @Test("Any topology and order of pairs converges", arguments: 1...10 as ClosedRange<UInt64>)
  func topologies(seed: UInt64) throws {
    var random = SeededGenerator(seed: 100 + seed)
    let library = random.library(originCount: 5, eventCountMax: 30)
    var replicas = (0..<Int.random(in: 3...6, using: &random)).map { _ in
      random.replica(of: library)
    }
    // A path through all of them in random order, walked both ways, joins everything.
    let path = replicas.indices.shuffled(using: &random)
    let links = Array(zip(path, path.dropFirst()))
    for (one, other) in links + links.reversed() {
      let isForward = random.oneIn(2)
      let (left, right) = isForward ? (one, other) : (other, one)
      var pair = SessionPair(replicas[left], replicas[right])
      try pair.run()
      (replicas[left], replicas[right]) = (pair.left, pair.right)
    }
    let roots = try replicas.map { try $0.setRoot() }
    #expect(Set(roots).count == 1)
    #expect(Set(replicas.map(\.held)).count == 1)
    let held = Set(replicas[0].content.map(\.dot))
    #expect(held.isSubset(of: library.map(\.dot)), "nothing is invented")
    for replica in replicas {
      #expect(replica.applied.count == Set(replica.applied).count, "no event is applied twice")
    }
  }

  @Test(
    "A session cut after any message resumes, and sends no durable event again",
    arguments: 1...6 as ClosedRange<UInt64>)
  func cutAnywhere(seed: UInt64) throws {
    var random = SeededGenerator(seed: 200 + seed)
    let library = random.library(originCount: 3, eventCountMax: 30) + [random.largeEvent()]
    let left = random.replica(of: library)
    let right = random.replica(of: library)
    var whole = SessionPair(left, right)
    try whole.run()
    for cut in 0..<whole.delivered.count {
      var first = SessionPair(left, right)
      try first.run(messageCountMax: cut)
      let appliedBefore = Set(first.left.applied + first.right.applied)
      var second = SessionPair(first.left, first.right)
      try second.run()
      #expect(second.left.content == whole.left.content)
      #expect(second.right.content == whole.left.content)
      #expect(second.leftResult?.isInSync == true)
      for dot in second.delivered.flatMap(\.dots) {
        #expect(!appliedBefore.contains(dot), "cut after \(cut): \(dot) was durable")
      }
      #expect(second.left.applied.count == whole.left.applied.count)
      #expect(second.right.applied.count == whole.right.applied.count)
    }
  }

  @Test("Many cuts in a row lose nothing", arguments: [31, 32, 33])
  func manyCuts(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let library = random.library(originCount: 4, eventCountMax: 40)
    var (left, right) = (random.replica(of: library), random.replica(of: library))
    var expected = left
    for event in right.content { expected.insert(event) }
    for _ in 0..<30 {
      var pair = SessionPair(left, right)
      try pair.run(messageCountMax: Int.random(in: 0...5, using: &random))
      (left, right) = random.oneIn(2) ? (pair.left, pair.right) : (pair.right, pair.left)
    }
    var last = SessionPair(left, right)
    try last.run()
    #expect(last.left.content == expected.content)
    #expect(last.right.content == expected.content)
  }

  @Test("Equal replicas part after the hellos")
  func equal() throws {
    var random = SeededGenerator(seed: 41)
    let replica = ModelReplica(random.library(originCount: 3, eventCountMax: 20))
    var pair = SessionPair(replica, replica)
    try pair.run()
    #expect(pair.delivered.count == 2)
    #expect(pair.leftResult?.path == .equal)
    #expect(pair.leftResult == pair.rightResult)
    #expect(pair.leftResult?.isInSync == true)
    var empty = SessionPair(ModelReplica(), ModelReplica())
    try empty.run()
    #expect(empty.delivered.count == 2)
  }

  @Test("More than one window of events, with acknowledgements in between")
  func moreThanAWindow() throws {
    var random = SeededGenerator(seed: 42)
    let origin = random.origin()
    let events = (1...14 as ClosedRange<UInt64>).map {
      random.largeEvent(Dot(origin: origin, sequence: $0), byteCount: 700_000)
    }
    var pair = SessionPair(ModelReplica(events), ModelReplica())
    try pair.run()
    #expect(pair.right.content == events)
    #expect(pair.leftResult?.sentCount == 14)
    let acknowledgements = pair.delivered.filter {
      if case .applied = $0 { true } else { false }
    }
    #expect(acknowledgements.count > 2)
    #expect(pair.right.applied == events.map(\.dot), "ascending by sequence")
  }

  @Test("A thousand origins are said in several frames, and each is proved by its own head")
  func manyOrigins() throws {
    var random = SeededGenerator(seed: 43)
    let draft = random.draft()
    let events = (0..<1200).map { _ in
      Event(
        dot: Dot(origin: random.origin(), sequence: 1), recorded: HybridTimestamp(rawValue: 1),
        draft: draft)
    }
    var pair = SessionPair(ModelReplica(Array(events.dropLast(40))), ModelReplica(events))
    try pair.run()
    #expect(pair.left.applied.count == 40)
    #expect(pair.leftResult?.isInSync == true)
  }
}

extension SeededGenerator {
  /// An event that does not fit one frame.
  mutating func largeEvent(_ dot: Dot? = nil, byteCount: Int = 200_000) -> Event {
    let draft = draft()
    let text = String(repeating: "ñ", count: byteCount / 2)
    return Event(
      dot: dot ?? Dot(origin: origin(), sequence: 1), recorded: HybridTimestamp(rawValue: 1),
      draft: EventDraft(
        channel: draft.channel, type: draft.type, schema: draft.schema,
        sections: [draft.sections[0], Section([.init("text", .text(text))])]))
  }
}

extension SyncMessage {
  /// The dots of the events that the message carries whole.
  var dots: [Dot] {
    guard case .events(let records, _) = self else { return [] }
    return records.compactMap { (try? Event(checking: $0.span))?.dot }
  }
}
