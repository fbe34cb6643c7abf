/// A moment as a source wrote it: a reading of a calendar and clock, with or without its distance
/// from UTC.
///
/// The calendar is the proleptic Gregorian one of ISO 8601, years 1 to 9999. A leap second (:60)
/// is read as the last millisecond before it, and digits beyond milliseconds are cut off.
package struct WrittenTime: Equatable, Sendable {
  /// Milliseconds from 1970-01-01 00:00 to the reading, as if every day had 86,400 seconds.
  package let localMilliseconds: Int64

  /// How far the clock was east of UTC, within a day, or nil if the source did not say.
  package let offsetSeconds: Int?

  /// Whether milliseconds of UTC say all that was written: no other offset, no finer fraction, no
  /// leap second.
  package let isExact: Bool

  /// Takes the parts as they are.
  package init(localMilliseconds: Int64, offsetSeconds: Int?, isExact: Bool = true) {
    self.localMilliseconds = localMilliseconds
    self.offsetSeconds = offsetSeconds
    self.isExact = isExact
  }

  /// Milliseconds of UTC of the first and last moment that a time can have: the years 0001 to 9999.
  package static let millisecondsRange: ClosedRange<Int64> =
    -62_135_596_800_000...253_402_300_799_999

  /// Milliseconds since 1970-01-01T00:00Z, or nil if the source did not say its offset.
  package var milliseconds: Int64? {
    offsetSeconds.map { localMilliseconds - Int64($0) * 1000 }
  }
}

extension WrittenTime {
  /// The moment as an event stores it, reading a time without an offset as UTC.
  ///
  /// - Returns: Milliseconds since 1970, and whether they tell all that was written.
  func storedTime() throws(TimeFault) -> (milliseconds: Int64, isExact: Bool) {
    let milliseconds = milliseconds ?? localMilliseconds
    guard Self.millisecondsRange.contains(milliseconds) else { throw .outOfRange(.year) }
    return (milliseconds, isExact && offsetSeconds != nil)
  }
}

/// Offsets of the clocks of one place, past and future.
package protocol ZoneOffsets: Sendable {
  /// How far the clocks there are east of UTC at a moment.
  ///
  /// - Parameter seconds: Seconds since 1970-01-01T00:00Z.
  /// - Returns: Seconds, within a day.
  func offsetSeconds(at seconds: Int64) -> Int
}

extension WrittenTime {
  /// Milliseconds since 1970-01-01T00:00Z, reading a time without an offset on the clocks of
  /// `zone`.
  ///
  /// A reading that occurs twice when clocks go back means the first; one that clocks skip going
  /// forward means as long after the change as it says.
  package func milliseconds(in zone: some ZoneOffsets) -> Int64 {
    if let milliseconds { return milliseconds }
    let local = localMilliseconds / 1000 - (localMilliseconds % 1000 < 0 ? 1 : 0)
    let before = zone.offsetSeconds(at: local - 86_400)
    let after = zone.offsetSeconds(at: local + 86_400)
    let isBeforeChange = zone.offsetSeconds(at: local - Int64(before)) == before
    let isAfterChange = zone.offsetSeconds(at: local - Int64(after)) == after
    let offset = isBeforeChange || !isAfterChange ? before : after
    return localMilliseconds - Int64(offset) * 1000
  }
}

/// Why text is not a time of the expected form.
package enum TimeFault: Error, Equatable, Sendable {
  /// The text does not have the form; the offset is that of the first byte that differs.
  case malformed(at: Int)
  /// A part is outside its range, such as month 13 or 30 February.
  case outOfRange(TimeField)
  /// A format string asks for something unknown; the offset is that of its percent sign.
  case unknownDirective(at: Int)
}

/// A part of a written time.
package enum TimeField: String, Sendable {
  case year, month, day, hour, minute, second, offset, epoch
}

extension TimeFault: CustomStringConvertible {
  /// What is wrong and what to do; quotes nothing of the input.
  package var description: String { sentence + "; " + remedy }

  /// What is wrong.
  var sentence: String {
    switch self {
    case .malformed(let offset): "the time does not have the expected form from byte \(offset) on"
    case .outOfRange(let field): "the \(field.rawValue) of the time is out of range"
    case .unknownDirective(let offset): "the time format is unknown from byte \(offset) on"
    }
  }

  /// What to do about it.
  var remedy: String {
    switch self {
    case .malformed: "write it as 2024-05-31T12:00:00Z or name its format in a mapping"
    case .outOfRange: "send a time of the years 0001 to 9999"
    case .unknownDirective: "use the directives of docs/guide/importing.md"
    }
  }
}

/// The fields of a time while it is being read; absent ones have their earliest value.
struct CivilFields {
  var year = 1970
  var month = 1
  var day = 1
  var hour = 0
  var minute = 0
  var second = 0
  var millisecond = 0
  var hasFinerFraction = false
  var offsetSeconds: Int?

  /// The moment the fields name.
  func writtenTime() throws(TimeFault) -> WrittenTime {
    guard 1...9999 ~= year else { throw .outOfRange(.year) }
    guard 1...12 ~= month else { throw .outOfRange(.month) }
    guard 1...daysInMonth ~= day else { throw .outOfRange(.day) }
    guard 0...23 ~= hour else { throw .outOfRange(.hour) }
    guard 0...59 ~= minute else { throw .outOfRange(.minute) }
    guard 0...60 ~= second else { throw .outOfRange(.second) }
    let isLeapSecond = second == 60
    let seconds = (daysSinceEpoch * 24 + hour) * 3600 + minute * 60 + min(second, 59)
    return WrittenTime(
      localMilliseconds: Int64(seconds) * 1000 + Int64(isLeapSecond ? 999 : millisecond),
      offsetSeconds: offsetSeconds,
      isExact: !isLeapSecond && !hasFinerFraction && (offsetSeconds ?? 0) == 0)
  }

  private var daysInMonth: Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01, counting years from 1 March so that the leap day comes last.
  ///
  /// Source: Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, `days_from_civil`.
  private var daysSinceEpoch: Int {
    let marchYear = month > 2 ? year : year - 1
    let era = marchYear >= 0 ? marchYear / 400 : (marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
