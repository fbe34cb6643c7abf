internal import DurableFiles
package import EventModel
package import EventStorage
internal import HybridTime
internal import ProjectionEngine

/// One replica of a book: its log, its read models and its dead letters, joined.
///
/// Synchronous and single-owner: a thin actor, a command or a simulation drives it. Everything it
/// takes from the world comes through its ``ReplicaEnvironment``.
///
/// Invariants:
/// - what ``append(_:)`` has returned is durable;
/// - read models are derivable: losing them costs time, never data;
/// - the store is open in one place only, held by the log's lock.
package final class ReplicaCore {
  /// The store's directory.
  package let directory: String
  let environment: ReplicaEnvironment
  let log: EventLog
  let engine: ReadModels
  var controls: ControlLog
  var erasures: ErasureWatch
  var acts = ActWatch()
  /// How many own events were appended because of what a sync brought, since the store was opened.
  package internal(set) var causedEventCount: UInt64 = 0
  /// Input that was refused, with reasons.
  package let deadLetters: DeadLetterQueue

  init(
    directory: String, environment: ReplicaEnvironment, log: EventLog, secret: BookSecret?
  ) throws(ReplicaError) {
    self.directory = directory
    self.environment = environment
    self.log = log
    controls = ControlLog(ownerKey: log.identity.founding.owner)
    erasures = ErasureWatch(
      secret: secret,
      mark: try ReplicaError.translating {
        try ErasureMark.read(
          directory + "/erasures", from: environment.fileSystem,
          last: log.snapshot().highWaterMark.rawValue)
      })
    engine = try ReplicaError.translating { try Self.makeEngine(directory, environment, log) }
    deadLetters = try ReplicaError.translating {
      try DeadLetterQueue(
        directory: directory + "/dead-letters", fileSystem: environment.fileSystem)
    }
  }

  /// Book, origin, label and format version.
  package var identity: LogIdentity { log.identity }

  /// What opening the store found and did.
  package var recovery: RecoveryReport { log.recovery }

  /// Appends interactions as one batch and returns once they are durable.
  ///
  /// A draft whose idempotency key is held with the same source content, or was erased, appends
  /// nothing. What it says of an erased person up to the cut is erased before this returns.
  ///
  /// - Parameter drafts: At most 1 MiB each.
  /// - Returns: What became of each, in the order given.
  /// - Throws: ``ReplicaError``. After a disk failure the log acknowledges nothing more until the
  ///   store is opened again.
  package func append(_ drafts: [EventDraft]) throws(ReplicaError) -> [AppendOutcome] {
    try ReplicaError.translating {
      let outcomes =
        try meetsErasures()
        ? appendMeetingErasures(drafts)
        : log.append(drafts, wallMilliseconds: environment.wallMilliseconds())
      if drafts.contains(where: \.type.isControl) { erasures.isCurrent = false }
      return outcomes
    }
  }

  /// Appends interactions that need not be durable one batch at a time, as an import's: they are
  /// after ``flush()``, or once there are enough of them for a segment.
  ///
  /// In a book with erasures they are appended at once, since late ones are listed before this returns.
  ///
  /// - Parameter drafts: At most 1 MiB each.
  /// - Returns: What will become of each if no error follows, in the order given.
  /// - Throws: ``ReplicaError``; nothing that was staged since the last segment has happened then.
  package func stage(_ drafts: [EventDraft]) throws(ReplicaError) -> [AppendOutcome] {
    try ReplicaError.translating {
      guard try !meetsErasures() else { return try appendMeetingErasures(drafts) }
      if drafts.contains(where: { $0.type.isControl }) { erasures.isCurrent = false }
      return try log.stage(drafts, wallMilliseconds: environment.wallMilliseconds())
    }
  }

  /// Makes durable and visible what was staged.
  ///
  /// - Throws: ``ReplicaError``; nothing that was staged since the last segment has happened then.
  package func flush() throws(ReplicaError) {
    try ReplicaError.translating { try log.flush() }
  }

  /// All events that are durable now, as an unchanging view.
  package func snapshot() -> LogSnapshot { log.snapshot() }

  /// Seals the log's tail into a segment, so that it is stored compressed.
  ///
  /// - Throws: ``ReplicaError``.
  package func seal() throws(ReplicaError) {
    try ReplicaError.translating { try log.seal() }
  }

  /// Rewrites segments of rows, and adjacent small segments, as larger segments of columns.
  ///
  /// - Parameter all: Whether to rewrite those, too, that gain nothing by it.
  /// - Returns: What was done.
  /// - Throws: ``ReplicaError``; whatever happens, no event is lost.
  package func compact(all: Bool) throws(ReplicaError) -> CompactionReport {
    try ReplicaError.translating { try log.compact(all: all) }
  }

  /// Takes what was sealed and compacted beside appends, and begins what is due; for whoever keeps a
  /// store open for long.
  ///
  /// - Parameter workEnded: Called on another thread when it is time to call this again.
  /// - Throws: ``ReplicaError``; then the store has to be opened again.
  package func tend(_ workEnded: @escaping @Sendable () -> Void) throws(ReplicaError) {
    log.workEnded = workEnded
    try ReplicaError.translating { try log.tend() }
  }

  /// Whether segments are being compacted, or the files of old ones overwritten, beside appends.
  package var isTending: Bool { log.isTending }

  /// Closes the store; the next open need not recover anything. A compaction beside appends is given up.
  ///
  /// - Throws: ``ReplicaError``. Everything acknowledged is safe either way.
  package func close() throws(ReplicaError) {
    try ReplicaError.translating {
      try saveErasureMark()
      try log.close()
    }
  }
}
