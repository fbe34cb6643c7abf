package import DurableFiles
package import EventModel
internal import HybridTime
package import MerkleProofs

extension EventLog {
  /// Makes an empty store. It is durable, its name in the parent directory included, on return.
  ///
  /// - Parameters:
  ///   - directory: Where; made if it is missing, its parent must exist. Must hold no store.
  ///   - identity: Whose store it is.
  ///   - fileSystem: The disk.
  /// - Throws: ``StorageError/alreadyAStore(directory:)``, ``StorageError/locked(directory:)`` or
  ///   ``StorageError/disk(_:)``; what was begun can be made again.
  package static func create(
    at directory: String, identity: LogIdentity, fileSystem: any FileSystem
  ) throws(StorageError) {
    let files = StoreFiles(directory: directory)
    try onDisk { () throws(FileFault) in
      try fileSystem.makeDirectory(directory)
      try fileSystem.makeDirectory(files.log)
    }
    let lock = try takeLock(files, fileSystem)
    for path in [files.manifest, files.manifestCopy] {
      let isThere = try onDisk { () throws(FileFault) in try fileSystem.exists(path) }
      if isThere { throw .alreadyAStore(directory: directory) }
    }
    let header = WriteAheadHeader(
      book: identity.book, origin: identity.origin, number: 1, basePosition: 1)
    try onDisk { () throws(FileFault) in
      _ = try WriteAheadLog.create(
        files.writeAhead(1), header, fileSystem, zeroedAheadByteCount: 0)
      try fileSystem.syncDirectory(files.log)
      try fileSystem.syncDirectory(directory)
      try fileSystem.syncDirectory(parentDirectory(of: directory))
    }
    let label = String(decoding: identity.label.utf8.prefix(Manifest.labelBytesMax), as: UTF8.self)
    let kept = LogIdentity(
      founding: identity.founding, origin: identity.origin, label: label)
    let manifest = Manifest(
      generation: 1, identity: kept, place: try StorePlace(of: files, fileSystem),
      writeAheadNumber: 1, basePosition: 1, cleanEnd: 0,
      segments: [])
    try manifest.write(to: files, fileSystem)
    withExtendedLifetime(lock) {}
  }

  /// Opens a store, recovers what a crash left and locks it until the log is closed or let go.
  ///
  /// An unacknowledged batch at the end of the write-ahead log is cut off and reported in
  /// ``recovery``. A store that lies elsewhere than before, or knows a head of its own above what it
  /// holds, may be a copy: it goes on under a new incarnation. Any other damage is an error, and nothing is changed.
  ///
  /// - Parameters:
  ///   - directory: The store.
  ///   - fileSystem: The disk.
  ///   - options: How to keep the log.
  ///   - device: The secret that belongs to the origin's key; without it no own head is signed.
  ///   - makeSeed: Thirty-two random bytes, fit for a secret, at each call: salts derive from them, and
  ///     new incarnations.
  /// - Returns: The log.
  /// - Throws: ``StorageError/notAStore(directory:)``, ``StorageError/locked(directory:)``,
  ///   ``StorageError/version(file:found:supported:)``, ``StorageError/damaged(_:)`` or
  ///   ``StorageError/disk(_:)``.
  /// - Complexity: O(segments) small reads, and O(bytes) of the write-ahead log.
  package static func open(
    at directory: String, fileSystem: any FileSystem, options: LogOptions = LogOptions(),
    device: DeviceSecret? = nil, makeSeed: @escaping @Sendable () -> Digest256
  ) throws(StorageError) -> EventLog {
    try open(
      StoreFiles(directory: directory), fileSystem: fileSystem, options: options, device: device,
      makeSeed: makeSeed)
  }

  static func open(
    _ files: StoreFiles, fileSystem: any FileSystem, options: LogOptions, device: DeviceSecret?,
    makeSeed: @escaping @Sendable () -> Digest256
  ) throws(StorageError) -> EventLog {
    let isThere = try onDisk { () throws(FileFault) in
      let hasManifest = try fileSystem.exists(files.manifest)
      return hasManifest ? true : try fileSystem.exists(files.manifestCopy)
    }
    guard isThere else { throw .notAStore(directory: files.directory) }
    let lock = try takeLock(files, fileSystem)
    let opened = try OpenedLog(files, fileSystem, options)
    let log = EventLog(
      opened, lock: lock, fileSystem: fileSystem, options: options, device: device,
      makeSeed: makeSeed)
    log.recovery.didDrawIncarnation = try log.drawIncarnationIfCopied(
      to: StorePlace(of: files, fileSystem))
    return log
  }

  static func takeLock(
    _ files: StoreFiles, _ fileSystem: any FileSystem
  ) throws(StorageError) -> any FileLock {
    do throws(FileFault) {
      return try fileSystem.lock(files.lock)
    } catch {
      throw error.isLockedElsewhere ? .locked(directory: files.directory) : .disk(error)
    }
  }
}
