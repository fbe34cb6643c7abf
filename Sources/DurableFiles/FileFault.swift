#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Why the disk, or whoever governs it, did not do what was asked.
///
/// A fault names the operation, the path and the system's error number; ``remedy`` says what a
/// person can do about it. It never holds file content.
public struct FileFault: Error, Equatable, Sendable {
  /// What was asked of the file system.
  public enum Operation: String, Sendable {
    case open, read, write, truncate, sync, measure, lock, rename, remove, list, inspect
    case makeDirectory = "make directory"
    case syncDirectory = "sync directory"
  }

  /// What was asked.
  public let operation: Operation
  /// The file or directory it was asked of.
  public let path: String
  /// The system's error number (`errno`).
  public let errorNumber: Int32

  /// A fault of `operation` on `path`.
  ///
  /// - Parameters:
  ///   - operation: What was asked.
  ///   - path: The file or directory it was asked of.
  ///   - errorNumber: The system's error number.
  public init(_ operation: Operation, _ path: String, errorNumber: Int32) {
    self.operation = operation
    self.path = path
    self.errorNumber = errorNumber
  }
}

extension FileFault {
  /// Whether the file or directory does not exist.
  public var isNotFound: Bool { errorNumber == ENOENT || errorNumber == ENOTDIR }

  /// Whether the file exists although a new one was asked for.
  public var isAlreadyThere: Bool { errorNumber == EEXIST }

  /// Whether the disk or the quota is full.
  public var isDiskFull: Bool { errorNumber == ENOSPC || errorNumber == EDQUOT }

  /// Whether the system refused for lack of permission.
  public var isPermissionDenied: Bool {
    errorNumber == EACCES || errorNumber == EPERM || errorNumber == EROFS
  }

  /// Whether another process, or another part of this one, holds the lock that was asked for.
  public var isLockedElsewhere: Bool { operation == .lock && errorNumber == EWOULDBLOCK }

  /// What a person can do about it.
  public var remedy: String {
    switch errorNumber {
    case ENOENT, ENOTDIR: "check the path"
    case EEXIST: "choose another path, or remove what is there"
    case ENOSPC: "free some space on this disk, then try again"
    case EDQUOT: "raise the quota or free some space, then try again"
    case EACCES, EPERM: "give this user permission to read and write it"
    case EROFS: "remount the disk for writing"
    case EWOULDBLOCK where operation == .lock: "close the other program that has it open"
    case EMFILE, ENFILE: "raise the limit of open files"
    case EIO: "check the disk: it may be failing"
    default: "see the system's log"
    }
  }
}

extension FileFault: CustomStringConvertible {
  /// One line: what, where, why, and what to do.
  public var description: String {
    "cannot \(operation.rawValue) \(path): \(reason); \(remedy)"
  }

  private var reason: String {
    switch errorNumber {
    case ENOENT: "no such file or directory"
    case ENOTDIR: "a part of the path is not a directory"
    case EISDIR: "it is a directory"
    case EEXIST: "it already exists"
    case ENOSPC: "the disk is full"
    case EDQUOT: "the quota is used up"
    case EACCES, EPERM: "permission denied"
    case EROFS: "the disk is read-only"
    case EWOULDBLOCK where operation == .lock: "it is open elsewhere"
    case EMFILE, ENFILE: "too many open files"
    case EIO: "input/output error"
    default: "system error \(errorNumber)"
    }
  }
}
