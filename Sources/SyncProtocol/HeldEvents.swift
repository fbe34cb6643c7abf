package import EventModel
package import HybridTime
package import MerkleProofs

/// The questions a session asks of a replica's events. It asks; it never changes anything.
///
/// All answers are about durable events. Failures are thrown as ``SyncFault/unavailable(_:)``.
package protocol HeldEvents {
  /// The book the replica belongs to.
  var book: BookID { get }

  /// What the replica holds.
  var held: HeldVector { get }

  /// The digest of the set it holds.
  func setRoot() throws(SyncFault) -> Digest256

  /// The digest of the rules in force.
  func rulesDigest() throws(SyncFault) -> Digest256

  /// The digests of its projections, folded up to all it holds; in any order.
  func projectionDigests() throws(SyncFault) -> [AnswerDigest]

  /// The event of a dot, or nothing when it is not held or has no content left to compare.
  func event(_ dot: Dot) throws(SyncFault) -> Event?

  /// The largest head of an origin whose signature is valid.
  func head(of origin: OriginID) throws(SyncFault) -> SignedHead?

  /// The tree over the events held of an origin without a gap from the first.
  func tree(of origin: OriginID) throws(SyncFault) -> MerkleFrontier

  /// The hash of an aligned subtree of an origin's tree, below its head.
  ///
  /// - Parameters:
  ///   - subtree: Which leaves.
  ///   - origin: Whose tree.
  /// - Returns: The hash, or nothing when what is held does not determine it.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  func hash(of subtree: AlignedSubtree, of origin: OriginID) throws(SyncFault) -> Digest256?

  /// The proof that an origin forked, if it did and this replica knows.
  func fork(of origin: OriginID) throws(SyncFault) -> ForkProof?

  /// The first events of a run that is held in full.
  ///
  /// - Parameters:
  ///   - origin: Whose events.
  ///   - run: Which of them.
  ///   - byteCountMax: Roughly how many bytes of records to return at most.
  /// - Returns: One event or more, ascending and without gaps from `run.first`.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  func events(
    of origin: OriginID, run: IntervalSet.Run, byteCountMax: Int
  ) throws(SyncFault) -> [Event]

  /// The salts of the windows that a run touches.
  ///
  /// - Parameters:
  ///   - origin: Whose events.
  ///   - run: Which of them.
  /// - Returns: One window or more, ascending.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  func salts(of origin: OriginID, run: IntervalSet.Run) throws(SyncFault) -> [WindowSalts]
}

/// A replica that takes in what its peer sends.
package protocol SyncReplica: HeldEvents {
  /// Signs the replica's own events up to the last durable one, unless its newest head covers them.
  ///
  /// - Throws: ``SyncFault/unavailable(_:)``.
  mutating func signHead() throws(SyncFault)

  /// How many own events the replica has appended because of what sync brought; it only grows. They
  /// travel in the next session.
  var causedEventCount: UInt64 { get }

  /// Keeps the proof that an origin forked.
  ///
  /// - Parameters:
  ///   - fork: Checked.
  ///   - origin: Who signed both heads.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  mutating func keep(_ fork: ForkProof, of origin: OriginID) throws(SyncFault)

  /// Stores events of other origins, or events of its own that it lost.
  ///
  /// - Parameter batch: Checked and proved, each dot once; events and heads are stored in one step.
  /// - Returns: How many were new. They are durable when this returns.
  /// - Throws: ``SyncFault/unavailable(_:)``; then none of them counts as applied.
  mutating func apply(
    _ batch: ProvedBatch
  ) throws(SyncFault) -> SyncMessage.AppliedCounts
}

extension SyncReplica {
  /// None: what arrives causes nothing.
  package var causedEventCount: UInt64 { 0 }
}
