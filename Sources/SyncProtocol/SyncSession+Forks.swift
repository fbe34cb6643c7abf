internal import EventModel
internal import HybridTime
internal import MerkleProofs

/// Origins of which the two sides hold two histories: found, proved, and left out; all others go on.
extension SyncSession {
  /// Contests the origins that both sides hold as far, with other trees.
  mutating func contestUnequalTrees(
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    var actions: [SyncAction] = []
    let held = replica.held
    for origin in difference.held.origins {
      let size = held[origin].contiguous
      guard size > 0, size == difference.held[origin].contiguous,
        try replica.tree(of: origin).rootPrefix != difference.rootPrefixes[origin],
        try replica.head(of: origin) != nil
      else { continue }
      actions += try contest(origin, from: replica)
    }
    return actions
  }

  /// Contests an origin whose events came under a head that contradicts what is held, and waits for
  /// the peer's answer.
  mutating func refuseContradiction(
    of origin: OriginID, from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    openDisputes.insert(origin)
    try incoming.letGo(origin)
    return try contest(origin, from: replica)
  }

  private mutating func contest(
    _ origin: OriginID, from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    if let fork = try replica.fork(of: origin) {
      try settle(origin)
      return [.send(.fork(origin, fork))]
    }
    guard let head = try replica.head(of: origin) else { throw .unproven(origin) }
    return [.send(.dispute(origin, head))]
  }

  /// Answers a peer that contests an origin: with the proof of a fork, if the own tree is the larger.
  mutating func answer(
    disputeOf origin: OriginID, _ head: SignedHead, from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    guard answeredDisputes.insert(origin).inserted, let own = try replica.head(of: origin) else {
      throw .malformed(field: "dispute")
    }
    try head.requireSigned(by: origin, in: replica.book)
    guard !forkedOrigins.contains(origin) else { return [] }
    if let fork = try replica.fork(of: origin) {
      try settle(origin)
      return [.send(.fork(origin, fork))]
    }
    guard let fork = try proof(own, head, of: origin, from: replica) else {
      // Whoever sent events of the origin owes the proof that they are right.
      guard outgoing?.concerns(origin) == false else { throw .unproven(origin) }
      return []
    }
    try settle(origin)
    return [.keepFork(origin, fork), .send(.fork(origin, fork))]
  }

  /// The proof that two heads are inconsistent, or nothing if they are not or it cannot be told here.
  private func proof(
    _ own: SignedHead, _ other: SignedHead, of origin: OriginID,
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> ForkProof? {
    guard own.head.size >= other.head.size else { return nil }
    var hashes: [AlignedSubtree: Digest256] = [:]
    let ranges = [0..<other.head.size, other.head.size..<own.head.size]
    for subtree in ranges.flatMap(AlignedSubtree.covering) where own.head.size != other.head.size {
      guard let hash = try replica.hash(of: subtree, of: origin) else { return nil }
      hashes[subtree] = hash
    }
    return ForkProof(own, other) { hashes[$0] ?? .zero }
  }

  /// Takes in the peer's proof that an origin forked.
  mutating func receive(
    _ fork: ForkProof, of origin: OriginID, from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    guard let verifier = origin.verifier(in: replica.book), fork.isValid(by: verifier) else {
      throw .malformed(field: "fork proof")
    }
    guard !forkedOrigins.contains(origin) else { return [] }
    try settle(origin)
    return try replica.fork(of: origin) == nil ? [.keepFork(origin, fork)] : []
  }

  private mutating func settle(_ origin: OriginID) throws(SyncFault) {
    forkedOrigins.insert(origin)
    openDisputes.remove(origin)
    try incoming.letGo(origin)
    outgoing?.drop(origin)
  }
}
