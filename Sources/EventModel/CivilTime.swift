/// Calendar arithmetic in UTC on milliseconds since 1970-01-01T00:00:00Z, for years 1 to 9999.
///
/// Proleptic Gregorian, without leap seconds, in integers.
/// Source: Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, 2013.
public enum CivilTime {
  /// The earliest time that can be written, 0001-01-01T00:00:00Z.
  public static let millisecondsMin: Int64 = -62_135_596_800_000
  /// The latest time that can be written, 9999-12-31T23:59:59.999Z.
  public static let millisecondsMax: Int64 = 253_402_300_799_999

  /// Days since 1970-01-01 of a date; the month is 1…12, the day is not checked against the month.
  public static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The date of a day counted from 1970-01-01.
  public static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// The number of days in a month.
  public static func dayCount(year: Int64, month: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// RFC 3339 in UTC with three fractional digits, such as `2026-11-22T09:30:00.000Z`.
  ///
  /// Times outside the years 1 to 9999 are clamped into them.
  public static func text(milliseconds: Int64) -> String {
    let clamped = min(max(milliseconds, millisecondsMin), millisecondsMax)
    let dayMilliseconds: Int64 = 86_400_000
    let days = clamped >= 0 ? clamped / dayMilliseconds : (clamped + 1) / dayMilliseconds - 1
    let rest = clamped - days * dayMilliseconds
    let (year, month, day) = date(days: days)
    let clock =
      "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1000 % 60, 2))"
    return
      "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(clock).\(padded(rest % 1000, 3))Z"
  }

  /// Year and month of a time, such as `2026-11`.
  public static func month(milliseconds: Int64) -> String {
    String(text(milliseconds: milliseconds).prefix(7))
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
