package import EventModel
internal import EventStorage
package import HybridTime
package import MerkleProofs
internal import ProjectionEngine
package import SyncProtocol

/// What a sync session asks of a replica and does to it.
extension ReplicaCore: SyncReplica {
  /// The book.
  package var book: BookID { identity.book }

  /// What is held, durably.
  package var held: HeldVector { snapshot().held }

  /// The digest of the set held.
  ///
  /// - Returns: The set root.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package func setRoot() throws(SyncFault) -> Digest256 {
    try answering { try log.setRoot() }
  }

  /// The digest of the rules in force.
  ///
  /// - Returns: The digest.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package func rulesDigest() throws(SyncFault) -> Digest256 {
    try answering { try rulesInForceDigest() }
  }

  /// The digests of all answers, after folding what is held.
  ///
  /// - Returns: One digest a projection.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package func projectionDigests() throws(SyncFault) -> [AnswerDigest] {
    try answering {
      try catchUp()
      return try engine.digests().map {
        AnswerDigest(
          name: $0.name, version: UInt32(clamping: $0.version), digest: $0.digest)
      }
    }
  }

  /// The event of a dot.
  ///
  /// - Parameter dot: The event's name.
  /// - Returns: The event, or nothing when it is not held.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package func event(_ dot: Dot) throws(SyncFault) -> Event? {
    try answering {
      let snapshot = snapshot()
      return try snapshot.position(of: dot).flatMap { try snapshot.event(at: $0) }
    }
  }

  /// The first events of a run that is held in full.
  ///
  /// - Parameters:
  ///   - origin: Whose events.
  ///   - run: Which of them.
  ///   - byteCountMax: Roughly how many bytes of records to return at most.
  /// - Returns: One event or more, ascending and without gaps from `run.first`.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package func events(
    of origin: OriginID, run: IntervalSet.Run, byteCountMax: Int
  ) throws(SyncFault) -> [Event] {
    try answering {
      var events: [Event] = []
      var byteCount = 0
      try snapshot().forEachEvent(of: origin, in: run) { _, event in
        events.append(event)
        byteCount += event.sections.reduce(0) { $0 + $1.bytes.count }
        return byteCount < byteCountMax
      }
      return events
    }
  }

  /// The salts of the windows that a run touches.
  ///
  /// - Parameters:
  ///   - origin: Whose events.
  ///   - run: Which of them.
  /// - Returns: The windows, ascending.
  /// - Throws: Nothing at present; salts may come to be read from disk.
  package func salts(
    of origin: OriginID, run: IntervalSet.Run
  ) throws(SyncFault) -> [WindowSalts] {
    snapshot().salts(of: origin, in: run)
  }

  /// The largest verified head of an origin.
  package func head(of origin: OriginID) throws(SyncFault) -> SignedHead? { log.head(of: origin) }

  /// The tree over the events held of an origin without a gap.
  package func tree(of origin: OriginID) throws(SyncFault) -> MerkleFrontier {
    try answering { try log.tree(of: origin) }
  }

  /// The hash of an aligned subtree of an origin's tree.
  ///
  /// - Parameters:
  ///   - subtree: Which leaves.
  ///   - origin: Whose tree.
  /// - Returns: The hash, or nothing when what is held does not determine it.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package func hash(
    of subtree: AlignedSubtree, of origin: OriginID
  ) throws(SyncFault) -> Digest256? {
    try answering { try log.hash(of: subtree, of: origin) }
  }

  /// The proof that an origin forked, if it is known.
  package func fork(of origin: OriginID) throws(SyncFault) -> ForkProof? { log.forks[origin] }

  /// Signs the own events up to the last durable one.
  ///
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package func signHead() throws(SyncFault) {
    try answering {
      try settleErasures()
      try settleActs()
      try log.signHead()
    }
  }

  /// Keeps the proof that an origin forked.
  ///
  /// - Parameters:
  ///   - fork: Checked by the session.
  ///   - origin: Who signed both heads.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package func keep(_ fork: ForkProof, of origin: OriginID) throws(SyncFault) {
    try answering { try log.keep(fork, of: origin) }
  }

  /// Stores events of a peer, durably.
  ///
  /// - Parameter batch: Checked and proved by the session.
  /// - Returns: How many were new.
  /// - Throws: ``SyncFault/unavailable(_:)``; then none of them counts as applied.
  package func apply(
    _ batch: ProvedBatch
  ) throws(SyncFault) -> SyncMessage.AppliedCounts {
    let outcome = try answering {
      // A store that is given back events of its own may be a copy: it writes nothing before it has
      // drawn a new incarnation.
      let bringsOwn = batch.events.contains { $0.dot.origin == identity.origin }
      if !bringsOwn { try attestArrivals(of: batch.events) }
      let outcome = try log.apply(
        batch.events, salts: batch.salts, heads: batch.heads,
        wallMilliseconds: environment.wallMilliseconds())
      if bringsOwn { try attestArrivals(of: batch.events) }
      if batch.events.contains(where: \.type.isControl) { erasures.isCurrent = false }
      // What matches an erasure is listed before it is acknowledged.
      if try meetsErasures() { try settleErasures() }
      try settleActs()
      return outcome
    }
    return SyncMessage.AppliedCounts(
      applied: UInt64(outcome.applied), alreadyHeld: UInt64(outcome.alreadyHeld))
  }

  private func answering<Answer>(_ body: () throws -> Answer) throws(SyncFault) -> Answer {
    do {
      return try ReplicaError.translating(body)
    } catch {
      throw .unavailable(error.description)
    }
  }
}
