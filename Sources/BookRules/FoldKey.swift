public import EventModel
public import HybridTime

/// Where an event stands in the order of folds: (effective, recorded, origin, sequence).
///
/// Ids and hashes never break ties, so rows of one second keep their order. A pure function of the
/// event, equal on every replica.
public struct FoldKey: Hashable, Comparable, Sendable {
  /// The time folds use, in milliseconds since 1970: when the event occurred by its source, or five
  /// minutes behind its attested arrival if that is earlier.
  public let effectiveMilliseconds: Int64
  /// When its origin appended it.
  public let recorded: HybridTimestamp
  /// The event's name.
  public let dot: Dot

  /// How far ahead of its attested arrival an event may stand: 5 minutes.
  public static let aheadMillisecondsMax: Int64 = 5 * 60 * 1000

  /// The key of an event whose arrival nobody attested.
  public init(_ event: Event) {
    self.init(event, arrivedMilliseconds: nil)
  }

  /// The key of `event`.
  ///
  /// - Parameters:
  ///   - event: As folds see it, so that a corrected time is taken.
  ///   - arrivedMilliseconds: Its earliest attested arrival, in milliseconds since 1970.
  public init(_ event: Event, arrivedMilliseconds: Int64?) {
    effectiveMilliseconds = Self.effective(event.occurredMilliseconds, arrivedMilliseconds)
    recorded = event.recorded
    dot = event.dot
  }

  /// The key from its parts, as a read model stores them.
  public init(effectiveMilliseconds: Int64, recorded: HybridTimestamp, dot: Dot) {
    self.effectiveMilliseconds = effectiveMilliseconds
    self.recorded = recorded
    self.dot = dot
  }

  /// Effective time first, then the origin's clock, then origin and sequence.
  public static func < (left: FoldKey, right: FoldKey) -> Bool {
    if left.effectiveMilliseconds != right.effectiveMilliseconds {
      return left.effectiveMilliseconds < right.effectiveMilliseconds
    }
    if left.recorded != right.recorded { return left.recorded < right.recorded }
    return left.dot < right.dot
  }

  /// `min(occurred, arrived + 5 minutes)`; an arrival at the end of time limits nothing.
  static func effective(_ occurred: Int64, _ arrived: Int64?) -> Int64 {
    guard let arrived else { return occurred }
    let (latest, overflow) = arrived.addingReportingOverflow(aheadMillisecondsMax)
    return overflow ? occurred : min(occurred, latest)
  }
}
