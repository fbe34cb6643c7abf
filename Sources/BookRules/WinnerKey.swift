public import EventModel
public import HybridTime

/// The order that decides which of several events under one idempotency key counts: (recorded,
/// origin, sequence), which never changes for an event.
public struct WinnerKey: Hashable, Comparable, Sendable {
  /// When its origin appended it.
  public let recorded: HybridTimestamp
  /// The event's name.
  public let dot: Dot

  /// The key of `event`.
  public init(_ event: Event) {
    recorded = event.recorded
    dot = event.dot
  }

  /// The key from its parts.
  public init(recorded: HybridTimestamp, dot: Dot) {
    self.recorded = recorded
    self.dot = dot
  }

  /// The smaller key wins.
  public static func < (left: WinnerKey, right: WinnerKey) -> Bool {
    left.recorded != right.recorded ? left.recorded < right.recorded : left.dot < right.dot
  }
}
