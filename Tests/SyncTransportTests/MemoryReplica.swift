import EventModel
import HybridTime
import MerkleProofs
import SyncProtocol
import SyntheticWorkload

/// A replica in memory, as small as its protocol allows.
struct MemoryReplica: SyncReplica {
  let book = BookID(high: 5, low: 6)
  private(set) var events: [Dot: Event] = [:]
  private(set) var held = HeldVector()

  init(_ events: [Event] = []) {
    for event in events { insert(event) }
  }

  mutating func insert(_ event: Event) {
    events[event.dot] = event
    held.insert(event.dot)
  }

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

  func rulesDigest() throws(SyncFault) -> Digest256 { .zero }

  func projectionDigests() throws(SyncFault) -> [AnswerDigest] {
    [AnswerDigest(name: "profiles", version: 1, digest: try setRoot())]
  }

  func event(_ dot: Dot) throws(SyncFault) -> Event? { events[dot] }

  func events(
    of origin: OriginID, run: IntervalSet.Run, byteCountMax: Int
  ) throws(SyncFault) -> [Event] {
    (run.first...min(run.last, run.first + 99)).compactMap {
      events[Dot(origin: origin, sequence: $0)]
    }
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
    for event in events { insert(event) }
    return SyncMessage.AppliedCounts(applied: UInt64(events.count))
  }
}
