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
  private var trees = SyntheticTrees(book: BookID(high: 5, low: 6))
  private(set) var forks: [OriginID: ForkProof] = [:]

  init(_ events: [Event] = []) {
    for event in events { insert(event) }
  }

  mutating func insert(_ event: Event) {
    events[event.dot] = event
    held.insert(event.dot)
    trees.insert(event)
  }

  func setRoot() throws(SyncFault) -> Digest256 {
    var builder = SetRootBuilder(book: book)
    for origin in held.origins {
      builder.add(origin: origin, held: held[origin], root: trees.tree(of: origin).root)
    }
    return builder.finish()
  }

  func rulesDigest() throws(SyncFault) -> Digest256 { .zero }

  func projectionDigests() throws(SyncFault) -> [AnswerDigest] {
    [AnswerDigest(name: "profiles", version: 1, digest: try setRoot())]
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
    _ batch: ProvedBatch
  ) throws(SyncFault) -> SyncMessage.AppliedCounts {
    let events = batch.events
    guard events.allSatisfy({ batch.salts.contains(.synthetic(of: $0)) }) else {
      throw .unavailable("salts are missing")
    }
    for event in events { insert(event) }
    for head in batch.heads { trees.insert(head) }
    return SyncMessage.AppliedCounts(applied: UInt64(events.count))
  }
}
