internal import EventModel
package import HybridTime
package import MerkleProofs

extension EventLog {
  /// Signs the tree of the own events, all of which are durable, unless the newest head covers them.
  ///
  /// Heads are signed at seal, at close and on request, never while appending. Without the device's
  /// secret none is signed, and nothing can be sent to others.
  ///
  /// - Throws: ``StorageError``; the head does not count then.
  /// - Complexity: About 2.5 µs for each event since the last seal.
  package func signHead() throws(StorageError) {
    try requireReady()
    if (heads[identity.origin]?.size ?? 0) < held[identity.origin].contiguous {
      try extendTree(of: identity.origin, from: snapshot())
      signOwnTree()
    }
    try saveHeads()
  }

  /// Signs the own tree as far as it was computed.
  func signOwnTree() {
    let tree = frontiers[identity.origin]
    guard tree.size > 0, tree.size <= held[identity.origin].contiguous,
      tree.size > heads[identity.origin]?.size ?? 0,
      let signer = device?.signer(of: identity.origin, in: identity.book),
      let head = try? SignedHead(signing: TreeHead(tree), by: signer)
    else { return }
    heads.add(OriginHead(origin: identity.origin, head: head, prefix: tree.size, rest: []))
  }

  /// Saves heads and forks, if they have changed.
  func saveHeads() throws(StorageError) {
    guard heads.isChanged else { return }
    try heads.save(to: files, book: identity.book, fileSystem)
  }

  /// The largest verified head of an origin.
  package func head(of origin: OriginID) -> SignedHead? { heads[origin]?.head }

  /// The tree over the events held of an origin without a gap from the first.
  ///
  /// - Parameter origin: Whose events.
  /// - Returns: Its right edge.
  /// - Throws: ``StorageError/missingSalts(_:)``, ``StorageError/damaged(_:)`` or
  ///   ``StorageError/disk(_:)``.
  package func tree(of origin: OriginID) throws(StorageError) -> MerkleFrontier {
    try extendTree(of: origin, from: snapshot())
    return frontiers[origin]
  }

  /// The hash of an aligned subtree of an origin's tree, from the events held and, behind them, from
  /// the hashes that are kept below the largest head.
  ///
  /// - Parameters:
  ///   - subtree: Which leaves.
  ///   - origin: Whose tree.
  /// - Returns: The hash, or nothing when what is held does not determine it.
  /// - Throws: ``StorageError``.
  /// - Complexity: About 2.5 µs for each event below it, the first time; later O(leaves / 256).
  package func hash(
    of subtree: AlignedSubtree, of origin: OriginID
  ) throws(StorageError) -> Digest256? {
    let end = held[origin].contiguous
    let leaves = subtree.leaves
    guard leaves.upperBound > end else { return try heldHash(of: subtree, of: origin) }
    var parts: [HashedSubtree] = []
    if leaves.lowerBound < end {
      for part in AlignedSubtree.covering(leaves.lowerBound..<end) {
        parts.append(HashedSubtree(part, hash: try heldHash(of: part, of: origin)))
      }
    }
    let rest = heads[origin]?.subtrees ?? []
    parts += rest.filter { part in
      part.subtree.leaves.lowerBound >= max(end, leaves.lowerBound)
        && part.subtree.leaves.upperBound <= leaves.upperBound
    }
    return MerkleTree.hash(of: subtree, parts: parts)
  }

  /// The hash of a subtree all of whose events are held. Those of 256 events are remembered.
  private func heldHash(
    of subtree: AlignedSubtree, of origin: OriginID
  ) throws(StorageError) -> Digest256 {
    guard subtree.level <= Self.rememberedLevel else {
      let (level, index) = (subtree.level - 1, subtree.index * 2)
      let left = AlignedSubtree(level: level, index: index)
      let right = AlignedSubtree(level: level, index: index + 1)
      return MerkleFrontier.nodeHash(
        try heldHash(of: left, of: origin), try heldHash(of: right, of: origin))
    }
    let isRemembered = subtree.level == Self.rememberedLevel
    if isRemembered, let known = subtreeHashes[origin]?[subtree.index] { return known }
    let leaves = subtree.leaves
    let run = IntervalSet.Run(first: leaves.lowerBound + 1, last: leaves.upperBound)
    var tree = MerkleFrontier()
    try forEachID(of: origin, in: run) { tree.append($0) }
    if isRemembered { subtreeHashes[origin, default: [:]][subtree.index] = tree.root }
    return tree.root
  }

  private static let rememberedLevel = 8

  /// Calls `body` with the id of each event of a run that is held in full.
  private func forEachID(
    of origin: OriginID, in run: IntervalSet.Run, _ body: (Digest256) -> Void
  ) throws(StorageError) {
    var cursor = SaltCursor(salts)
    try snapshot().forEachEvent(of: origin, in: run) { _, event throws(StorageError) in
      guard let id = event.id(book: identity.book, salts: cursor.salts(of: event.dot)) else {
        throw .missingSalts(event.dot)
      }
      body(id)
      return true
    }
  }

  /// The proofs of forks that were seen, by origin.
  package var forks: [OriginID: ForkProof] { heads.forks }

  /// Keeps the proof that an origin forked, durably; the first one of an origin stays. At most
  /// 64 KiB of them are kept.
  ///
  /// - Parameters:
  ///   - fork: Checked by the caller.
  ///   - origin: Who signed both heads.
  /// - Throws: ``StorageError/disk(_:)``.
  package func keep(_ fork: ForkProof, of origin: OriginID) throws(StorageError) {
    try requireReady()
    heads.add(fork, of: origin)
    try saveHeads()
    // The other copy goes on under the old name.
    if origin == identity.origin { try drawIncarnation() }
  }
}
