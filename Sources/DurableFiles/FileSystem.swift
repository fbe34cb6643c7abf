/// The few things Daybook asks of a disk, so that the same code runs on a real one and on one that
/// loses power on command.
///
/// Paths are plain strings with `/` between their parts. Calls block. What each promises about
/// power loss is part of its contract:
///
/// | state | becomes durable by |
/// | --- | --- |
/// | bytes and length of a file | ``DurableFile/syncData()`` |
/// | a new, renamed or removed name | ``syncDirectory(_:)`` of the directory that holds it |
///
/// Everything else may be lost, kept or, for bytes, kept in part. ``POSIXFileSystem`` and
/// ``MemoryFileSystem`` pass the same contract suite.
package protocol FileSystem: Sendable {
  /// Makes the directory `path`; its parent must exist. Succeeds if the directory is there already.
  ///
  /// - Parameter path: The directory to make, readable and writable by its owner alone.
  /// - Throws: ``FileFault``.
  func makeDirectory(_ path: String) throws(FileFault)

  /// Whether a file or directory has this name.
  ///
  /// - Parameter path: The name to look up.
  /// - Returns: False if any part of the path is missing.
  /// - Throws: ``FileFault`` if the answer cannot be known, for lack of permission for example.
  func exists(_ path: String) throws(FileFault) -> Bool

  /// The names in a directory, in ascending byte order, without `.` and `..`.
  ///
  /// - Parameter path: The directory to list.
  /// - Returns: Names, not paths.
  /// - Throws: ``FileFault``.
  func list(_ path: String) throws(FileFault) -> [String]

  /// Opens a file; it closes when the last reference to it goes.
  ///
  /// - Parameters:
  ///   - path: The file to open; its directory must exist.
  ///   - mode: What for, and whether it must exist.
  /// - Returns: The open file.
  /// - Throws: ``FileFault``; see ``FileFault/isNotFound`` and ``FileFault/isAlreadyThere``.
  func open(_ path: String, for mode: FileMode) throws(FileFault) -> any DurableFile

  /// Gives a file another name, replacing whatever file had it, in one step.
  ///
  /// - Parameters:
  ///   - source: The present name.
  ///   - target: The new name, in the same directory.
  /// - Throws: ``FileFault``.
  func rename(_ source: String, to target: String) throws(FileFault)

  /// Removes a file's name. Whoever has the file open can still read it.
  ///
  /// - Parameter path: The file to remove.
  /// - Throws: ``FileFault``.
  func remove(_ path: String) throws(FileFault)

  /// Makes the names in a directory durable: those added, changed and removed so far.
  ///
  /// - Parameter path: The directory whose names to sync.
  /// - Throws: ``FileFault``.
  func syncDirectory(_ path: String) throws(FileFault)

  /// What tells where a file lies: the machine, the file's number on its disk, its full path.
  ///
  /// A copy of a file, on the same machine or another, has another place; so has one that was moved.
  ///
  /// - Parameter path: A file that exists.
  /// - Returns: Bytes to compare, or to hash; without meaning otherwise.
  /// - Throws: ``FileFault``.
  func place(of path: String) throws(FileFault) -> [UInt8]

  /// Takes an exclusive lock, making the lock file if need be. The lock goes with the last
  /// reference to it, or with the process.
  ///
  /// - Parameter path: The lock file; it holds nothing.
  /// - Returns: The lock, to be kept as long as it is needed.
  /// - Throws: ``FileFault``, with ``FileFault/isLockedElsewhere`` if somebody holds it.
  func lock(_ path: String) throws(FileFault) -> any FileLock
}

/// What a file is opened for.
package enum FileMode: Sendable {
  /// Reading a file that exists.
  case reading
  /// Reading and writing a file that exists.
  case updating
  /// Reading and writing a file that must not exist yet.
  case creating
  /// Reading and writing an empty file, whether or not one was there.
  case replacing
}

/// An open file, read and written by position.
///
/// A class behind a protocol because it is one shared thing: snapshots read the file that the
/// writer may have unlinked meanwhile.
package protocol DurableFile: AnyObject, Sendable {
  /// The path it was opened by.
  var path: String { get }

  /// Reads up to `count` bytes.
  ///
  /// - Parameters:
  ///   - count: How many bytes to read; this much memory is taken at once, so bound it first.
  ///   - offset: Where to start, in bytes from the start of the file.
  /// - Returns: Exactly `count` bytes, or fewer where the file ends.
  /// - Throws: ``FileFault``.
  func read(count: Int, at offset: UInt64) throws(FileFault) -> [UInt8]

  /// Writes all of `bytes`, growing the file if it ends before them.
  ///
  /// - Parameters:
  ///   - bytes: What to write.
  ///   - offset: Where to start, in bytes from the start of the file.
  /// - Throws: ``FileFault``; some of the bytes may then have been written.
  func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(FileFault)

  /// The file's length in bytes.
  ///
  /// - Returns: The length as last written, durable or not.
  /// - Throws: ``FileFault``.
  func byteCount() throws(FileFault) -> UInt64

  /// Cuts the file, or extends it with zeros.
  ///
  /// - Parameter byteCount: The new length.
  /// - Throws: ``FileFault``.
  func truncate(to byteCount: UInt64) throws(FileFault)

  /// Makes the file's bytes and length durable.
  ///
  /// - Throws: ``FileFault``. Nothing written since the last success can then be trusted, and a
  ///   second call that succeeds proves nothing: the system may have dropped the bytes. Reopen
  ///   the file and look.
  func syncData() throws(FileFault)
}

/// An exclusive lock that lasts as long as it is referred to.
package protocol FileLock: AnyObject, Sendable {}
