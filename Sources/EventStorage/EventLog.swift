internal import BinaryCoding
internal import DurableFiles
internal import EventModel
package import HybridTime
internal import MerkleProofs
internal import SegmentFormat

/// A replica's log: appends, applies, seals and recovers. The one writer of a store.
///
/// Invariants:
/// - Positions ascend from 1, without gaps but those of events that a repair found lost; own sequences ascend from 1 without gaps.
/// - Whatever ``append(_:wallMilliseconds:)`` or ``apply(_:wallMilliseconds:)`` returned for is
///   durable, and stays at its position.
/// - Nothing is acknowledged after a failed sync until the store is opened again.
/// - The manifest names every segment and the write-ahead log; while a seal is under way, a second
///   write-ahead log continues that one. Other files hold nothing that these do not, but for what was
///   erased of them: those are overwritten before they are removed.
///
/// Not sendable: one owner calls it, from one place at a time. Readers take ``snapshot()``.
///
/// A class because it has identity: it holds the store's lock.
package final class EventLog {
  /// Whose log it is.
  package internal(set) var identity: LogIdentity
  /// What opening it found.
  package internal(set) var recovery: RecoveryReport
  /// What it holds, by origin.
  package internal(set) var held: HeldVector

  let files: StoreFiles
  let fileSystem: any FileSystem
  let options: LogOptions
  /// Given back when the log is closed.
  private(set) var lock: (any FileLock)?
  var manifest: Manifest
  var writeAhead: WriteAheadLog
  var reader: LogReader
  /// The seal that is under way, if one is.
  var sealing: Sealing?
  /// Files that the manifest names no more and that snapshots may be reading.
  var retired: [RetiredFile] = []
  /// The compaction that is under way beside appends, if one is.
  var tending: Tending?
  /// Whether the segments have changed since it was last asked which of them to compact.
  var isCompactionDue = false
  /// Why a compaction beside appends failed; then none is begun any more, and events stay as they are.
  package internal(set) var compactionFault: StorageError?
  /// Called, on some thread, when work beside appends has ended: time for ``tend()``.
  package var workEnded: (@Sendable () -> Void)?
  /// The number of the next segment; only grows while the log is open.
  var nextSegmentNumber: UInt64
  /// Whether a removal is under way: what takes the place of a file overwrites it.
  var isRemoving = false
  let echoes: EchoIndex
  var statistics: LogStatistics
  var clock: HybridClock
  var frontiers: OriginTrees
  var salts: SaltTable
  var heads: HeadTable
  /// Signs own heads; without it none is signed.
  let device: DeviceSecret?
  /// Hashes of subtrees of 256 events by origin and index, as far as they were asked for.
  var subtreeHashes: [OriginID: [UInt64: Digest256]] = [:]
  /// Thirty-two random bytes, fit for a secret, at each call.
  let makeSeed: @Sendable () -> Digest256
  /// Loaded when the first event with a key is appended.
  var keyIndex: KeyIndex?
  /// The position of the last durable event; only grows.
  var highWaterMark: LogPosition
  var state = State.ready
  /// Events that were staged and are not durable yet.
  var staged: OwnBatch?
  /// The batch before these, if it is on its way into a segment.
  var building: StagedBuild?
  /// Memory for the keys of the next event.
  var eventKeys: EventKeys
  /// Memory for the next frame.
  var frameRoom = ByteWriter()

  /// Whether the log can be written.
  enum State { case ready, poisoned, closed }

  init(
    _ opened: OpenedLog, lock: any FileLock, fileSystem: any FileSystem, options: LogOptions,
    device: DeviceSecret?, makeSeed: @escaping @Sendable () -> Digest256
  ) {
    identity = opened.manifest.identity
    eventKeys = EventKeys(in: opened.manifest.identity.book)
    recovery = opened.report
    held = opened.held
    files = opened.files
    self.fileSystem = fileSystem
    self.options = options
    self.lock = lock
    manifest = opened.manifest
    writeAhead = opened.writeAhead
    reader = opened.reader
    nextSegmentNumber = (manifest.segments.map(\.number).max() ?? 0) + 1
    sealing = nil
    echoes = opened.echoes
    statistics = opened.statistics
    clock = HybridClock(latest: opened.clock)
    frontiers = opened.frontiers
    salts = opened.salts
    heads = opened.heads
    self.device = device
    self.makeSeed = makeSeed
    highWaterMark = LogPosition(rawValue: opened.nextPosition - 1)
    sealing = opened.sealingEnd.map { end in
      Sealing(writeAheadEnd: end, segmentNumber: takeSegmentNumber())
    }
    checkInvariants()
  }

  /// Without ``close()`` the lock goes here, and nobody writes after that.
  deinit {
    if case .compacting(let rewrite, _) = tending { rewrite.withdraw() }
  }

  /// The latest time this replica issued, or ``HybridTimestamp`` 0.
  package var lastOwnRecorded: HybridTimestamp { clock.latest }

  /// An immutable view of the log as it is now. Cheap: nothing is copied but a few references.
  ///
  /// - Returns: The snapshot.
  package func snapshot() -> LogSnapshot {
    LogSnapshot(
      highWaterMark: highWaterMark, held: held, book: identity.book,
      statistics: currentStatistics, reader: reader, salts: salts, echoes: echoes)
  }

  private var currentStatistics: LogStatistics {
    var current = statistics
    current.bytes.proofs =
      frontiers.savedByteCount + 2 * salts.savedByteCount
      + 2 * heads.savedByteCount
    current.bytes.writeAheadLog = writeAhead.end + (sealing?.writeAheadEnd ?? 0)
    return current
  }

  /// Closes the log: seals a long write-ahead log and notes in the manifest where it ends. Later
  /// calls fail. A compaction that is under way is given up. A poisoned log is only let go. The store's
  /// lock is given back in any case; snapshots stay readable.
  ///
  /// - Throws: ``StorageError/disk(_:)``; what was acknowledged is durable all the same.
  package func close() throws(StorageError) {
    defer { lock = nil }
    stopTending()
    guard state == .ready else {
      state = .closed
      return
    }
    try flush()
    try finishSealing()
    if reader.tail.rowCount >= options.sealAtCloseEventCount { try seal() }
    try signHead()
    state = .closed
    try onDisk { () throws(FileFault) in try writeAhead.trim() }
    manifest.generation += 1
    manifest.cleanEnd = writeAhead.end
    try manifest.write(to: files, fileSystem)
    try saveTrees()
    // Opening erases what stays behind.
    try? eraseRetiredFiles()
  }

  func requireReady() throws(StorageError) {
    switch state {
    case .ready: return
    case .poisoned: throw .poisoned
    case .closed: throw .closed
    }
  }

  func checkInvariants() {
    assert(highWaterMark.rawValue + 1 == reader.tail.basePosition + UInt64(reader.tail.rowCount))
    assert(UInt64(statistics.events) <= highWaterMark.rawValue)
    assert(held.count == UInt64(statistics.events))
    assert(reader.tails[0].basePosition == manifest.basePosition)
    assert((reader.sealing == nil) == (sealing == nil))
    assert(held[identity.origin].runs.count <= 1)
  }
}
