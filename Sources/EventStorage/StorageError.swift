public import DurableFiles
public import HybridTime

/// Why the log refused, or could not do, what was asked.
public enum StorageError: Error, Equatable, Sendable {
  /// There is no store in the directory.
  case notAStore(directory: String)
  /// A store is there already.
  case alreadyAStore(directory: String)
  /// Another process, or another part of this one, has the store open.
  case locked(directory: String)
  /// Another version of the format wrote the file.
  case version(file: String, found: UInt32, supported: UInt32)
  /// Bytes at rest are not what they were; nothing was deleted.
  case damaged(StoreDamage)
  /// The disk did not do what was asked. A batch that failed so did not happen.
  case disk(FileFault)
  /// A write or sync failed earlier, so nothing can be acknowledged until the store is reopened.
  case poisoned
  /// The log was closed.
  case closed
  /// An event is too large; nothing of its batch was appended.
  case eventTooLarge(index: Int, byteCount: Int, max: Int)
  /// A batch is too large to be written in one step; nothing of it was appended.
  case batchTooLarge(byteCount: Int, max: Int)
  /// An event has a malformed shape, such as 17 sections; nothing of its batch was appended.
  case malformedEvent(index: Int)
  /// A peer holds events of this replica that this replica does not hold: it is an older copy.
  case unknownOwnEvent(Dot)
  /// A sequence is too high to be real.
  case implausibleSequence(Dot)
  /// The salts of an event came neither with it nor before it, so nothing could prove it.
  case missingSalts(Dot)
}

/// Where bytes at rest are not what they were.
public struct StoreDamage: Error, Equatable, Sendable {
  /// The file, within the store.
  public let file: String
  /// Where the damage begins, in bytes from the start of the file.
  public let offset: UInt64
  /// How many bytes cannot be trusted.
  public let byteCount: UInt64
  /// The positions of the events concerned, if any and if they can be known.
  public let positions: ClosedRange<UInt64>?
  /// What is wrong.
  public let problem: String

  /// Joins the parts.
  package init(
    file: String, offset: UInt64, byteCount: UInt64, positions: ClosedRange<UInt64>? = nil,
    problem: String
  ) {
    self.file = file
    self.offset = offset
    self.byteCount = byteCount
    self.positions = positions
    self.problem = problem
  }
}

extension StoreDamage: CustomStringConvertible {
  /// One line: file, place, extent, problem.
  public var description: String {
    let events = positions.map { ", events at \($0.lowerBound) to \($0.upperBound)" } ?? ""
    return "\(file), byte \(offset), \(byteCount) bytes\(events): \(problem)"
  }
}

extension StorageError: CustomStringConvertible {
  /// One line: what, where, and what to do.
  public var description: String {
    switch self {
    case .notAStore(let directory):
      "no store in \(directory); make one with 'daybook init', or name another with --store"
    case .alreadyAStore(let directory):
      "there is a store in \(directory) already; choose another directory"
    case .locked(let directory):
      "the store \(directory) is open elsewhere; close the other program, then try again"
    case .version(let file, let found, let supported):
      "\(file) has format \(formatText(found)), this program reads format"
        + " \(formatText(supported)); "
        + (LogIdentity.formatVersionsUpgraded.contains(found)
          ? "run 'daybook upgrade'" : "use the program that wrote it, or a newer one")
    case .damaged(let damage):
      "\(damage); nothing was deleted; run 'daybook verify' for the full extent"
    case .disk(let fault): fault.description
    case .poisoned:
      "an earlier write failed, so the log takes no more; reopen the store"
    case .closed: "the log is closed; open the store again"
    case .eventTooLarge(let index, let byteCount, let max):
      "event \(index) of the batch has \(byteCount) bytes, at most \(max) are allowed"
    case .batchTooLarge(let byteCount, let max):
      "the batch has \(byteCount) bytes, at most \(max) are allowed; split it"
    case .malformedEvent(let index):
      "event \(index) of the batch is malformed: it needs 2 to 16 sections"
    case .unknownOwnEvent(let dot):
      "a peer holds \(dot), which this replica wrote and no longer has: this store is an older"
        + " copy; join the book as a new replica"
    case .missingSalts(let dot):
      "the salts of \(dot) are missing, so it cannot be proved: sync with a replica that has them"
    case .implausibleSequence(let dot):
      "the sequence of \(dot) is too high to be real; check the peer"
    }
  }
}

/// Runs what may fail on the disk, and says so in the log's terms.
func onDisk<Answer>(
  _ body: () throws(FileFault) -> Answer
) throws(StorageError) -> Answer {
  do throws(FileFault) {
    return try body()
  } catch {
    throw .disk(error)
  }
}

/// A format version as people write it: the version of the events, a point, that of the files.
func formatText(_ version: UInt32) -> String { "\(version >> 16).\(version & 0xffff)" }
