internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import MerkleProofs

extension EventLog {
  /// Draws a new incarnation if this store may be a copy: it lies elsewhere than when the present one
  /// was drawn, or a head of its own covers events that it does not hold.
  ///
  /// - Parameter place: Where the store lies now.
  /// - Returns: Whether one was drawn.
  /// - Throws: As ``drawIncarnation(place:)``.
  func drawIncarnationIfCopied(to place: StorePlace) throws(StorageError) -> Bool {
    let origin = identity.origin
    let isShort = (heads[origin]?.size ?? 0) > held[origin].contiguous
    guard place != manifest.place || isShort else { return false }
    try drawIncarnation(place: place)
    return true
  }

  /// Goes on under a new incarnation of the device's key; the origin of before becomes a foreign one.
  ///
  /// Order: what the write-ahead log holds is sealed under the old origin; then a write-ahead log of
  /// the new one is durable, then the manifest that names both. Nothing is appended before.
  ///
  /// - Parameter place: Where the store lies now; nothing keeps what the manifest says.
  /// - Throws: ``StorageError``; the old incarnation counts, or the log is poisoned.
  func drawIncarnation(place: StorePlace? = nil) throws(StorageError) {
    try seal()
    let word = makeSeed().prefix64
    let oldPath = files.writeAhead(manifest.writeAheadNumber)
    var next = manifest
    next.generation += 1
    next.identity = identity.with(
      origin: OriginID(incarnation: word, key: identity.origin.key))
    next.place = place ?? manifest.place
    next.writeAheadNumber += 1
    next.cleanEnd = 0
    let fresh = try startWriteAhead(number: next.writeAheadNumber, origin: next.identity.origin)
    do throws(StorageError) {
      try next.write(to: files, fileSystem)
    } catch {
      // Which of the two manifests counts is known only after reading them again.
      state = .poisoned
      throw error
    }
    manifest = next
    identity = next.identity
    useTail(of: fresh, number: next.writeAheadNumber, basePosition: next.basePosition)
    // Opening removes the old file.
    try? fileSystem.remove(oldPath)
  }
}

extension LogIdentity {
  /// The same replica under another origin.
  func with(origin: OriginID) -> LogIdentity {
    LogIdentity(
      founding: founding, origin: origin, formatVersion: formatVersion, label: label)
  }
}
