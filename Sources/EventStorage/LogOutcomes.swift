public import HybridTime

/// What became of an appended draft.
public enum AppendOutcome: Equatable, Sendable {
  /// It is in the log, durably.
  case appended(Dot, LogPosition)
  /// Its idempotency key and source content are in the log already; nothing was appended.
  case duplicate(of: LogPosition, Dot)
  /// Its idempotency key is in the log with other content: it was appended, and both are kept.
  case conflict(Dot, LogPosition, with: LogPosition)
  /// It was appended, and what it says of a person who was erased is erased. Said by the replica above
  /// the log, which knows no persons.
  case erased(Dot, LogPosition)
  /// Its idempotency key went with a person who was erased; nothing was appended. Said by the
  /// replica, too.
  case erasedBefore
}

/// What became of events from another replica.
public struct ApplyOutcome: Equatable, Sendable {
  /// How many are now in the log, durably, that were not before.
  public var applied = 0
  /// How many were there already.
  public var alreadyHeld = 0
}

/// What opening a log found.
public struct RecoveryReport: Equatable, Sendable {
  /// Bytes at the end of the write-ahead log that no acknowledgement covered, and that were cut.
  public var droppedTailByteCount: UInt64 = 0
  /// Events read back from the write-ahead log.
  public var replayedEventCount = 0
  /// Whether one copy of the manifest was missing, older or damaged, and was written again.
  public var didRestoreManifestCopy = false
  /// Whether a copy of the salts was gone or damaged and was written again.
  public var didRestoreSaltsCopy = false
  /// Whether a copy of the heads was gone or damaged and was written again.
  public var didRestoreHeadsCopy = false
  /// Whether the store may be a copy, so that it appends under a new incarnation from now on.
  public var didDrawIncarnation = false
  /// Files of an unfinished seal that were removed: their events are in the log.
  public var removedFiles: [String] = []
  /// Whether the saved Merkle trees were missing or damaged, and will be computed again.
  public var didLoseTrees = false
}

/// An event that shares its idempotency key with others.
public struct KeyGroupMember: Equatable, Sendable {
  /// Where it lies.
  public let position: LogPosition
  /// Members with the same source content have the same number; the first member has 0.
  public let contentClass: Int
}
