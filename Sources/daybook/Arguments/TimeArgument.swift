internal import ArgumentParser
internal import ChannelAdapters
internal import EventModel
internal import Foundation

/// A moment given on the command line: RFC 3339, a date, `now`, or relative to now such as `-30d`.
struct TimeArgument: ExpressibleByArgument {
  /// Milliseconds since 1970.
  let milliseconds: Int64

  /// The present, by this machine's clock.
  static var now: TimeArgument { TimeArgument(milliseconds: wallClockMilliseconds()) }

  /// A moment.
  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Reads a moment, or nothing when the text is none.
  init?(argument: String) { self.init(argument, now: wallClockMilliseconds()) }

  /// Reads a moment.
  ///
  /// - Parameters:
  ///   - text: As a person writes it; a time without an offset is UTC.
  ///   - now: What relative times count from, in milliseconds since 1970.
  init?(_ text: String, now: Int64) {
    if text == "now" {
      milliseconds = now
    } else if let distance = Self.distance(text) {
      let (sum, overflow) = now.addingReportingOverflow(distance)
      guard !overflow else { return nil }
      milliseconds = sum
    } else {
      guard let time = try? WrittenTime.parseISO8601(Array(text.utf8).span) else { return nil }
      milliseconds = time.milliseconds ?? time.localMilliseconds
    }
  }

  /// `-30d` as milliseconds: a sign, a number, and one of `s m h d w`.
  private static func distance(_ text: String) -> Int64? {
    let sign: Int64 = text.hasPrefix("-") ? -1 : 1
    guard text.hasPrefix("-") || text.hasPrefix("+"), let unit = text.last,
      let milliseconds = unitMilliseconds[unit],
      let number = Int64(text.dropFirst().dropLast()), number >= 0
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: milliseconds)
    return overflow ? nil : sign * product
  }

  private static let unitMilliseconds: [Character: Int64] = [
    "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
  ]
}

/// This machine's clock, in milliseconds since 1970.
func wallClockMilliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
