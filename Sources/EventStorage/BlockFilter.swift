public import EventModel
internal import SegmentFormat

/// What a reader is looking for, so that blocks without any of it need not be read.
///
/// A filter only rules blocks out: events that pass may still not match.
public struct BlockFilter: Sendable {
  /// When it happened, in milliseconds since 1970.
  public var occurredMilliseconds: ClosedRange<Int64>?
  /// When it was recorded, in milliseconds since 1970.
  public var recordedMilliseconds: ClosedRange<Int64>?
  /// The channels; nothing for any.
  public var channels: Set<Channel>?
  /// The types; nothing for any.
  public var types: Set<EventType>?

  /// Whether to look for events that govern the book, of any type.
  package var isControlOnly = false

  /// A filter that rules nothing out.
  public init() {}

  /// The filter in a segment's own terms.
  func resolved(for footer: SegmentFooter) -> ResolvedFilter {
    let mask = channels.map { $0.reduce(UInt8(0)) { $0 | 1 << $1.rawValue } }
    guard types != nil || isControlOnly else {
      return ResolvedFilter(filter: self, channels: mask, types: nil)
    }
    let indexes = footer.types.indices.filter { index in
      guard let type = EventType(footer.types[index].name) else { return false }
      return types?.contains(type) ?? true && (!isControlOnly || type.isControl)
    }
    return ResolvedFilter(filter: self, channels: mask, types: Set(indexes))
  }
}

/// A ``BlockFilter`` with channels as bits and types as places in a footer's table.
struct ResolvedFilter {
  let filter: BlockFilter
  let channels: UInt8?
  let types: Set<Int>?

  /// Whether no event of the block can match.
  func rulesOut(_ block: BlockSummary) -> Bool {
    if let channels, block.channels & channels == 0 { return true }
    if let types, types.isDisjoint(with: block.types) { return true }
    if let range = filter.occurredMilliseconds, !range.overlaps(block.occurred) { return true }
    guard let range = filter.recordedMilliseconds else { return false }
    let first = Int64(block.recorded.lowerBound >> 16)
    let last = Int64(block.recorded.upperBound >> 16)
    return !range.overlaps(first...last)
  }
}
