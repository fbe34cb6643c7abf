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
  /// Stores events of other origins, or events of its own that it lost.
  ///
  /// - Parameters:
  ///   - events: Checked, not held at the time, each dot once.
  ///   - salts: Those the events need, and maybe others.
  /// - Returns: How many were new. They are durable when this returns.
  /// - Throws: ``SyncFault/unavailable(_:)``; then none of them counts as applied.
  mutating func apply(
    _ events: [Event], salts: [WindowSalts]
  ) throws(SyncFault) -> SyncMessage.AppliedCounts
}
