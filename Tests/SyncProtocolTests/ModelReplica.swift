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
  }

  /// All it holds, in order of the dots.
  var content: [Event] { events.values.sorted { $0.dot < $1.dot } }

  func setRoot() throws(SyncFault) -> Digest256 {
    var builder = SetRootBuilder(book: book)
    for origin in held.origins {
      var tree = MerkleFrontier()
      for sequence in 1...held[origin].highest {
        let dot = Dot(origin: origin, sequence: sequence)
        tree.append(events[dot]?.id(book: book, salts: .synthetic(of: dot)) ?? .zero)
      }
      builder.add(origin: origin, held: held[origin], root: tree.root)
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
    _ events: [Event], salts: [WindowSalts]
  ) throws(SyncFault) -> SyncMessage.AppliedCounts {
    guard events.allSatisfy({ salts.contains(.synthetic(of: $0)) }) else {
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
    return counts
  }
}

extension SeededGenerator {
  /// Origins with events, sometimes with gaps, for replicas to hold parts of.
  mutating func library(originCount: Int, eventCountMax: UInt64) -> [Event] {
    (0..<originCount).flatMap { _ -> [Event] in
      let origin = origin()
      let last = UInt64.random(in: 1...eventCountMax, using: &self)
      return events(of: origin, sequences: 1...last)
    }
  }

  /// A replica that holds some of `library`: prefixes of some origins, holes in others.
  mutating func replica(of library: [Event]) -> ModelReplica {
    var lastByOrigin: [OriginID: UInt64] = [:]
    var replica = ModelReplica()
    for event in library {
      let origin = event.dot.origin
      let last = lastByOrigin[origin] ?? UInt64.random(in: 0...60, using: &self)
      lastByOrigin[origin] = last
      let isHeld = event.dot.sequence <= last ? !oneIn(9) : oneIn(6)
      if isHeld { replica.insert(event) }
    }
    return replica
  }
}
