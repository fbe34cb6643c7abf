/// How a source writes its times, compiled from a pattern like `%d/%m/%Y %H:%M`.
///
/// | directive | reads |
/// | --- | --- |
/// | `%Y` `%y` | year of four digits; of two, 69–99 as 1969–1999 and 00–68 as 2000–2068 |
/// | `%m` `%d` `%e` | month, day: one or two digits; `%e` may follow a space |
/// | `%b` `%B` | month in English, short or long |
/// | `%a` `%A` | weekday in English; read and not checked |
/// | `%H` `%I` `%p` | hour of 24, hour of 12, AM or PM |
/// | `%M` `%S` | minute, second: one or two digits |
/// | `%f` | fraction of a second, 1 to 18 digits |
/// | `%z` | `Z`, `UTC`, `GMT`, `+01`, `+0100`, `+01:00` |
/// | `%F` `%T` `%R` | `%Y-%m-%d`, `%H:%M:%S`, `%H:%M` |
/// | `%s` `%Q` | whole seconds, milliseconds since 1970 |
/// | `%%` | a percent sign |
///
/// All else stands for itself. The names `iso8601`, `epoch_s` and `epoch_ms` are formats too.
package struct TimeFormat: Equatable, Sendable {
  fileprivate enum Part: Equatable {
    case literal(UInt8)
    case year, shortYear, month, day, hour, halfDayHour, minute, second, fraction, offset
    case paddedDay, monthName, weekdayName, halfDay, epochSeconds, epochMilliseconds
  }

  /// Nil stands for ISO 8601.
  private let parts: [Part]?

  /// ISO 8601 and RFC 3339, as ``WrittenTime/parseISO8601(_:)`` reads them.
  package static let iso8601 = TimeFormat(parts: nil)

  private init(parts: [Part]?) { self.parts = parts }

  /// Compiles `pattern`.
  ///
  /// - Parameter pattern: Directives and literal text, or the name of a format.
  /// - Throws: ``TimeFault/unknownDirective(at:)``.
  package init(_ pattern: String) throws(TimeFault) {
    switch pattern {
    case "iso8601": self = .iso8601
    case "epoch_s": self.init(parts: [.epochSeconds])
    case "epoch_ms": self.init(parts: [.epochMilliseconds])
    default: self.init(parts: try Self.parts(of: [UInt8](pattern.utf8)))
    }
  }

  /// Reads `text`, which must match the whole pattern.
  ///
  /// - Parameter text: The time and nothing else.
  /// - Returns: The moment; epoch times count as UTC.
  /// - Throws: ``TimeFault``.
  package func parse(_ text: Span<UInt8>) throws(TimeFault) -> WrittenTime {
    guard let parts else { return try WrittenTime.parseISO8601(text) }
    var scanner = TimeScanner(text)
    var reading = Reading()
    for part in parts { try reading.read(part, from: &scanner) }
    try scanner.expectEnd()
    return try reading.writtenTime()
  }
}

/// Compiling a pattern.
extension TimeFormat {
  private static func parts(of pattern: [UInt8]) throws(TimeFault) -> [Part] {
    var parts: [Part] = []
    var index = 0
    while index < pattern.count {
      guard pattern[index] == UInt8(ascii: "%") else {
        parts.append(.literal(pattern[index]))
        index += 1
        continue
      }
      guard index + 1 < pattern.count, let meaning = directive(pattern[index + 1]) else {
        throw .unknownDirective(at: index)
      }
      parts += meaning
      index += 2
    }
    guard !parts.isEmpty else { throw .unknownDirective(at: 0) }
    return parts
  }

  private static func directive(_ letter: UInt8) -> [Part]? {
    switch Character(Unicode.Scalar(letter)) {
    case "Y": [.year]
    case "y": [.shortYear]
    case "m": [.month]
    case "d": [.day]
    case "e": [.paddedDay]
    case "b", "B", "h": [.monthName]
    case "a", "A": [.weekdayName]
    case "H": [.hour]
    case "I": [.halfDayHour]
    case "p": [.halfDay]
    case "M": [.minute]
    case "S": [.second]
    case "f": [.fraction]
    case "z": [.offset]
    case "F": [.year, .literal(0x2d), .month, .literal(0x2d), .day]
    case "T": [.hour, .literal(0x3a), .minute, .literal(0x3a), .second]
    case "R": [.hour, .literal(0x3a), .minute]
    case "s": [.epochSeconds]
    case "Q": [.epochMilliseconds]
    case "%": [.literal(letter)]
    default: nil
    }
  }
}

/// What a pattern has read so far.
private struct Reading {
  var fields = CivilFields()
  var halfDayHour: Int?
  var isAfternoon: Bool?
  var epochMilliseconds: Int64?

  func writtenTime() throws(TimeFault) -> WrittenTime {
    if let epochMilliseconds {
      let (sum, overflows) = epochMilliseconds.addingReportingOverflow(Int64(fields.millisecond))
      guard !overflows, sum.magnitude <= 253_402_300_799_999 else { throw .outOfRange(.epoch) }
      return WrittenTime(localMilliseconds: sum, offsetSeconds: 0)
    }
    var fields = fields
    if let halfDayHour {
      guard 1...12 ~= halfDayHour else { throw .outOfRange(.hour) }
      fields.hour = halfDayHour % 12 + (isAfternoon == true ? 12 : 0)
    }
    return try fields.writtenTime()
  }
}

extension Reading {
  mutating func read(
    _ part: TimeFormat.Part, from scanner: inout TimeScanner
  ) throws(TimeFault) {
    switch part {
    case .literal(let byte): try scanner.expect(byte)
    case .year: fields.year = try scanner.readNumber(digits: 4...4)
    case .shortYear:
      let year = try scanner.readNumber(digits: 2...2)
      fields.year = year + (year < 69 ? 2000 : 1900)
    case .month: fields.month = try scanner.readNumber(digits: 1...2)
    case .day: fields.day = try scanner.readNumber(digits: 1...2)
    case .paddedDay:
      _ = scanner.skip(UInt8(ascii: " "))
      fields.day = try scanner.readNumber(digits: 1...2)
    case .hour: fields.hour = try scanner.readNumber(digits: 1...2)
    case .halfDayHour: halfDayHour = try scanner.readNumber(digits: 1...2)
    case .minute: fields.minute = try scanner.readNumber(digits: 1...2)
    case .second: fields.second = try scanner.readNumber(digits: 1...2)
    case .fraction:
      (fields.millisecond, fields.hasFinerFraction) = try scanner.readMilliseconds()
    case .offset: fields.offsetSeconds = try scanner.readOffset()
    case .monthName: fields.month = try readName(months, from: &scanner) % 12 + 1
    case .weekdayName: _ = try readName(weekdays, from: &scanner)
    case .halfDay:
      isAfternoon = try readName(["am", "pm", "a.m.", "p.m."], from: &scanner) % 2 == 1
    case .epochSeconds: epochMilliseconds = try readEpoch(&scanner) * 1000
    case .epochMilliseconds: epochMilliseconds = try readEpoch(&scanner)
    }
  }

  private func readName(
    _ names: [StaticString], from scanner: inout TimeScanner
  ) throws(TimeFault) -> Int {
    let position = scanner.position
    guard let index = try scanner.readWord(from: names) else { throw .malformed(at: position) }
    return index
  }

  /// Reads a whole number of at most 15 digits, so that no product with 1,000 overflows.
  private func readEpoch(_ scanner: inout TimeScanner) throws(TimeFault) -> Int64 {
    let isNegative = scanner.skip(UInt8(ascii: "-"))
    let value = Int64(try scanner.readNumber(digits: 1...15))
    return isNegative ? -value : value
  }
}

private let months: [StaticString] = [
  "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  "january", "february", "march", "april", "may", "june", "july", "august", "september",
  "october", "november", "december",
]

private let weekdays: [StaticString] = [
  "mon", "tue", "wed", "thu", "fri", "sat", "sun",
  "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
]
