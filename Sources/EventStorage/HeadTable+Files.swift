internal import BinaryCoding
internal import DurableFiles
internal import EventModel

extension HeadTable {
  /// A store's heads, and whether both copies held them.
  struct Loaded {
    var table = HeadTable()
    /// What was wrong with a copy that could not be used.
    var damages: [StoreDamage] = []
    /// Whether one copy is there and whole, and the other is not.
    var isCopyMissing = false
  }

  /// Reads both copies and takes the newer one that is whole.
  ///
  /// A store without either opens all the same: own heads are signed again, and those of others come
  /// with the next events of theirs.
  static func load(
    from files: StoreFiles, book: BookID, _ fileSystem: any FileSystem
  ) throws(StorageError) -> Loaded {
    var loaded = Loaded()
    var found: [HeadTable] = []
    for path in [files.heads, files.headsCopy] {
      guard try onDisk({ () throws(FileFault) in try fileSystem.exists(path) }) else { continue }
      let bytes = try onDisk { () throws(FileFault) in
        try fileSystem.readFile(path, byteCountMax: byteCountMax)
      }
      do throws(DecodingFault) {
        found.append(try HeadTable(bytes, book: book))
      } catch {
        loaded.damages.append(
          StoreDamage(
            file: files.relative(path), offset: 0, byteCount: UInt64(bytes.count),
            problem: "\(error)"))
      }
    }
    loaded.isCopyMissing = found.count == 1 || !loaded.damages.isEmpty
    if let newest = found.max(by: { $0.generation < $1.generation }) { loaded.table = newest }
    return loaded
  }

  /// Writes both copies, one after the other: at every moment one of them is whole.
  ///
  /// Durable on return.
  mutating func save(
    to files: StoreFiles, book: BookID, _ fileSystem: any FileSystem
  ) throws(StorageError) {
    let bytes = encoded(book: book)
    try onDisk { () throws(FileFault) in
      try fileSystem.replaceFile(files.heads, with: bytes)
      try fileSystem.replaceFile(files.headsCopy, with: bytes)
    }
    noteSaved(byteCount: bytes.count)
  }
}
