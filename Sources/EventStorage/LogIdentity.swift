public import EventModel
public import HybridTime

/// Whose log it is: the book, the origin that appends here, and what people call the replica.
public struct LogIdentity: Hashable, Sendable {
  /// What made the book.
  public let founding: BookFounding
  /// The book.
  public let book: BookID
  /// The origin under which this replica appends.
  public let origin: OriginID
  /// The version of the store's format: that of its events × 65,536 + that of its files.
  public let formatVersion: UInt32
  /// What people call this replica; at most 256 bytes are kept.
  public let label: String

  /// The format version that this code reads and writes: events of version 1, files of version 1.
  public static let formatVersionWritten: UInt32 = 1 << 16 | 1

  /// The older versions that an upgrade brings to this one.
  static let formatVersionsUpgraded: [UInt32] = [1 << 16]

  /// The identity of a store in the present format.
  public init(founding: BookFounding, origin: OriginID, label: String) {
    self.init(
      founding: founding, origin: origin, formatVersion: Self.formatVersionWritten, label: label)
  }

  init(founding: BookFounding, origin: OriginID, formatVersion: UInt32, label: String) {
    self.founding = founding
    book = founding.book
    self.origin = origin
    self.formatVersion = formatVersion
    self.label = label
  }
}

/// When a write-ahead log that is due to be sealed becomes a segment. Appends wait for it at the
/// latest when the next one is due.
package enum SealSchedule: Hashable, Sendable {
  /// At once, by the append that finds it due.
  case atOnce
  /// When the next one is due: what ``inBackground`` comes to on a machine that is slow enough.
  case late
  /// On a thread of its own, while appends go on. The only one that is not deterministic.
  case inBackground
}

/// How a log is kept.
package struct LogOptions: Sendable {
  /// The write-ahead log is sealed into a segment once it holds this many events.
  package var sealEventCount = 65_536
  /// … or this many bytes.
  package var sealByteCount = 64 << 20
  /// When that happens.
  package var sealSchedule = SealSchedule.atOnce
  /// A clean close seals a write-ahead log of at least this many events, so that opening stays
  /// quick.
  package var sealAtCloseEventCount = 8192
  /// How far zeros are written ahead of small frames, so that a sync need not change the file's
  /// length.
  package var zeroedAheadByteCount = 256 << 10
  /// Which segments are compacted together.
  package var compaction = CompactionPlan()
  /// When that happens by itself.
  package var compactionSchedule = CompactionSchedule.never

  /// The options for ordinary use.
  package init() {}
}
