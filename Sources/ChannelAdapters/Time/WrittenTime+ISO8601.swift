/// The forms of RFC 3339, and of ISO 8601 as sources really write it.
extension WrittenTime {
  /// Reads `2024-05-31T12:00:00.123+02:00`.
  ///
  /// The `T` may be a space or small; seconds, fraction and offset may be missing, and so may the
  /// whole clock, which then reads midnight.
  ///
  /// - Parameter text: The time and nothing else, in ASCII.
  /// - Returns: The moment, with its offset if one was written.
  /// - Throws: ``TimeFault``.
  package static func parseISO8601(_ text: Span<UInt8>) throws(TimeFault) -> WrittenTime {
    var scanner = TimeScanner(text)
    var fields = CivilFields()
    fields.year = try scanner.readNumber(digits: 4...4)
    try scanner.expect(UInt8(ascii: "-"))
    fields.month = try scanner.readNumber(digits: 2...2)
    try scanner.expect(UInt8(ascii: "-"))
    fields.day = try scanner.readNumber(digits: 2...2)
    if scanner.skip(UInt8(ascii: "T")) || scanner.skip(UInt8(ascii: "t"))
      || scanner.skip(UInt8(ascii: " "))
    {
      try readClock(&scanner, into: &fields)
    }
    try scanner.expectEnd()
    return try fields.writtenTime()
  }

  private static func readClock(
    _ scanner: inout TimeScanner, into fields: inout CivilFields
  ) throws(TimeFault) {
    fields.hour = try scanner.readNumber(digits: 2...2)
    try scanner.expect(UInt8(ascii: ":"))
    fields.minute = try scanner.readNumber(digits: 2...2)
    if scanner.skip(UInt8(ascii: ":")) {
      fields.second = try scanner.readNumber(digits: 2...2)
      if scanner.skip(UInt8(ascii: ".")) || scanner.skip(UInt8(ascii: ",")) {
        (fields.millisecond, fields.hasFinerFraction) = try scanner.readMilliseconds()
      }
    }
    _ = scanner.skip(UInt8(ascii: " "))
    if !scanner.isAtEnd { fields.offsetSeconds = try scanner.readOffset() }
  }
}

extension WrittenTime {
  /// Writes a moment as `2024-05-31T12:00:00.123Z`.
  ///
  /// - Parameters:
  ///   - milliseconds: Since 1970, of the years 0001 to 9999; others are clamped into them.
  ///   - text: Where the 24 bytes of ASCII go.
  package static func write(milliseconds: Int64, to text: inout [UInt8]) {
    let clamped = min(max(milliseconds, millisecondsRange.lowerBound), millisecondsRange.upperBound)
    // Counted from year 1, so that nothing is negative.
    let sinceYearOne = Int(clamped - millisecondsRange.lowerBound)
    let (year, month, day) = civilDate(daysSinceYearOne: sinceYearOne / 86_400_000)
    let inDay = sinceYearOne % 86_400_000
    append(year, digits: 4, to: &text)
    append(month, digits: 2, after: "-", to: &text)
    append(day, digits: 2, after: "-", to: &text)
    append(inDay / 3_600_000, digits: 2, after: "T", to: &text)
    append(inDay / 60_000 % 60, digits: 2, after: ":", to: &text)
    append(inDay / 1000 % 60, digits: 2, after: ":", to: &text)
    append(inDay % 1000, digits: 3, after: ".", to: &text)
    text.append(UInt8(ascii: "Z"))
  }

  /// The date of a day, counting years from 1 March so that the leap day comes last.
  ///
  /// Source: Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, `civil_from_days`.
  private static func civilDate(daysSinceYearOne: Int) -> (year: Int, month: Int, day: Int) {
    let days = daysSinceYearOne + 306
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  private static func append(
    _ value: Int, digits: Int, after sign: Unicode.Scalar? = nil, to text: inout [UInt8]
  ) {
    if let sign { text.append(UInt8(ascii: sign)) }
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      text.append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
      divisor /= 10
    }
  }
}
