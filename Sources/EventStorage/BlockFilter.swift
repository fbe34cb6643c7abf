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

  /// A filter that rules nothing out.
  public init() {}

  /// The filter in a segment's own terms.
  func resolved(for footer: SegmentFooter) -> ResolvedFilter {
    let mask = channels.map { $0.reduce(UInt8(0)) { $0 | 1 << $1.rawValue } }
    let names = types.map { Set($0.map(\.name)) }
    let indexes = names.map { names in
      Set(footer.types.indices.filter { names.contains(footer.types[$0].name) })
    }
    return ResolvedFilter(filter: self, channels: mask, types: indexes)
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
