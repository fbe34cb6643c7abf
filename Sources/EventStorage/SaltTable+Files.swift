internal import BinaryCoding
internal import DurableFiles
internal import EventModel

extension SaltTable {
  /// A store's salts, and whether both copies held them.
  struct Loaded {
    var table = SaltTable()
    /// What was wrong with a copy that could not be used.
    var damages: [StoreDamage] = []
    /// Whether one copy lacks or is not what the other is, as after a crash between the two. What was
    /// destroyed in one must not stay in the other.
    var isCopyMissing = false
  }

  /// Reads both copies and takes the newer one that is whole.
  ///
  /// - Throws: `StorageError.damaged` when there are segments and neither copy is whole.
  static func load(
    from files: StoreFiles, _ manifest: Manifest, _ fileSystem: any FileSystem
  ) throws(StorageError) -> Loaded {
    var loaded = Loaded()
    var found: [SaltTable] = []
    for path in [files.salts, files.saltsCopy] {
      let name = files.relative(path)
      guard try onDisk({ () throws(FileFault) in try fileSystem.exists(path) }) else {
        loaded.damages.append(
          StoreDamage(file: name, offset: 0, byteCount: 0, problem: "the file is missing"))
        continue
      }
      let bytes = try onDisk { () throws(FileFault) in
        try fileSystem.readFile(path, byteCountMax: byteCountMax)
      }
      do throws(DecodingFault) {
        found.append(try SaltTable(bytes, book: manifest.identity.book))
      } catch {
        loaded.damages.append(
          StoreDamage(
            file: name, offset: 0, byteCount: UInt64(bytes.count), problem: "\(error)"))
      }
    }
    loaded.isCopyMissing = found.count == 1 || (found.count == 2 && found[0] != found[1])
    if manifest.segments.isEmpty { loaded.damages.removeAll { $0.byteCount == 0 } }
    if let newest = found.max(by: { $0.generation < $1.generation }) {
      loaded.table = newest
      return loaded
    }
    guard manifest.segments.isEmpty else { throw .damaged(loaded.damages[0]) }
    return loaded
  }

  /// Reads the salts like ``load(from:_:_:)``, and puts one flipped bit right where no copy is whole.
  static func loadCorrected(
    from files: StoreFiles, _ manifest: Manifest, _ fileSystem: any FileSystem
  ) throws(StorageError) -> SaltTable {
    do throws(StorageError) {
      return try load(from: files, manifest, fileSystem).table
    } catch {
      guard case .damaged = error else { throw error }
      var found: [SaltTable] = []
      for path in [files.salts, files.saltsCopy] {
        guard try onDisk({ () throws(FileFault) in try fileSystem.exists(path) }) else { continue }
        let bytes = try onDisk { () throws(FileFault) in
          try fileSystem.readFile(path, byteCountMax: byteCountMax)
        }
        let table = bytes.corrected.flatMap {
          try? SaltTable($0, book: manifest.identity.book)
        }
        if let table { found.append(table) }
      }
      guard let newest = found.max(by: { $0.generation < $1.generation }) else { throw error }
      return newest
    }
  }

  /// Writes both copies, one after the other: at every moment one of them is whole.
  ///
  /// Durable on return. `position` is the last one whose events are in the log; `erasingOld` says
  /// whether the files from before are overwritten, since salts were destroyed.
  mutating func save(
    to files: StoreFiles, book: BookID, through position: UInt64, _ fileSystem: any FileSystem,
    erasingOld: Bool = false
  ) throws(StorageError) {
    let bytes = encoded(book: book, through: position)
    for path in [files.salts, files.saltsCopy] {
      try onDisk { () throws(FileFault) in
        guard erasingOld else { return try fileSystem.replaceFile(path, with: bytes) }
        try fileSystem.replaceFileErasing(path, with: bytes)
      }
    }
    noteSaved(byteCount: bytes.count, through: position)
  }
}
