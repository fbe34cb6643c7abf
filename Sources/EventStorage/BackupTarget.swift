internal import BinaryCoding
package import DurableFiles
internal import EventModel
internal import MerkleProofs

/// A directory with the backups of a log, locked as long as this value is kept.
///
/// Source: `docs/format/backup.md`.
package struct BackupTarget {
  let files: BackupFiles
  let disk: any FileSystem
  private let lock: any FileLock
  /// The generations that are whole, ascending.
  private(set) var generations: [BackupGeneration] = []
  /// The numbers of generations that cannot be read.
  private(set) var unreadable: [UInt64] = []

  /// Makes a directory for backups, unless it is there, and opens it.
  ///
  /// - Parameters:
  ///   - directory: Where the backups lie; its parent must exist.
  ///   - fileSystem: The disk.
  /// - Returns: The backups.
  /// - Throws: ``BackupFault/locked(directory:)`` or ``BackupFault/storage(_:)``.
  package static func make(
    at directory: String, fileSystem: any FileSystem
  ) throws(BackupFault) -> BackupTarget {
    let files = BackupFiles(directory: directory)
    try onBackupDisk { () throws(FileFault) in
      for path in [directory, files.content, files.secrets] {
        try fileSystem.makeDirectory(path)
      }
      try fileSystem.syncDirectory(directory)
      try fileSystem.syncDirectory(parentDirectory(of: directory))
    }
    return try BackupTarget(files, fileSystem)
  }

  /// Opens a directory with backups.
  ///
  /// - Parameters:
  ///   - directory: Where the backups lie.
  ///   - fileSystem: The disk.
  /// - Throws: ``BackupFault/noGeneration(directory:number:)``, ``BackupFault/locked(directory:)``
  ///   or ``BackupFault/storage(_:)``.
  package init(
    at directory: String, fileSystem: any FileSystem
  ) throws(BackupFault) {
    let files = BackupFiles(directory: directory)
    let isThere = try onBackupDisk { () throws(FileFault) in
      try fileSystem.exists(files.content)
    }
    guard isThere else { throw .noGeneration(directory: directory, number: nil) }
    try self.init(files, fileSystem)
  }

  private init(_ files: BackupFiles, _ disk: any FileSystem) throws(BackupFault) {
    self.files = files
    self.disk = disk
    do throws(FileFault) {
      lock = try disk.lock(files.lock)
    } catch {
      throw error.isLockedElsewhere
        ? .locked(directory: files.directory) : .storage(.disk(error))
    }
    let names = try onBackupDisk { () throws(FileFault) in try disk.list(files.directory) }
    for number in names.compactMap(BackupFiles.generationNumber).sorted() {
      let bytes = try onBackupDisk { () throws(FileFault) in
        try disk.readFile(files.generation(number), byteCountMax: BackupGeneration.byteCountMax)
      }
      if let generation = try? BackupGeneration(bytes), generation.number == number {
        generations.append(generation)
      } else {
        unreadable.append(number)
      }
    }
  }

  /// The number that the next generation gets.
  var nextNumber: UInt64 { (generations.map(\.number) + unreadable).max().map { $0 + 1 } ?? 1 }

  /// Takes note of a generation that was saved.
  mutating func noteSaved(_ generation: BackupGeneration) { generations.append(generation) }

  /// Takes note of generations that were removed.
  mutating func forget(_ removed: [BackupGeneration]) {
    generations.removeAll { removed.contains($0) }
  }

  /// The generation of a number, or the newest one: not an older one in its place if that one cannot
  /// be read.
  func generation(_ number: UInt64?) throws(BackupFault) -> BackupGeneration {
    let found =
      if let number {
        generations.first { $0.number == number }
      } else {
        generations.last.flatMap { $0.number + 1 == nextNumber ? $0 : nil }
      }
    guard let found else { throw .noGeneration(directory: files.directory, number: number) }
    return found
  }

  /// The newer whole copy of a file that is kept twice, or nothing when neither is whole.
  func newest<Content>(
    of paths: [String], byteCountMax: Int, generation: (Content) -> UInt64,
    decode: ([UInt8]) throws(DecodingFault) -> Content
  ) throws(BackupFault) -> Content? {
    var found: [Content] = []
    for path in paths {
      guard try onBackupDisk({ () throws(FileFault) in try disk.exists(path) }) else { continue }
      let bytes = try onBackupDisk { () throws(FileFault) in
        try disk.readFile(path, byteCountMax: byteCountMax)
      }
      if let content = try? decode(bytes) { found.append(content) }
    }
    return found.max { generation($0) < generation($1) }
  }

  /// The ledger, or nothing when no copy is whole.
  func ledger(of book: BookID) throws(BackupFault) -> ErasureLedger? {
    try newest(
      of: files.ledgers, byteCountMax: ErasureLedger.byteCountMax, generation: \.generation
    ) { bytes throws(DecodingFault) in try ErasureLedger(bytes, book: book) }
  }

  /// The salts, or nothing when no copy is whole.
  func salts(of book: BookID) throws(BackupFault) -> SaltTable? {
    try newest(
      of: files.salts, byteCountMax: SaltTable.byteCountMax, generation: \.generation
    ) { bytes throws(DecodingFault) in try SaltTable(bytes, book: book) }
  }

  /// Replaces both copies of a file, one after the other.
  func replace(_ paths: [String], with bytes: [UInt8]) throws(BackupFault) {
    try onBackupDisk { () throws(FileFault) in
      for path in paths { try disk.replaceFile(path, with: bytes) }
    }
  }
}

/// Runs what may fail on the disk, and says so in terms of a backup.
func onBackupDisk<Answer>(
  _ body: () throws(FileFault) -> Answer
) throws(BackupFault) -> Answer {
  do throws(FileFault) {
    return try body()
  } catch {
    throw .storage(.disk(error))
  }
}
