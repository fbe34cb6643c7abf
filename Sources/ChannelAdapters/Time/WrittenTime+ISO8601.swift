/// The forms of RFC 3339, and of ISO 8601 as sources really write it.
extension WrittenTime {
  /// Reads `2024-05-31T12:00:00.123+02:00`.
  ///
  /// The `T` may be a space or small; seconds, fraction and offset may be missing, and so may the
  /// whole clock, which then reads midnight.
  ///
  /// - Parameters:
  ///   - text: The time and nothing else, in ASCII.
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
        fields.millisecond = try scanner.readMilliseconds()
      }
    }
    _ = scanner.skip(UInt8(ascii: " "))
    if !scanner.isAtEnd { fields.offsetSeconds = try scanner.readOffset() }
  }
}
