import EventModel
import HybridTime
import MerkleProofs
import SyncProtocol
import SyntheticWorkload

/// A replica in memory: a dictionary of events, and a record of what was applied when.
struct ModelReplica: SyncReplica {
  static let testBook = BookID(high: 0xb00c, low: 7)

  var book = ModelReplica.testBook
  var events: [Dot: Event] = [:]
  var held = HeldVector()
  var trees = SyntheticTrees(book: ModelReplica.testBook)
  /// The proofs of forks that were kept.
  var forks: [OriginID: ForkProof] = [:]
  /// Every dot that ``apply(_:)`` took in, in order.
  var applied: [Dot] = []
  var rules = Digest256.zero
  var extraDigests: [AnswerDigest] = []
  /// When set, storing fails with this text.
  var storageFailure: String?

  init(_ events: [Event] = []) {
    for event in events { insert(event) }
  }

  mutating func insert(_ event: Event) {
    events[event.dot] = event
    held.insert(event.dot)
    trees.insert(event)
  }

  /// All it holds, in order of the dots.
  var content: [Event] { events.values.sorted { $0.dot < $1.dot } }

  func setRoot() throws(SyncFault) -> Digest256 {
    var builder = SetRootBuilder(book: book)
    for origin in held.origins {
      builder.add(origin: origin, held: held[origin], root: trees.tree(of: origin).root)
    }
    return builder.finish()
  }

  func rulesDigest() throws(SyncFault) -> Digest256 { rules }

  /// One projection, a fold that does not depend on order: the sum of the events' digests.
  func projectionDigests() throws(SyncFault) -> [AnswerDigest] {
    let sum = events.values.reduce(Digest256.zero) { $0 &+ Digest256.hash($1.encoded) }
    return extraDigests + [AnswerDigest(name: "sum", version: 1, digest: sum)]
  }

  func event(_ dot: Dot) throws(SyncFault) -> Event? { events[dot] }

  func head(of origin: OriginID) throws(SyncFault) -> SignedHead? { trees.head(of: origin) }

  func tree(of origin: OriginID) throws(SyncFault) -> MerkleFrontier { trees.tree(of: origin) }

  func hash(of subtree: AlignedSubtree, of origin: OriginID) throws(SyncFault) -> Digest256? {
    trees.hash(of: subtree, of: origin)
  }

  func fork(of origin: OriginID) throws(SyncFault) -> ForkProof? { forks[origin] }

  mutating func signHead() throws(SyncFault) {}

  mutating func keep(_ fork: ForkProof, of origin: OriginID) throws(SyncFault) {
    forks[origin] = fork
  }

  func events(
    of origin: OriginID, run: IntervalSet.Run, byteCountMax: Int
  ) throws(SyncFault) -> [Event] {
    var found: [Event] = []
    var byteCount = 0
    for sequence in run.first...run.last {
      guard let event = events[Dot(origin: origin, sequence: sequence)] else { break }
      found.append(event)
      byteCount += event.encoded.count
      if byteCount >= byteCountMax { break }
    }
    return found
  }

  func salts(
    of origin: OriginID, run: IntervalSet.Run
  ) throws(SyncFault) -> [WindowSalts] {
    WindowSalts.windows(of: run).map { .synthetic($0, of: origin) }
  }

  mutating func apply(
    _ batch: ProvedBatch
  ) throws(SyncFault) -> SyncMessage.AppliedCounts {
    let events = batch.events
    guard events.allSatisfy({ batch.salts.contains(.synthetic(of: $0)) }) else {
      throw .unavailable("salts are missing")
    }
    if let storageFailure { throw .unavailable(storageFailure) }
    var counts = SyncMessage.AppliedCounts()
    for event in events {
      if self.events[event.dot] == nil {
        insert(event)
        applied.append(event.dot)
        counts.applied += 1
      } else {
        counts.alreadyHeld += 1
      }
    }
    for head in batch.heads { trees.insert(head) }
    return counts
  }
}

extension SeededGenerator {
  /// Origins with events, for replicas to hold prefixes of.
  mutating func library(originCount: Int, eventCountMax: UInt64) -> [Event] {
    (0..<originCount).flatMap { _ -> [Event] in
      let origin = origin()
      let last = UInt64.random(in: 1...eventCountMax, using: &self)
      return events(of: origin, sequences: 1...last)
    }
  }

  /// A replica that holds a prefix of each origin's events in `library`.
  mutating func replica(of library: [Event]) -> ModelReplica {
    var lastByOrigin: [OriginID: UInt64] = [:]
    var replica = ModelReplica()
    for event in library {
      let origin = event.dot.origin
      let last = lastByOrigin[origin] ?? UInt64.random(in: 0...60, using: &self)
      lastByOrigin[origin] = last
      if event.dot.sequence <= last { replica.insert(event) }
    }
    return replica
  }
}
