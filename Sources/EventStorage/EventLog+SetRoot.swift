internal import DurableFiles
internal import EventModel
internal import HybridTime
package import MerkleProofs

extension EventLog {
  /// The digest of the set of events held, equal on every replica that holds the same set.
  ///
  /// - Returns: See `SetRootBuilder`.
  /// - Throws: ``StorageError/damaged(_:)`` or ``StorageError/disk(_:)``.
  /// - Complexity: About 2.5 µs for each event since the last seal, and for each behind a gap.
  package func setRoot() throws(StorageError) -> Digest256 {
    let snapshot = snapshot()
    var builder = SetRootBuilder(book: identity.book)
    var cursor = SaltCursor(salts)
    for origin in held.origins {
      let runs = held[origin]
      try extendTree(of: origin, from: snapshot)
      var tree = frontiers[origin]
      for run in runs.runs where run.last > tree.size {
        let first = max(run.first, tree.size + 1)
        // No peer sends events behind a gap yet; whoever stores such gets a root of his own.
        tree.append(repeating: .zero, count: first - tree.size - 1)
        let rest = IntervalSet.Run(first: first, last: run.last)
        try snapshot.forEachEvent(of: origin, in: rest) { _, event throws(StorageError) in
          let salts = cursor.salts(of: event.dot)
          guard let id = event.id(book: identity.book, salts: salts) else {
            throw .missingSalts(event.dot)
          }
          tree.append(id)
          return true
        }
      }
      builder.add(origin: origin, held: runs, root: tree.root)
    }
    return builder.finish()
  }

  /// Brings an origin's tree up to the first gap.
  func extendTree(of origin: OriginID, from snapshot: LogSnapshot) throws(StorageError) {
    let size = frontiers[origin].size
    let last = held[origin].contiguous
    guard size < last else { return }
    let run = IntervalSet.Run(first: size + 1, last: last)
    var cursor = SaltCursor(salts)
    try snapshot.forEachEvent(of: origin, in: run) { _, event throws(StorageError) in
      let size = frontiers[origin].size
      frontiers.add(event, book: identity.book, salts: cursor.salts(of: event.dot))
      guard frontiers[origin].size > size else { throw .missingSalts(event.dot) }
      return true
    }
  }

  /// Saves the trees, if they have grown. They are derivable, so a crash may lose them.
  func saveTrees() throws(StorageError) {
    guard frontiers.isChanged else { return }
    let bytes = frontiers.encoded(book: identity.book)
    try onDisk { () throws(FileFault) in try fileSystem.replaceFile(files.trees, with: bytes) }
    frontiers.savedByteCount = UInt64(bytes.count)
    frontiers.isChanged = false
  }

  /// Saves the salts, if there are new ones. Unlike trees they cannot be computed again, so this
  /// comes before the write-ahead log that holds them goes.
  func saveSalts() throws(StorageError) {
    guard salts.isChanged else { return }
    try salts.save(
      to: files, book: identity.book, through: highWaterMark.rawValue, fileSystem,
      erasingOld: isRemoving)
  }
}
