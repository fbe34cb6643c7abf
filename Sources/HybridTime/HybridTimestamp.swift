/// A hybrid logical time: 48 bits of milliseconds since 1970, then a 16-bit counter.
///
/// Sorts as one integer. Covers the years 1970 to 10889.
/// Source: Kulkarni et al., *Logical Physical Clocks*, 2014.
public struct HybridTimestamp: Hashable, Comparable, Sendable {
  /// Milliseconds in the upper 48 bits, counter in the lower 16.
  public let rawValue: UInt64

  /// A time from its packed form.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// A time from its parts; milliseconds outside the range are clamped into it.
  public init(milliseconds: Int64, counter: UInt16 = 0) {
    let clamped = UInt64(min(max(milliseconds, 0), Self.millisecondsMax))
    rawValue = clamped << 16 | UInt64(counter)
  }

  /// The largest number of milliseconds that fits.
  public static let millisecondsMax: Int64 = 1 << 48 - 1

  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var milliseconds: Int64 { Int64(rawValue >> 16) }

  /// Orders events of one millisecond.
  public var counter: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

  /// By milliseconds, then counter.
  public static func < (left: HybridTimestamp, right: HybridTimestamp) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Issues hybrid times that never repeat and never run backwards.
///
/// Invariant: each issued time is greater than every time issued or accepted before it. The wall
/// clock is a parameter. A time more than ``aheadMillisecondsMax`` ahead of the wall clock is
/// stored by others but does not advance this clock, so no device drags others into the future.
public struct HybridClock: Sendable {
  /// The latest time issued or accepted.
  public private(set) var latest: HybridTimestamp

  /// How far ahead of the wall clock an observed time may lie and still be followed: 5 minutes.
  public static let aheadMillisecondsMax: Int64 = 5 * 60 * 1000

  /// Continues after `latest`.
  public init(latest: HybridTimestamp = HybridTimestamp(rawValue: 0)) { self.latest = latest }

  /// Issues the next time.
  ///
  /// A full counter carries into the milliseconds, so issuing never fails and never waits.
  ///
  /// - Parameter wallMilliseconds: The wall clock, in milliseconds since 1970.
  /// - Returns: A time greater than all before.
  public mutating func issue(wallMilliseconds: Int64) -> HybridTimestamp {
    let wall = HybridTimestamp(milliseconds: wallMilliseconds)
    latest = wall > latest ? wall : HybridTimestamp(rawValue: latest.rawValue &+ 1)
    return latest
  }

  /// Takes note of a time that another origin issued.
  public mutating func observe(_ time: HybridTimestamp, wallMilliseconds: Int64) {
    guard time.milliseconds <= wallMilliseconds + Self.aheadMillisecondsMax else { return }
    latest = max(latest, time)
  }
}
