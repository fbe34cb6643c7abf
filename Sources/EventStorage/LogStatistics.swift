public import EventModel
public import HybridTime
internal import SegmentFormat

/// What a log holds, in numbers.
public struct LogStatistics: Equatable, Sendable {
  /// All events, control events included.
  public internal(set) var events = 0
  /// Events that govern the book rather than record a contact.
  public internal(set) var controlEvents = 0
  /// Events whose key was there before with other content.
  public internal(set) var conflicts = 0
  /// Interactions whose key was there before with the same content, from another replica.
  public internal(set) var copies = 0
  /// Interactions by channel: neither control events nor copies, so that the counts add up to
  /// `events - controlEvents - copies`. Channels without any are left out.
  public internal(set) var channels: [Channel: Int] = [:]
  /// Events by type.
  public internal(set) var types: [EventType: Int] = [:]
  /// The earliest time an event was recorded.
  public internal(set) var firstRecorded: HybridTimestamp?
  /// The latest time an event was recorded.
  public internal(set) var lastRecorded: HybridTimestamp?
  /// How many sealed segments there are.
  public internal(set) var segments = 0
  /// Bytes on disk.
  public internal(set) var bytes = LogByteCounts()

  mutating func count(_ event: Event, _ echo: Echo?) {
    events += 1
    types[event.type, default: 0] += 1
    widen(to: event.recorded)
    if echo?.isSameContent == false { conflicts += 1 }
    if event.type.isControl {
      controlEvents += 1
    } else if echo?.isSameContent == true {
      copies += 1
    } else {
      channels[event.channel, default: 0] += 1
    }
  }

  /// Counts more events; their files are counted apart.
  mutating func count(_ more: LogStatistics) {
    events += more.events
    controlEvents += more.controlEvents
    conflicts += more.conflicts
    copies += more.copies
    channels.merge(more.channels, uniquingKeysWith: +)
    types.merge(more.types, uniquingKeysWith: +)
    if let first = more.firstRecorded { widen(to: first) }
    if let last = more.lastRecorded { widen(to: last) }
  }

  /// Counts a sealed segment's events as its footer tells them.
  mutating func count(_ footer: SegmentFooter) {
    events += footer.rowCount
    controlEvents += footer.controlCount
    copies += footer.rowCount - footer.controlCount - footer.channelCounts.reduce(0, +)
    for row in footer.echoes where !row.echo.isSameContent { conflicts += 1 }
    for (code, count) in footer.channelCounts.enumerated() where count > 0 {
      guard let channel = Channel(rawValue: UInt8(code)) else { continue }
      channels[channel, default: 0] += count
    }
    for entry in footer.types {
      guard let type = EventType(entry.name) else { continue }
      types[type, default: 0] += entry.count
    }
    for block in footer.blocks {
      widen(to: HybridTimestamp(rawValue: block.recorded.lowerBound))
      widen(to: HybridTimestamp(rawValue: block.recorded.upperBound))
    }
  }

  /// Takes back what ``countFile(of:)`` counted.
  mutating func discountFile(of segment: SealedSegment) {
    let content = segment.footer.contentByteCount
    let ids = UInt64(segment.footer.sourceIDByteCount)
    segments -= 1
    bytes.ids -= ids
    bytes.content -= content - ids
    bytes.indexes -= segment.byteCount - content
  }

  /// Counts a sealed segment's file; its events are counted apart.
  mutating func countFile(of segment: SealedSegment) {
    let content = segment.footer.contentByteCount
    let ids = UInt64(segment.footer.sourceIDByteCount)
    segments += 1
    bytes.ids += ids
    bytes.content += content - ids
    bytes.indexes += segment.byteCount - content
  }

  mutating func widen(to recorded: HybridTimestamp) {
    firstRecorded = min(firstRecorded ?? recorded, recorded)
    lastRecorded = max(lastRecorded ?? recorded, recorded)
  }
}

/// Where a log's bytes on disk go.
public struct LogByteCounts: Equatable, Sendable {
  /// The source ids of segments of columns.
  public internal(set) var ids: UInt64 = 0
  /// The rest of blocks and tables of sealed segments; of segments of rows with their source ids.
  public internal(set) var content: UInt64 = 0
  /// Headers, key columns, identifier indexes and footers of sealed segments.
  public internal(set) var indexes: UInt64 = 0
  /// Saved Merkle trees, salts and heads.
  public internal(set) var proofs: UInt64 = 0
  /// The write-ahead log, without the zeros ahead.
  public internal(set) var writeAheadLog: UInt64 = 0
  /// Both copies of the manifest.
  public internal(set) var other: UInt64 = 0
}
