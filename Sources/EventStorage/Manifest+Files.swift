internal import DurableFiles

extension Manifest {
  /// A store's manifest, and whether both copies held it.
  struct Loaded {
    let manifest: Manifest
    let areCopiesEqual: Bool
    /// What was wrong with a copy that could not be used.
    let damages: [StoreDamage]
  }

  /// Writes both copies, one after the other: at every moment one of them is whole.
  ///
  /// Durable on return. When it throws, either this manifest or the one before counts.
  func write(to files: StoreFiles, _ fileSystem: any FileSystem) throws(StorageError) {
    let bytes = encoded
    try onDisk { () throws(FileFault) in
      try fileSystem.replaceFile(files.manifest, with: bytes)
      try fileSystem.replaceFile(files.manifestCopy, with: bytes)
    }
  }

  /// Reads both copies and takes the newer one that is whole.
  ///
  /// - Parameters:
  ///   - files: Where they are.
  ///   - fileSystem: The disk.
  ///   - versions: Which versions to read.
  /// - Returns: The newer manifest.
  /// - Throws: `StorageError.notAStore`, `.version`, `.damaged` or `.disk`.
  static func load(
    from files: StoreFiles, _ fileSystem: any FileSystem,
    versions: [UInt32] = [LogIdentity.formatVersionWritten]
  ) throws(StorageError) -> Loaded {
    var found: [Manifest] = []
    var damages: [StoreDamage] = []
    var otherVersion: StorageError?
    for path in [files.manifest, files.manifestCopy] {
      guard try onDisk({ () throws(FileFault) in try fileSystem.exists(path) }) else {
        damages.append(damage(files.relative(path), 0, "the file is missing"))
        continue
      }
      let bytes = try onDisk { () throws(FileFault) in
        try fileSystem.readFile(path, byteCountMax: byteCountMax)
      }
      do throws(Fault) {
        found.append(try Manifest(bytes, versions: versions))
      } catch {
        switch error {
        case .version(let version):
          otherVersion = .version(
            file: path, found: version, supported: LogIdentity.formatVersionWritten)
          damages.append(damage(files.relative(path), bytes.count, "format version \(version)"))
        case .decoding(let fault):
          damages.append(damage(files.relative(path), bytes.count, "\(fault)"))
        }
      }
    }
    guard let newest = found.max(by: { $0.generation < $1.generation }) else {
      if let otherVersion { throw otherVersion }
      guard damages.contains(where: { $0.byteCount > 0 }) else {
        throw .notAStore(directory: files.directory)
      }
      throw .damaged(damages.first { $0.byteCount > 0 } ?? damages[0])
    }
    return Loaded(
      manifest: newest, areCopiesEqual: found.count == 2 && found[0] == found[1],
      damages: damages)
  }

  /// Reads the manifest like ``load(from:_:)``, and puts one flipped bit right where no copy is whole.
  static func loadCorrected(
    from files: StoreFiles, _ fileSystem: any FileSystem
  ) throws(StorageError) -> Loaded {
    do throws(StorageError) {
      return try load(from: files, fileSystem)
    } catch {
      var damages: [StoreDamage] = []
      var found: [Manifest] = []
      for path in [files.manifest, files.manifestCopy] {
        guard try onDisk({ () throws(FileFault) in try fileSystem.exists(path) }) else { continue }
        let bytes = try onDisk { () throws(FileFault) in
          try fileSystem.readFile(path, byteCountMax: byteCountMax)
        }
        guard let manifest = bytes.corrected.flatMap({ try? Manifest($0) }) else { continue }
        damages.append(damage(files.relative(path), bytes.count, "one bit is wrong"))
        found.append(manifest)
      }
      guard let newest = found.max(by: { $0.generation < $1.generation }) else { throw error }
      return Loaded(manifest: newest, areCopiesEqual: false, damages: damages)
    }
  }

  private static func damage(_ file: String, _ byteCount: Int, _ problem: String) -> StoreDamage {
    StoreDamage(file: file, offset: 0, byteCount: UInt64(byteCount), problem: problem)
  }
}
