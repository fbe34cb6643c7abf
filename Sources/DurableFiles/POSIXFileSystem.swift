#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// The real disk, by POSIX calls.
///
/// Interrupted calls are repeated and short reads and writes continued. New files are readable and
/// writable by their owner alone, because they hold personal data; child processes inherit none.
///
/// A path passed to C is a string's zero-ended copy that lives for the call: this is what the word
/// `unsafe` before such calls stands for.
package struct POSIXFileSystem: FileSystem {
  /// The file system of this process.
  package init() {}

  /// See ``FileSystem/makeDirectory(_:)``. The corresponding C function is `mkdir`.
  package func makeDirectory(_ path: String) throws(FileFault) {
    guard unsafe mkdir(path, 0o700) != 0 else { return }
    let errorNumber = errno
    if errorNumber == EEXIST, isDirectory(path) { return }
    throw FileFault(.makeDirectory, path, errorNumber: errorNumber)
  }

  /// See ``FileSystem/exists(_:)``. The corresponding C function is `stat`.
  package func exists(_ path: String) throws(FileFault) -> Bool {
    var status = stat()
    // The structure outlives the call, which fills it.
    guard unsafe stat(path, &status) != 0 else { return true }
    let fault = FileFault(.inspect, path, errorNumber: errno)
    guard fault.isNotFound else { throw fault }
    return false
  }

  /// See ``FileSystem/list(_:)``. The corresponding C function is `readdir`.
  package func list(_ path: String) throws(FileFault) -> [String] {
    #if canImport(Darwin)
      var opened: UnsafeMutablePointer<DIR>?
    #else
      var opened: OpaquePointer?
    #endif
    let errorNumber = repeatingInterrupted {
      // What is opened is closed once, below.
      unsafe opened = opendir(path)
      return unsafe opened == nil ? -1 : 0
    }
    guard let directory = unsafe opened else {
      throw FileFault(.list, path, errorNumber: errorNumber)
    }
    defer { unsafe _ = closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(directory) {
      // The system ends the name with a zero inside the entry, which lives until the next call.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 1) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileFault(.list, path, errorNumber: errno) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// See ``FileSystem/open(_:for:)``. The corresponding C function is `open`.
  package func open(_ path: String, for mode: FileMode) throws(FileFault) -> any DurableFile {
    POSIXFile(path: path, descriptor: try openDescriptor(path, flags: mode.flags, .open))
  }

  /// See ``FileSystem/rename(_:to:)``. The corresponding C function is `rename`.
  package func rename(_ source: String, to target: String) throws(FileFault) {
    #if canImport(Darwin)
      let result = unsafe Darwin.rename(source, target)
    #else
      let result = unsafe Glibc.rename(source, target)
    #endif
    guard result == 0 else { throw FileFault(.rename, source, errorNumber: errno) }
  }

  /// See ``FileSystem/remove(_:)``. The corresponding C function is `unlink`.
  package func remove(_ path: String) throws(FileFault) {
    guard unsafe unlink(path) == 0 else { throw FileFault(.remove, path, errorNumber: errno) }
  }

  /// See ``FileSystem/syncDirectory(_:)``. The corresponding C function is `fsync`.
  package func syncDirectory(_ path: String) throws(FileFault) {
    let descriptor = try openDescriptor(path, flags: O_RDONLY | O_DIRECTORY, .syncDirectory)
    defer { _ = close(descriptor) }
    let errorNumber = repeatingInterrupted { fsync(descriptor) }
    guard errorNumber == 0 else {
      throw FileFault(.syncDirectory, path, errorNumber: errorNumber)
    }
  }

  /// See ``FileSystem/place(of:)``. The corresponding C functions are `stat` and `realpath`.
  package func place(of path: String) throws(FileFault) -> [UInt8] {
    var status = stat()
    // The structure outlives the call, which fills it.
    guard unsafe stat(path, &status) == 0, let full = unsafe realpath(path, nil) else {
      throw FileFault(.inspect, path, errorNumber: errno)
    }
    // The system made the string, which ends with a zero, for us to free once.
    defer { unsafe free(full) }
    let machine = (try? readFile("/etc/machine-id", byteCountMax: 64)) ?? []
    return machine + [UInt8]("\n\(status.st_ino)\n".utf8)
      + [UInt8](unsafe String(cString: full).utf8)
  }

  /// See ``FileSystem/lock(_:)``. The corresponding C function is `flock`.
  package func lock(_ path: String) throws(FileFault) -> any FileLock {
    let descriptor = try openDescriptor(path, flags: O_RDWR | O_CREAT, .lock)
    let file = POSIXFile(path: path, descriptor: descriptor)
    let errorNumber = repeatingInterrupted { flock(descriptor, LOCK_EX | LOCK_NB) }
    guard errorNumber == 0 else { throw FileFault(.lock, path, errorNumber: errorNumber) }
    return file
  }

  private func isDirectory(_ path: String) -> Bool {
    var status = stat()
    // The structure outlives the call, which fills it.
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func openDescriptor(
    _ path: String, flags: Int32, _ operation: FileFault.Operation
  ) throws(FileFault) -> Int32 {
    while true {
      #if canImport(Darwin)
        let descriptor = unsafe Darwin.open(path, flags | O_CLOEXEC, 0o600)
      #else
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
      #endif
      if descriptor >= 0 { return descriptor }
      if errno != EINTR { throw FileFault(operation, path, errorNumber: errno) }
    }
  }
}

extension FileMode {
  fileprivate var flags: Int32 {
    switch self {
    case .reading: O_RDONLY
    case .updating: O_RDWR
    case .creating: O_RDWR | O_CREAT | O_EXCL
    case .replacing: O_RDWR | O_CREAT | O_TRUNC
    }
  }
}
