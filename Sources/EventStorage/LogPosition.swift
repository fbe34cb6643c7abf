/// An event's place in this replica's log, from 1 and without gaps; never sent to another replica.
public struct LogPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The place, from 1; 0 stands before the first event.
  public let rawValue: UInt64

  /// The position with this number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Before the first event.
  public static let start = LogPosition(rawValue: 0)

  /// The position after this one.
  package var next: LogPosition { LogPosition(rawValue: rawValue + 1) }

  /// By place.
  public static func < (left: LogPosition, right: LogPosition) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The number in decimal digits.
  public var description: String { String(rawValue) }
}
