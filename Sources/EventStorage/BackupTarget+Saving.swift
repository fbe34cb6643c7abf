internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import MerkleProofs
internal import SegmentFormat

/// What a run of a backup did.
public struct BackupReport: Equatable, Sendable {
  /// The number of the generation that it made.
  public internal(set) var generation: UInt64 = 0
  /// How many events the generation holds.
  public internal(set) var events = 0
  /// How many files it names.
  public internal(set) var files = 0
  /// How long these are together.
  public internal(set) var byteCount: UInt64 = 0
  /// How many of them were not there yet.
  public internal(set) var copiedFiles = 0
  /// How long those are.
  public internal(set) var copiedByteCount: UInt64 = 0
  /// How many sections the ledger says are erased.
  public internal(set) var erasedSections = 0
  /// How many generations were removed.
  public internal(set) var prunedGenerations = 0
  /// How many generations are left.
  public internal(set) var generations = 0
}

/// How a backup is made.
package struct BackupOptions: Sendable {
  /// How many generations to keep; all of them if nothing is said.
  package var keptGenerationCount: Int?
  /// Whether to read the files that are there already, and copy again those that are not whole.
  package var isChecked = false

  /// The options of an ordinary run.
  package init() {}
}

extension BackupTarget {
  /// Saves a log as a new generation.
  ///
  /// Each step is durable before the next: ledger, secrets, files, generation. A crash leaves the
  /// generations that were there, which the next run goes on from.
  ///
  /// - Parameters:
  ///   - source: The log.
  ///   - erased: What is erased in its book.
  ///   - bookSecret: The book's secret, if the replica has it.
  ///   - milliseconds: The wall clock, in milliseconds since 1970.
  ///   - options: What to keep, and what to check.
  /// - Returns: What was done.
  /// - Throws: ``BackupFault/otherBook(directory:)``, ``BackupFault/storage(_:)``: with damage when a
  ///   block of the log itself is damaged. Then no generation was made.
  /// - Complexity: Reads and writes the segments that are new; memory for one block and the salts.
  package mutating func save(
    _ source: BackupSource, erased: ErasureLedger, bookSecret: [UInt8]?,
    wallMilliseconds milliseconds: Int64, options: BackupOptions = BackupOptions()
  ) throws(BackupFault) -> BackupReport {
    let book = source.identity.book
    guard generations.allSatisfy({ $0.identity.book == book }) else {
      throw .otherBook(directory: files.directory)
    }
    var report = BackupReport()
    let ledger = try saveLedger(erased, book: book)
    report.erasedSections = ledger.sectionCount
    let saltsGeneration = try saveSecrets(of: source, bookSecret)
    var generation = BackupGeneration(
      number: nextNumber, madeMilliseconds: milliseconds, identity: source.identity,
      nextPosition: source.nextPosition, saltsGeneration: saltsGeneration,
      ledgerGeneration: ledger.generation, segments: [], heads: StoredFile(source.heads),
      trees: StoredFile(source.trees))
    for (segment, entry, file) in source.segments {
      let stored = try save(segment, entry, file, isChecked: options.isChecked, &report)
      generation.segments.append(BackupGeneration.Segment(entry: entry, file: stored))
    }
    try save(source.heads, isChecked: options.isChecked, &report)
    try save(source.trees, isChecked: options.isChecked, &report)
    try onBackupDisk { () throws(FileFault) in
      try disk.syncDirectory(files.content)
      try disk.replaceFile(files.generation(generation.number), with: generation.encoded)
    }
    noteSaved(generation)
    report.generation = generation.number
    report.events = generation.eventCount
    report.files = generation.files.count
    report.byteCount = generation.files.reduce(0) { $0 + $1.byteCount }
    report.prunedGenerations = try prune(keeping: options.keptGenerationCount)
    report.generations = generations.count
    return report
  }

  /// Adds what is erased to the ledger, and returns it.
  private func saveLedger(
    _ erased: ErasureLedger, book: BookID
  ) throws(BackupFault) -> ErasureLedger {
    let known = try ledger(of: book)
    var next = known ?? ErasureLedger()
    next.formUnion(erased)
    // Above every generation that a backup asks for, also when both copies were lost.
    next.generation = max(
      next.generation, generations.map(\.ledgerGeneration).max() ?? 0)
    guard next != known || known == nil else { return next }
    next.generation += 1
    try replace(files.ledgers, with: next.encoded(book: book))
    return next
  }

  /// Replaces the salts and the book's secret; returns the generation of the salts.
  private func saveSecrets(
    of source: BackupSource, _ bookSecret: [UInt8]?
  ) throws(BackupFault) -> UInt64 {
    let book = source.identity.book
    let known = try salts(of: book)?.generation ?? 0
    var table = source.salts
    table.generation = max(
      known, table.generation, generations.map(\.saltsGeneration).max() ?? 0)
    let bytes = table.encoded(book: book, through: source.nextPosition - 1)
    try onBackupDisk { () throws(FileFault) in
      // What was destroyed since the last run is not to be found in free blocks.
      for path in files.salts { try disk.replaceFileErasing(path, with: bytes) }
    }
    if let bookSecret { try replace([files.bookSecret], with: bookSecret.checked) }
    return table.generation + 1
  }

  /// Copies a segment, unless it is there.
  private func save(
    _ segment: SealedSegment, _ entry: Manifest.Segment, _ file: any DurableFile,
    isChecked: Bool, _ report: inout BackupReport
  ) throws(BackupFault) -> StoredFile {
    if let known = generations.last?.segments.first(where: { $0.entry == entry })?.file,
      try isThere(known, isChecked: isChecked)
    {
      return known
    }
    // What is damaged here already is no backup.
    try inBackup { () throws(StorageError) in try segment.checkBlocks() }
    let found = try onBackupDisk { () throws(FileFault) in try StoredFile(reading: file) }
    if try isThere(found, isChecked: true) { return found }
    try write(found, &report) { body throws(FileFault) in
      try StoredFile(reading: file, body)
    }
    return found
  }

  /// Saves bytes as a file, unless it is there.
  private func save(
    _ bytes: [UInt8], isChecked: Bool, _ report: inout BackupReport
  ) throws(BackupFault) {
    let file = StoredFile(bytes)
    if try isThere(file, isChecked: isChecked) { return }
    try write(file, &report) { body throws(FileFault) in
      try body(bytes, 0)
      return file
    }
  }

  /// Whether a file is in the backup: by its length, or by its bytes.
  private func isThere(_ file: StoredFile, isChecked: Bool) throws(BackupFault) -> Bool {
    try onBackupDisk { () throws(FileFault) in
      let path = files.file(file.digest)
      guard try disk.exists(path) else { return false }
      let saved = try disk.open(path, for: .reading)
      guard isChecked else { return try saved.byteCount() == file.byteCount }
      return try StoredFile(reading: saved) == file
    }
  }

  /// Writes a file under another name first, so that whatever has a digest for a name is whole.
  private func write(
    _ file: StoredFile, _ report: inout BackupReport,
    pieces: (_ body: ([UInt8], UInt64) throws(FileFault) -> Void) throws(FileFault) -> StoredFile
  ) throws(BackupFault) {
    let path = files.file(file.digest)
    let written = try onBackupDisk { () throws(FileFault) in
      let copy = try disk.open(path + ".new", for: .replacing)
      let written = try pieces { piece, offset throws(FileFault) in
        try copy.write(piece.span, at: offset)
      }
      try copy.syncData()
      return written
    }
    guard written == file else {
      throw .damaged(
        StoreDamage(
          file: files.relative(path), offset: 0, byteCount: file.byteCount,
          problem: "the source changed while it was copied"))
    }
    try onBackupDisk { () throws(FileFault) in try disk.rename(path + ".new", to: path) }
    report.copiedFiles += 1
    report.copiedByteCount += file.byteCount
  }
}

// MARK: Pruning

extension BackupTarget {
  /// Removes the generations before the newest few, and the files that no generation names; returns
  /// how many generations went.
  private mutating func prune(keeping count: Int?) throws(BackupFault) -> Int {
    let removed = count.map { Array(generations.dropLast(max(1, $0))) } ?? []
    try onBackupDisk { () throws(FileFault) in
      for generation in removed { try disk.remove(files.generation(generation.number)) }
      if !removed.isEmpty { try disk.syncDirectory(files.directory) }
    }
    forget(removed)
    // A generation that cannot be read may need any file.
    guard unreadable.isEmpty else { return removed.count }
    let named = Set(generations.flatMap(\.files).map { "\($0.digest)" })
    try onBackupDisk { () throws(FileFault) in
      for name in try disk.list(files.content) where !named.contains(name) {
        try disk.eraseFile(files.content + "/" + name)
      }
    }
    return removed.count
  }
}

extension SealedSegment {
  /// Compares every block with its checksum.
  fileprivate func checkBlocks() throws(StorageError) {
    for (index, block) in footer.blocks.enumerated() {
      let found = CRC32C.checksum(try readFrame(index))
      guard found == block.checksum else {
        throw storageError(
          SegmentFault(.block(index), .checksum(expected: block.checksum, found: found)))
      }
    }
  }
}
