#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// What a ``MemoryFileSystem`` holds: names and files, each as they are now and as a crash would
/// leave them.
struct MemoryDisk {
  static let fileBytesMax = 1 << 32

  /// What a name leads to: a directory, or a file by its number.
  enum Entry: Equatable {
    case directory
    case file(Int)
  }

  /// A change of names within one directory.
  enum NameChange {
    case set(String, Entry?)
    case move(String, String, Entry)
  }

  var names: [String: Entry] = ["/": .directory]
  var durableNames: [String: Entry] = ["/": .directory]
  var unsyncedNames: [(directory: String, change: NameChange, stamp: Int)] = []
  var files: [MemoryFileContent] = []
  var locks: Set<String> = []
  /// What tells this machine from others.
  var machine = "machine"
  /// Grows by one with each crash; what was opened at an earlier age is dead.
  var age = 0

  /// Calls so far; only grows.
  var callCount = 0
  /// Successful ``DurableFile/syncData()`` calls so far; only grows.
  var syncCount = 0
  var faults: [MemoryFileSystem.InjectedFault] = []
  /// Calls that an injected fault failed so far; only grows.
  var failedCallCount = 0
  /// Grows with each change of names or bytes, and with each sync: tells the order of changes, and
  /// whether a power cut now could leave what one before could not.
  private(set) var changeCount = 0
  /// Who is shown the disk before each call that follows a change.
  var observer: (@Sendable (MemoryFileSystem.Moment) -> Void)?
  private var observedChangeCount = 0
  private var isShortWriteDue = false

  /// Counts a call and fails it if a fault is due, or the caller died with an earlier `life`.
  mutating func begin(
    _ operation: FileFault.Operation, _ path: String, by life: Int? = nil
  ) throws(FileFault) {
    if let life, life != age { throw FileFault(operation, path, errorNumber: EIO) }
    observe()
    callCount += 1
    isShortWriteDue = false
    for fault in faults where fault.isDue(at: callCount, operation) {
      failedCallCount += 1
      guard fault.isShortWrite, operation == .write else {
        throw FileFault(operation, path, errorNumber: fault.errorNumber)
      }
      isShortWriteDue = true
    }
  }

  private mutating func observe() {
    guard let observer, observedChangeCount != changeCount else { return }
    observedChangeCount = changeCount
    observer(MemoryFileSystem.Moment(self))
  }

  /// The place of the next change in the order of all.
  private mutating func nextStamp() -> Int {
    changeCount += 1
    return changeCount
  }

  /// Whether every call fails from now on, until the crash.
  var isStopped: Bool {
    faults.contains { $0.isDue(at: callCount, nil) && $0.lastCall == .max }
  }

  mutating func takeShortWrite() -> Bool {
    defer { isShortWriteDue = false }
    return isShortWriteDue
  }

  func requireDirectory(
    _ path: String, _ operation: FileFault.Operation
  ) throws(FileFault) {
    switch names[path] {
    case .directory: return
    case .file: throw FileFault(operation, path, errorNumber: ENOTDIR)
    case nil: throw FileFault(operation, path, errorNumber: ENOENT)
    }
  }

  /// The number of the file that `path` leads to, which is made or emptied as `mode` says.
  mutating func openFile(_ path: String, _ mode: FileMode) throws(FileFault) -> Int {
    switch (names[path], mode) {
    case (.directory, _): throw FileFault(.open, path, errorNumber: EISDIR)
    case (.file, .creating): throw FileFault(.open, path, errorNumber: EEXIST)
    case (.file(let number), .replacing):
      changeFile(number, .truncate(0))
      return number
    case (.file(let number), _): return number
    case (nil, .reading), (nil, .updating): throw FileFault(.open, path, errorNumber: ENOENT)
    case (nil, _): break
    }
    try requireDirectory(parentDirectory(of: path), .open)
    files.append(MemoryFileContent())
    change(.set(path, .file(files.count - 1)), in: parentDirectory(of: path))
    return files.count - 1
  }

  /// Changes names now, and durably once `directory` is synced.
  mutating func change(_ change: NameChange, in directory: String) {
    Self.apply(change, to: &names)
    unsyncedNames.append((directory, change, nextStamp()))
  }

  /// Changes a file's bytes now, and durably once it is synced.
  mutating func changeFile(_ number: Int, _ change: MemoryFileContent.Change) {
    files[number].apply(change, stamp: nextStamp())
  }

  /// Makes a file's bytes durable.
  mutating func syncFile(_ number: Int) {
    _ = nextStamp()
    syncCount += 1
    files[number].sync()
  }

  /// Makes the changes within `directory` durable.
  mutating func syncNames(of directory: String) {
    _ = nextStamp()
    for (changed, change, _) in unsyncedNames where changed == directory {
      Self.apply(change, to: &durableNames)
    }
    unsyncedNames.removeAll { $0.directory == directory }
  }

  static func apply(_ change: NameChange, to names: inout [String: Entry]) {
    switch change {
    case .set(let path, let entry): names[path] = entry
    case .move(let source, let target, let entry):
      names[source] = nil
      names[target] = entry
    }
  }
}

/// One file's bytes, now and after a crash.
struct MemoryFileContent {
  /// A change to a file's bytes.
  enum Change {
    case write(Int, [UInt8])
    case truncate(Int)
  }

  var current: [UInt8] = []
  var durable: [UInt8] = []
  var unsynced: [(change: Change, stamp: Int)] = []

  mutating func apply(_ change: Change, stamp: Int) {
    Self.apply(change, to: &current)
    unsynced.append((change, stamp))
  }

  mutating func sync() {
    for (change, _) in unsynced { Self.apply(change, to: &durable) }
    unsynced.removeAll()
  }

  /// A failed sync: readers still see the bytes, the disk never gets them.
  mutating func loseUnsynced() { unsynced.removeAll() }

  static func apply(_ change: Change, to bytes: inout [UInt8]) {
    switch change {
    case .truncate(let count):
      resize(&bytes, to: count)
    case .write(let offset, let run):
      if bytes.count < offset + run.count { resize(&bytes, to: offset + run.count) }
      bytes.replaceSubrange(offset..<(offset + run.count), with: run)
    }
  }

  private static func resize(_ bytes: inout [UInt8], to count: Int) {
    if count < bytes.count {
      bytes.removeLast(bytes.count - count)
    } else {
      bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
    }
  }
}
