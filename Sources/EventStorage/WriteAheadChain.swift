internal import DurableFiles
internal import EventModel

/// The write-ahead logs of a store, read to their ends: the one that the manifest names and, after a
/// seal that was cut short, the one that continues it.
struct WriteAheadChain {
  /// One file of the chain.
  struct Link {
    let file: any DurableFile
    let header: WriteAheadHeader
    let scan: WriteAheadScan

    var name: String { "log/" + StoreFiles.writeAheadName(header.number) }
  }

  /// One or two files, in position order.
  private(set) var links: [Link] = []
  /// What is wrong, in the order it was found; reading goes on behind it where it can.
  private(set) var damages: [StoreDamage] = []

  /// Reads the files.
  ///
  /// - Parameters:
  ///   - manifest: Names the first of them.
  ///   - files: Where they are.
  ///   - fileSystem: The disk.
  ///   - mode: What they are opened for.
  ///   - begin: Gets each file and its header before its frames.
  ///   - body: Gets each whole frame in order.
  /// - Throws: `StorageError.damaged` when the file that the manifest names is missing or another
  ///   one; `StorageError.disk`, or what `body` throws.
  init(
    _ manifest: Manifest, in files: StoreFiles, _ fileSystem: any FileSystem, for mode: FileMode,
    begin: (any DurableFile, WriteAheadHeader) -> Void,
    _ body: (WriteAheadScan.Frame) throws(StorageError) -> Void
  ) throws(StorageError) {
    let header = WriteAheadHeader(
      book: manifest.identity.book, origin: manifest.identity.origin,
      number: manifest.writeAheadNumber, basePosition: manifest.basePosition)
    let file = try Self.open(header, in: files, fileSystem, for: mode)
    let first = try Self.read(file, header, cleanEnd: manifest.cleanEnd, begin, body)
    add(first)
    guard
      let (file, header) = try Self.continuation(of: first, in: files, fileSystem, for: mode)
    else { return }
    let second = try Self.read(file, header, cleanEnd: 0, begin, body)
    let isContinued = second.scan.nextPosition > header.basePosition
    // Without a frame it is what a seal left that was cut short before it counted.
    guard isContinued || second.scan.damage != nil else { return }
    let isShort = first.scan.nextPosition < header.basePosition
    if first.scan.damage == nil, isShort || first.scan.tornByteCount > 0 {
      damages.append(Self.missingEnd(of: first, before: second))
    }
    add(second)
  }

  private mutating func add(_ link: Link) {
    links.append(link)
    if let damage = link.scan.damage { damages.append(damage) }
  }

  private static func read(
    _ file: any DurableFile, _ header: WriteAheadHeader, cleanEnd: UInt64,
    _ begin: (any DurableFile, WriteAheadHeader) -> Void,
    _ body: (WriteAheadScan.Frame) throws(StorageError) -> Void
  ) throws(StorageError) -> Link {
    begin(file, header)
    let name = "log/" + StoreFiles.writeAheadName(header.number)
    let scan = try WriteAheadScan(file, name: name, header: header, cleanEnd: cleanEnd, body)
    return Link(file: file, header: header, scan: scan)
  }

  /// Opens the write-ahead log that the manifest names and checks its header.
  private static func open(
    _ expected: WriteAheadHeader, in files: StoreFiles, _ fileSystem: any FileSystem,
    for mode: FileMode
  ) throws(StorageError) -> any DurableFile {
    let name = "log/" + StoreFiles.writeAheadName(expected.number)
    let file: any DurableFile
    do throws(FileFault) {
      file = try fileSystem.open(files.writeAhead(expected.number), for: mode)
    } catch {
      guard error.isNotFound else { throw .disk(error) }
      throw .damaged(
        StoreDamage(file: name, offset: 0, byteCount: 0, problem: "the file is missing"))
    }
    guard try headerBytes(of: file) == expected.encoded else {
      throw .damaged(
        StoreDamage(
          file: name, offset: 0, byteCount: UInt64(WriteAheadHeader.byteCount),
          problem: "the header is not what the manifest says"))
    }
    return file
  }

  /// The next file, if it begins at or behind the end of this one: older ones are leftovers.
  private static func continuation(
    of first: Link, in files: StoreFiles, _ fileSystem: any FileSystem, for mode: FileMode
  ) throws(StorageError) -> (any DurableFile, WriteAheadHeader)? {
    let path = files.writeAhead(first.header.number + 1)
    guard try onDisk({ () throws(FileFault) in try fileSystem.exists(path) }) else { return nil }
    let file = try onDisk { () throws(FileFault) in try fileSystem.open(path, for: mode) }
    let bytes = try headerBytes(of: file)
    guard let header = try? WriteAheadHeader(bytes),
      header.book == first.header.book, header.origin == first.header.origin,
      header.number == first.header.number + 1,
      header.basePosition >= first.scan.nextPosition
    else { return nil }
    return (file, header)
  }

  private static func headerBytes(of file: any DurableFile) throws(StorageError) -> [UInt8] {
    try onDisk { () throws(FileFault) in
      try file.read(count: WriteAheadHeader.byteCount, at: 0)
    }
  }

  /// Unlike at the end of the last file, what is unreadable here had been acknowledged.
  private static func missingEnd(of first: Link, before second: Link) -> StoreDamage {
    let next = first.scan.nextPosition
    let missing = next < second.header.basePosition ? next...(second.header.basePosition - 1) : nil
    return StoreDamage(
      file: first.name, offset: first.scan.end, byteCount: first.scan.tornByteCount,
      positions: missing,
      problem: "its last frames are missing or unreadable, and \(second.name) continues it")
  }
}
