internal import BinaryCoding
internal import DurableFiles
package import EventModel
package import HybridTime
package import MerkleProofs

/// A store on its way from a backup. It lies in its place already, with a manifest by another name, so
/// that nothing opens it before it is finished.
package struct StoreRestore {
  /// Whose log it will be.
  package let identity: LogIdentity
  /// The generation that it comes from.
  package let generation: UInt64
  /// When that was made, in milliseconds since 1970.
  package let madeMilliseconds: Int64
  /// How many events it holds.
  package let events: Int
  /// What is erased in the book and must be removed before the store is finished; nothing if there is
  /// no ledger and it was said to go on without.
  package let ledger: ErasureLedger?
  /// The book's secret, if the backup has it.
  package let bookSecret: [UInt8]?
  private let files: StoreFiles
  private let disk: any FileSystem

  /// Whose new replica is made, and how.
  package struct Request: Sendable {
    /// Where; must be missing or empty, its parent must exist.
    package let directory: String
    /// Under which origin it will append: one that was never used.
    package let origin: OriginID
    /// What people will call it; the name of the one that was saved if nothing is said.
    package let label: String?
    /// Which generation to take; the newest one if nothing is said.
    package var generation: UInt64?
    /// Whether to go on without a ledger, although who was erased may come back.
    package var goesWithoutLedger = false

    /// A request for the newest generation.
    package init(directory: String, origin: OriginID, label: String? = nil) {
      self.directory = directory
      self.origin = origin
      self.label = label
    }
  }

  /// Reads and checks all of a generation, then makes the files of a store.
  ///
  /// - Parameters:
  ///   - target: The backup.
  ///   - request: What to make of it.
  /// - Throws: ``BackupFault``. Before everything was found whole, nothing is made.
  /// - Complexity: Reads the backup twice and writes it once; memory for the salts.
  package init(from target: BackupTarget, _ request: Request) throws(BackupFault) {
    let saved = try target.generation(request.generation)
    let known = try target.ledger(of: saved.identity.book)
    ledger = known.flatMap { $0.generation >= saved.ledgerGeneration ? $0 : nil }
    guard ledger != nil || request.goesWithoutLedger else {
      throw .noLedger(directory: target.files.directory)
    }
    let salts = try target.checkedSalts(for: saved)
    try target.check(saved)
    bookSecret = try target.bookSecret()
    generation = saved.number
    madeMilliseconds = saved.madeMilliseconds
    events = saved.eventCount
    identity = LogIdentity(
      founding: saved.identity.founding, origin: request.origin,
      label: request.label ?? saved.identity.label)
    files = StoreFiles(directory: request.directory, isRestoring: true)
    disk = target.disk
    try makeDirectories()
    try copy(saved, from: target)
    try inBackup { () throws(StorageError) in try finishFiles(saved, salts) }
  }

  private func makeDirectories() throws(BackupFault) {
    let isTaken = try onBackupDisk { () throws(FileFault) in
      guard try disk.exists(files.directory) else { return false }
      return try !disk.list(files.directory).isEmpty
    }
    guard !isTaken else { throw .notEmpty(directory: files.directory) }
    try onBackupDisk { () throws(FileFault) in
      try disk.makeDirectory(files.directory)
      try disk.makeDirectory(files.log)
      try disk.syncDirectory(parentDirectory(of: files.directory))
    }
  }

  private func copy(
    _ saved: BackupGeneration, from target: BackupTarget
  ) throws(BackupFault) {
    for segment in saved.segments {
      try target.copy(segment.file, to: files.segment(segment.entry.number))
    }
    try target.copy(saved.heads, to: files.heads)
    try target.copy(saved.heads, to: files.headsCopy)
    try target.copy(saved.trees, to: files.trees)
  }

  /// Adds what is the new store's own: salts as far as its log goes, an empty write-ahead log, and the
  /// manifest under its passing name.
  private func finishFiles(
    _ saved: BackupGeneration, _ salts: SaltTable
  ) throws(StorageError) {
    var salts = salts
    try salts.save(
      to: files, book: identity.book, through: saved.nextPosition - 1, disk)
    let lock = try EventLog.takeLock(files, disk)
    let header = WriteAheadHeader(
      book: identity.book, origin: identity.origin, number: 1, basePosition: saved.nextPosition)
    try onDisk { () throws(FileFault) in
      _ = try WriteAheadLog.create(files.writeAhead(1), header, disk, zeroedAheadByteCount: 0)
      try disk.syncDirectory(files.log)
      try disk.syncDirectory(files.directory)
    }
    let manifest = Manifest(
      generation: 1, identity: identity, place: try StorePlace(of: files, disk),
      writeAheadNumber: 1, basePosition: saved.nextPosition, cleanEnd: 0,
      segments: saved.segments.map(\.entry))
    try manifest.write(to: files, disk)
    withExtendedLifetime(lock) {}
  }

  /// Opens the log, for whoever removes what the ledger names.
  ///
  /// - Parameters:
  ///   - options: How to keep the log.
  ///   - device: The secret that belongs to the origin's key.
  ///   - makeSeed: Thirty-two random bytes, fit for a secret, at each call.
  /// - Returns: The log, to be closed before ``finish()``.
  /// - Throws: ``StorageError``.
  package func openLog(
    options: LogOptions = LogOptions(), device: DeviceSecret?,
    makeSeed: @escaping @Sendable () -> Digest256
  ) throws(StorageError) -> EventLog {
    try EventLog.open(
      files, fileSystem: disk, options: options, device: device, makeSeed: makeSeed)
  }

  /// Gives the manifest its name, so that the directory is a store. Durable on return.
  ///
  /// - Throws: ``StorageError/disk(_:)``; the directory is a store then, or is none.
  package func finish() throws(StorageError) {
    let finished = StoreFiles(directory: files.directory)
    try onDisk { () throws(FileFault) in
      try disk.rename(files.manifest, to: finished.manifest)
      try disk.syncDirectory(files.directory)
      try disk.rename(files.manifestCopy, to: finished.manifestCopy)
      try disk.syncDirectory(files.directory)
    }
  }
}

extension BackupTarget {
  /// Compares every file of a generation with its digest.
  fileprivate func check(_ generation: BackupGeneration) throws(BackupFault) {
    for file in generation.files { try check(file) }
  }

  /// The salts, unless they are older than the generation.
  fileprivate func checkedSalts(
    for generation: BackupGeneration
  ) throws(BackupFault) -> SaltTable {
    let salts = try salts(of: generation.identity.book)
    guard let salts, salts.generation >= generation.saltsGeneration else {
      throw .damaged(
        StoreDamage(
          file: files.relative(files.salts[0]), offset: 0, byteCount: 0,
          problem: "both copies are missing, damaged or older than the backup"))
    }
    return salts
  }

  fileprivate func bookSecret() throws(BackupFault) -> [UInt8]? {
    let path = files.bookSecret
    guard try onBackupDisk({ () throws(FileFault) in try disk.exists(path) }) else { return nil }
    let bytes = try onBackupDisk { () throws(FileFault) in
      try disk.readFile(path, byteCountMax: BookSecret.byteCount + 5)
    }
    guard let secret = [UInt8](checked: bytes), secret.count == BookSecret.byteCount else {
      throw .damaged(
        StoreDamage(
          file: files.relative(path), offset: 0, byteCount: UInt64(bytes.count),
          problem: "its checksum does not match"))
    }
    return secret
  }

  /// Copies a file out of the backup, and compares what was copied with its digest.
  fileprivate func copy(_ file: StoredFile, to path: String) throws(BackupFault) {
    let source = try open(file)
    let copied = try onBackupDisk { () throws(FileFault) in
      let copy = try disk.open(path, for: .replacing)
      let copied = try StoredFile(reading: source) { piece, offset throws(FileFault) in
        try copy.write(piece.span, at: offset)
      }
      try copy.syncData()
      return copied
    }
    guard copied == file else { throw .damaged(damage(of: file, "it changed meanwhile")) }
  }

  private func check(_ file: StoredFile) throws(BackupFault) {
    let source = try open(file)
    let found = try onBackupDisk { () throws(FileFault) in try StoredFile(reading: source) }
    guard found == file else {
      throw .damaged(
        damage(of: file, "its digest is \(found.digest), and its length \(found.byteCount)"))
    }
  }

  private func open(_ file: StoredFile) throws(BackupFault) -> any DurableFile {
    do throws(FileFault) {
      return try disk.open(files.file(file.digest), for: .reading)
    } catch {
      guard error.isNotFound else { throw .storage(.disk(error)) }
      throw .damaged(damage(of: file, "the file is missing"))
    }
  }

  private func damage(of file: StoredFile, _ problem: String) -> StoreDamage {
    StoreDamage(
      file: files.relative(files.file(file.digest)), offset: 0, byteCount: file.byteCount,
      problem: problem)
  }
}
