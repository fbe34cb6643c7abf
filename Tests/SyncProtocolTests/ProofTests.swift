import BinaryCoding
import EventModel
import HybridTime
import MerkleProofs
import SyncProtocol
import SyntheticWorkload
import Testing

@Suite("Events are taken only under a signed head")
struct ProofTests {
  var random = SeededGenerator(seed: 55)
  private let book = ModelReplica.testBook

  /// What a peer sends of an origin, and what a test changes about it.
  private struct Sent {
    var events: [Event]
    var salts: WindowSalts
    var head: SignedHead
    var rest: [Digest256] = []
  }

  private mutating func honest(_ count: UInt64 = 5) throws -> Sent {
    let origin = random.origin()
    let replica = ModelReplica(random.events(of: origin, sequences: 1...count))
    return Sent(
      events: replica.content, salts: .synthetic(0, of: origin),
      head: try #require(try replica.head(of: origin)))
  }

  /// Receives what was sent, in a replica without anything, and returns what it would store.
  private func receive(
    _ sent: Sent, origin: OriginID? = nil, by replica: ModelReplica = ModelReplica()
  ) throws -> [SyncAction] {
    let origin = origin ?? sent.events[0].dot.origin
    var session = SyncSession(role: .responder)
    _ = try session.start(from: replica)
    let hello = SyncMessage.Hello(
      protocolVersion: 0, book: book, scope: "", eventCount: 1, setRoot: Digest256.hash([9]),
      summary: [UInt8](repeating: 1, count: 16))
    _ = try session.receive(.hello(hello), from: replica)
    let runs = SyncMessage.OriginRuns(origin: origin, bounds: [1, 100])
    _ = try session.receive(.difference([runs], hasMore: false), from: replica)
    var writer = ByteWriter()
    sent.salts.write(to: &writer)
    _ = try session.receive(
      .salts(SyncMessage.Salts(content: writer.bytes, hasMore: false)), from: replica)
    if !sent.events.isEmpty {
      _ = try session.receive(
        .events(records: sent.events.map(\.encoded), hasMore: true), from: replica)
    }
    let proof = SyncMessage.Proof(head: sent.head, rest: sent.rest)
    var actions = try session.receive(.proof(proof), from: replica)
    actions += try session.receive(.events(records: [], hasMore: false), from: replica)
    return actions
  }

  private func isStored(_ actions: [SyncAction]) -> Bool {
    actions.contains { if case .store = $0 { true } else { false } }
  }

  @Test("What its origin signed is stored")
  mutating func honestEvents() throws {
    let sent = try honest()
    guard case .store(let batch)? = try receive(sent).last else {
      Issue.record("the events should be stored")
      return
    }
    #expect(batch.events == sent.events)
    #expect(batch.heads.map(\.head) == [sent.head])
  }

  @Test("Altered, exchanged, missing and added events are refused, and nothing of them is stored")
  mutating func otherEvents() throws {
    let sent = try honest()
    let origin = sent.events[0].dot.origin
    var altered = sent
    altered.events[2] = random.events(of: origin, sequences: 3...3)[0]
    var renumbered = sent
    renumbered.events[1] = Event(
      dot: sent.events[1].dot, recorded: sent.events[2].recorded, draft: sent.events[2].draft)
    renumbered.events[2] = Event(
      dot: sent.events[2].dot, recorded: sent.events[1].recorded, draft: sent.events[1].draft)
    for false1 in [altered, renumbered] {
      #expect(throws: SyncFault.unproven(origin)) { try self.receive(false1) }
    }
    var reordered = sent
    reordered.events.swapAt(1, 2)
    #expect(throws: SyncFault.malformed(field: "order of events")) { try self.receive(reordered) }
    var late = sent
    late.events.removeFirst()
    #expect(throws: SyncFault.malformed(field: "order of events")) { try self.receive(late) }
    var short = sent
    short.events.removeLast()
    #expect(throws: SyncFault.malformed(field: "proof")) { try self.receive(short) }
    var long = sent
    long.events += random.events(of: origin, sequences: 6...6)
    #expect(throws: SyncFault.malformed(field: "proof")) { try self.receive(long) }
    short.rest = [Digest256.hash([1])]
    #expect(throws: SyncFault.unproven(origin)) { try self.receive(short) }
  }

  @Test("Salts of another window, or salts that are wrong, prove nothing")
  mutating func wrongSalts() throws {
    var sent = try honest()
    let origin = sent.events[0].dot.origin
    sent.salts = WindowSalts(
      origin: origin, window: 0, tree: SaltTree(seed: Digest256.hash([3])))
    #expect(throws: SyncFault.unproven(origin)) { try self.receive(sent) }
    sent.salts = .synthetic(0, of: random.origin())
    #expect(throws: SyncFault.self) { try self.receive(sent) }
  }

  @Test("A head is refused when its signature, its book or its origin is another")
  mutating func otherHeads() throws {
    let sent = try honest()
    let origin = sent.events[0].dot.origin
    let tree = ModelReplica(sent.events).trees.tree(of: origin)
    let writtenBy = { (head: SignedHead, change: (inout [UInt8]) -> Void) throws -> SignedHead in
      var writer = ByteWriter()
      head.write(to: &writer)
      var bytes = writer.bytes
      change(&bytes)
      var reader = ByteReader(bytes.span)
      return try SignedHead(from: &reader)
    }
    let incarnation = OriginID.synthetic(4)
    let heads = [
      try writtenBy(sent.head) { $0[40] ^= 1 },
      try writtenBy(sent.head) { $0[5] ^= 1 },
      OriginHead.synthetic(tree, of: origin, in: BookID(high: 1, low: 2)).head,
      OriginHead.synthetic(tree, of: incarnation, in: book).head,
    ]
    for head in heads {
      var forged = sent
      forged.head = head
      #expect(throws: SyncFault.unsignedHead(origin)) { try self.receive(forged) }
    }
    #expect(SyncFault.unsignedHead(origin).refusal?.code == .malformed)
  }

  @Test("Events without a proof, and a proof without events, are refused")
  mutating func missingProof() throws {
    let sent = try honest()
    let origin = sent.events[0].dot.origin
    let hollow = Sent(events: [], salts: sent.salts, head: sent.head)
    #expect(throws: SyncFault.malformed(field: "proof of nothing")) {
      try self.receive(hollow, origin: origin)
    }
    var session = SyncSession(role: .responder)
    let replica = ModelReplica()
    _ = try session.start(from: replica)
    let hello = SyncMessage.Hello(
      protocolVersion: 0, book: book, scope: "", eventCount: 1, setRoot: Digest256.hash([9]),
      summary: [UInt8](repeating: 1, count: 16))
    _ = try session.receive(.hello(hello), from: replica)
    let runs = SyncMessage.OriginRuns(origin: origin, bounds: [1, 100])
    _ = try session.receive(.difference([runs], hasMore: false), from: replica)
    #expect(throws: SyncFault.malformed(field: "end without proof")) {
      try session.receive(
        .events(records: sent.events.map(\.encoded), hasMore: false), from: replica)
    }
  }

  @Test("A replica cut off below a head passes on what it has, proved by that head")
  mutating func partialHead() throws {
    let origin = random.origin()
    let source = ModelReplica(random.events(of: origin, sequences: 1...50))
    let head = try #require(try source.head(of: origin))
    for cut in [1, 7, 32, 49] as [UInt64] {
      var middle = ModelReplica()
      let rest = try AlignedSubtree.covering(cut..<50).map { subtree in
        try #require(try source.hash(of: subtree, of: origin))
      }
      for event in source.content.prefix(Int(cut)) { middle.insert(event) }
      middle.trees.insert(OriginHead(origin: origin, head: head, prefix: cut, rest: rest))
      var pair = SessionPair(
        middle, ModelReplica(Array(source.content.prefix(Int(cut / 2)))))
      try pair.run()
      #expect(pair.right.held[origin].highest == cut)
      #expect(try pair.right.head(of: origin) == head)
      #expect(pair.leftResult?.isInSync == true)
      var onwards = SessionPair(pair.right, source)
      try onwards.run()
      #expect(onwards.left.content == source.content)
    }
  }
}

@Suite("Forks")
struct ForkTests {
  /// Two copies of one device that both wrote on, and what each of them holds of others.
  private func clones(
    _ random: inout SeededGenerator, common: UInt64, left: UInt64, right: UInt64
  ) -> (origin: OriginID, left: ModelReplica, right: ModelReplica) {
    let origin = random.origin()
    let shared = random.events(of: origin, sequences: 1...common)
    let others = random.library(originCount: 3, eventCountMax: 30)
    var (one, other) = (random.replica(of: others), random.replica(of: others))
    for event in shared + random.events(of: origin, sequences: common + 1...common + left) {
      one.insert(event)
    }
    for event in shared + random.events(of: origin, sequences: common + 1...common + right) {
      other.insert(event)
    }
    return (origin, one, other)
  }

  @Test(
    "Cloned devices that both write: all other origins converge, and both sides prove the fork",
    arguments: 1...24 as ClosedRange<UInt64>)
  func clonedDevices(seed: UInt64) throws {
    var random = SeededGenerator(seed: 900 + seed)
    let lengths = (0..<3).map { _ in UInt64.random(in: 1...20, using: &random) }
    let made = clones(&random, common: lengths[0], left: lengths[1], right: lengths[2])
    let (origin, left, right) = made
    var pair = SessionPair(left, right)
    for round in 0..<2 {
      try pair.run()
      for result in [pair.leftResult, pair.rightResult] {
        let result = try #require(result, "round \(round)")
        #expect(result.forkedOrigins == [origin])
        #expect(result.disagreements == [.forked(origin)])
        #expect(!result.isInSync)
      }
      for replica in [pair.left, pair.right] {
        let verifier = try #require(origin.verifier(in: ModelReplica.testBook))
        #expect(try #require(replica.forks[origin]).isValid(by: verifier))
      }
      let others = { (replica: ModelReplica) in replica.content.filter { $0.dot.origin != origin } }
      #expect(others(pair.left) == others(pair.right))
      let branch = { (replica: ModelReplica) in replica.content.filter { $0.dot.origin == origin } }
      #expect(Set([pair.left, pair.right].map(branch)) == Set([left, right].map(branch)))
      pair = SessionPair(pair.right, pair.left)
    }
  }

  @Test("A clone that only fell behind is no fork")
  func behind() throws {
    var random = SeededGenerator(seed: 950)
    let origin = random.origin()
    let events = random.events(of: origin, sequences: 1...40)
    var pair = SessionPair(ModelReplica(Array(events.prefix(11))), ModelReplica(events))
    try pair.run()
    #expect(pair.leftResult?.isInSync == true)
    #expect(pair.left.forks.isEmpty)
  }

  @Test("A long branch is let go without waiting for ever")
  func longBranch() throws {
    var random = SeededGenerator(seed: 951)
    let origin = random.origin()
    let mine = ModelReplica(random.events(of: origin, sequences: 1...1))
    let theirs = (1...20 as ClosedRange<UInt64>).map {
      random.largeEvent(Dot(origin: origin, sequence: $0), byteCount: 400_000)
    }
    let other = random.origin()
    let rest = random.events(of: other, sequences: 1...10)
    var pair = SessionPair(mine, ModelReplica(theirs + rest))
    try pair.run()
    #expect(pair.leftResult?.forkedOrigins == [origin])
    #expect(pair.left.held[other].highest == 10)
  }

  @Test("A contested origin without a fork ends the session of whoever sent it")
  func falseDispute() throws {
    var random = SeededGenerator(seed: 952)
    let origin = random.origin()
    let replica = ModelReplica(random.events(of: origin, sequences: 1...9))
    var session = SyncSession(role: .responder)
    _ = try session.start(from: replica)
    let hello = SyncMessage.Hello(
      protocolVersion: 0, book: replica.book, scope: "", eventCount: 1,
      setRoot: Digest256.hash([9]), summary: [UInt8](repeating: 1, count: 16))
    _ = try session.receive(.hello(hello), from: replica)
    _ = try session.receive(.difference([], hasMore: false), from: replica)
    let head = try #require(try replica.head(of: origin))
    #expect(throws: SyncFault.unproven(origin)) {
      try session.receive(.dispute(origin, head), from: replica)
    }
  }

  @Test("A fork proof that proves nothing is refused")
  func falseProof() throws {
    var random = SeededGenerator(seed: 953)
    let made = clones(&random, common: 3, left: 2, right: 2)
    let one = try #require(try made.left.head(of: made.origin))
    let other = try #require(try made.right.head(of: made.origin))
    let fork = try #require(ForkProof(one, other) { _ in Digest256.zero })
    var session = SyncSession(role: .responder)
    let replica = ModelReplica()
    _ = try session.start(from: replica)
    let hello = SyncMessage.Hello(
      protocolVersion: 0, book: replica.book, scope: "", eventCount: 1,
      setRoot: Digest256.hash([9]), summary: [UInt8](repeating: 1, count: 16))
    _ = try session.receive(.hello(hello), from: replica)
    _ = try session.receive(.difference([], hasMore: false), from: replica)
    #expect(throws: SyncFault.malformed(field: "fork proof")) {
      try session.receive(.fork(random.origin(), fork), from: replica)
    }
  }
}
