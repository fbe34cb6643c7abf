internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// A disk in memory that keeps what is durable apart from what is merely written, and loses the
/// difference on ``crash(_:)``.
///
/// It is stricter than most real disks, so that code which relies on luck fails here: syncing a
/// file does not make its name durable, names of different directories become durable separately,
/// and a failed sync loses the unsynced bytes although readers still see them (as Linux does).
///
/// Invariants:
/// - Every name leads to a directory or to a file, and its parent is a directory.
/// - A file's durable bytes plus its unsynced changes, in order, are its current bytes, unless a
///   sync of it failed.
/// - After a crash, files and locks taken before it answer with an error for ever.
///
/// A class because all users of one disk share it; a mutex makes it safe from any thread.
package final class MemoryFileSystem: FileSystem {
  let disk: SharedMemoryDisk
  /// The age of the disk in which every call must come; nil for any.
  private let life: Int?

  /// An empty disk with a root directory, `/`.
  package convenience init() { self.init(SharedMemoryDisk(), life: nil) }

  /// A disk with this content.
  convenience init(_ content: MemoryDisk) {
    let disk = SharedMemoryDisk()
    disk.withLock { $0 = content }
    self.init(disk, life: nil)
  }

  private init(_ disk: SharedMemoryDisk, life: Int?) {
    self.disk = disk
    self.life = life
  }

  /// The same disk as one process sees it, which the next ``crash(_:)`` kills with all its threads:
  /// whatever they call after that fails.
  ///
  /// - Returns: The disk, until it crashes.
  package func process() -> MemoryFileSystem {
    MemoryFileSystem(disk, life: disk.withLock { $0.age })
  }

  /// See ``FileSystem/makeDirectory(_:)``.
  package func makeDirectory(_ path: String) throws(FileFault) {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.makeDirectory, path, by: life)
      switch disk.names[path] {
      case .directory: return
      case .file: throw FileFault(.makeDirectory, path, errorNumber: EEXIST)
      case nil: break
      }
      try disk.requireDirectory(parentDirectory(of: path), .makeDirectory)
      disk.change(.set(path, .directory), in: parentDirectory(of: path))
    }
  }

  /// See ``FileSystem/exists(_:)``.
  package func exists(_ path: String) throws(FileFault) -> Bool {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.inspect, path, by: life)
      return disk.names[path] != nil
    }
  }

  /// See ``FileSystem/list(_:)``.
  package func list(_ path: String) throws(FileFault) -> [String] {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.list, path, by: life)
      try disk.requireDirectory(path, .list)
      let inside = disk.names.keys.filter { $0 != "/" && parentDirectory(of: $0) == path }
      let prefix = path == "/" ? 1 : path.utf8.count + 1
      return inside.map { String($0.utf8.dropFirst(prefix)) ?? $0 }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  /// See ``FileSystem/open(_:for:)``.
  package func open(_ path: String, for mode: FileMode) throws(FileFault) -> any DurableFile {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.open, path, by: life)
      let number = try disk.openFile(path, mode)
      return MemoryFile(path: path, number: number, age: disk.age, system: self)
    }
  }

  /// See ``FileSystem/rename(_:to:)``.
  package func rename(_ source: String, to target: String) throws(FileFault) {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.rename, source, by: life)
      guard case .file(let number) = disk.names[source] else {
        throw FileFault(.rename, source, errorNumber: ENOENT)
      }
      let directory = parentDirectory(of: source)
      guard parentDirectory(of: target) == directory else {
        throw FileFault(.rename, source, errorNumber: EXDEV)
      }
      if case .directory = disk.names[target] {
        throw FileFault(.rename, source, errorNumber: EISDIR)
      }
      disk.change(.move(source, target, .file(number)), in: directory)
    }
  }

  /// See ``FileSystem/remove(_:)``.
  package func remove(_ path: String) throws(FileFault) {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.remove, path, by: life)
      guard case .file = disk.names[path] else {
        throw FileFault(.remove, path, errorNumber: disk.names[path] == nil ? ENOENT : EISDIR)
      }
      disk.change(.set(path, nil), in: parentDirectory(of: path))
    }
  }

  /// See ``FileSystem/syncDirectory(_:)``.
  package func syncDirectory(_ path: String) throws(FileFault) {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.syncDirectory, path, by: life)
      try disk.requireDirectory(path, .syncDirectory)
      disk.syncNames(of: path)
    }
  }

  /// See ``FileSystem/place(of:)``.
  package func place(of path: String) throws(FileFault) -> [UInt8] {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.inspect, path, by: life)
      guard case .file(let number) = disk.names[path] else {
        throw FileFault(.inspect, path, errorNumber: ENOENT)
      }
      return [UInt8]("\(disk.machine)\n\(number)\n\(path)".utf8)
    }
  }

  /// A disk with the same content in another machine, as when a store is copied.
  ///
  /// - Parameter machine: What tells the machines apart.
  /// - Returns: The copy; the two change independently, and nobody holds its locks.
  package func copy(machine: String) -> MemoryFileSystem {
    var content = disk.withLock { $0 }
    content.machine = machine
    content.locks = []
    content.observer = nil
    return MemoryFileSystem(content)
  }

  /// See ``FileSystem/lock(_:)``.
  package func lock(_ path: String) throws(FileFault) -> any FileLock {
    try disk.withLock { disk throws(FileFault) in
      try disk.begin(.lock, path, by: life)
      if disk.names[path] == nil { _ = try disk.openFile(path, .creating) }
      guard disk.locks.insert(path).inserted else {
        throw FileFault(.lock, path, errorNumber: EWOULDBLOCK)
      }
      return MemoryLock(path: path, age: disk.age, system: self)
    }
  }
}

/// What all handles of one disk share.
final class SharedMemoryDisk: Sendable {
  private let content = Mutex(MemoryDisk())

  func withLock<Answer, Failure: Error>(
    _ body: (inout MemoryDisk) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    try content.withLock { content throws(Failure) in try body(&content) }
  }
}

/// A lock on a ``MemoryFileSystem``, given back when the last reference to it goes.
final class MemoryLock: FileLock {
  private let path: String
  private let age: Int
  private let system: MemoryFileSystem

  init(path: String, age: Int, system: MemoryFileSystem) {
    self.path = path
    self.age = age
    self.system = system
  }

  deinit {
    system.disk.withLock { disk in
      if disk.age == age { disk.locks.remove(path) }
    }
  }
}
