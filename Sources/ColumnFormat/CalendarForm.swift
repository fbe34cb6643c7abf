internal import BinaryCoding
internal import EventModel

// layout := date + 4 × clock + 16 × joint
//
//   date   0  2026-11-22    1  22/11/2026, without leading zeros    2  the same with two digits each
//   clock  0  none          1  09:30       2  09:30:15     3  09:30:15.250
//   joint  0  T             1  a space

/// How a text shows a time of the years 1 to 9999; its value counts days, minutes, seconds or
/// milliseconds since 1970-01-01, by what it shows.
struct CalendarForm {
  private let date: UInt8
  private let clock: UInt8
  private let joint: UInt8

  /// All layouts that there are.
  static let layouts: [UInt8] = (0..<32).filter { CalendarForm(layout: $0) != nil }

  init?(layout: UInt8) {
    date = layout & 3
    clock = layout >> 2 & 3
    joint = layout >> 4
    guard date < 3, joint < 2, clock > 0 || joint == 0 else { return nil }
  }

  private var unitsPerDay: Int64 { [1, 1440, 86_400, 86_400_000][Int(clock)] }

  /// The value of the time that a text begins with, and how many bytes that takes.
  func value(of text: Span<UInt8>) -> (value: Int64, byteCount: Int)? {
    var scan = DigitScan(offset: 0)
    guard let (year, month, day) = readDate(text, &scan), 1...9999 ~= year, 1...12 ~= month,
      day >= 1, day <= CivilTime.dayCount(year: year, month: month)
    else { return nil }
    var value = CivilTime.days(year: year, month: month, day: day) * unitsPerDay
    guard clock > 0 else { return (value, scan.offset) }
    guard scan.skip(joint == 0 ? "T" : " ", text), let hour = scan.number(text, 2),
      scan.skip(":", text), let minute = scan.number(text, 2), hour < 24, minute < 60
    else { return nil }
    let minutes = hour * 60 + minute
    guard clock > 1 else { return (value + minutes, scan.offset) }
    guard scan.skip(":", text), let second = scan.number(text, 2), second < 60 else { return nil }
    guard clock > 2 else { return (value + minutes * 60 + second, scan.offset) }
    guard scan.skip(".", text), let thousandth = scan.number(text, 3) else { return nil }
    value += (minutes * 60 + second) * 1000 + thousandth
    return (value, scan.offset)
  }

  private func readDate(
    _ text: Span<UInt8>, _ scan: inout DigitScan
  ) -> (year: Int64, month: Int64, day: Int64)? {
    if date == 0 {
      guard let year = scan.number(text, 4), scan.skip("-", text),
        let month = scan.number(text, 2), scan.skip("-", text), let day = scan.number(text, 2)
      else { return nil }
      return (year, month, day)
    }
    let digits = date == 2 ? 2 : 0
    guard let day = scan.number(text, digits), scan.skip("/", text),
      let month = scan.number(text, digits), scan.skip("/", text),
      let year = scan.number(text, 4)
    else { return nil }
    return (year, month, day)
  }

  /// Whether a value lies within the years 1 to 9999.
  func holds(_ value: Int64) -> Bool {
    let days = value / unitsPerDay
    return -719_161...2_932_895 ~= days
  }

  /// Prints a value that ``holds(_:)``.
  func print(_ value: Int64, to writer: inout ByteWriter) {
    let units = unitsPerDay
    let days = value >= 0 ? value / units : (value + 1) / units - 1
    var rest = value - days * units
    let (year, month, day) = CivilTime.date(days: days)
    if date == 0 {
      Self.write(year, digits: 4, to: &writer)
      writer.write(UInt8(ascii: "-"))
      Self.write(month, digits: 2, to: &writer)
      writer.write(UInt8(ascii: "-"))
      Self.write(day, digits: 2, to: &writer)
    } else {
      Self.write(day, digits: date == 2 || day > 9 ? 2 : 1, to: &writer)
      writer.write(UInt8(ascii: "/"))
      Self.write(month, digits: date == 2 || month > 9 ? 2 : 1, to: &writer)
      writer.write(UInt8(ascii: "/"))
      Self.write(year, digits: 4, to: &writer)
    }
    guard clock > 0 else { return }
    let thousandth = clock == 3 ? rest % 1000 : 0
    if clock == 3 { rest /= 1000 }
    let second = clock > 1 ? rest % 60 : 0
    if clock > 1 { rest /= 60 }
    writer.write(UInt8(ascii: joint == 0 ? "T" : " "))
    Self.write(rest / 60, digits: 2, to: &writer)
    writer.write(UInt8(ascii: ":"))
    Self.write(rest % 60, digits: 2, to: &writer)
    guard clock > 1 else { return }
    writer.write(UInt8(ascii: ":"))
    Self.write(second, digits: 2, to: &writer)
    guard clock > 2 else { return }
    writer.write(UInt8(ascii: "."))
    Self.write(thousandth, digits: 3, to: &writer)
  }

  /// How many bytes ``print(_:to:)`` writes.
  func byteCount(_ value: Int64) -> Int {
    let clocks = [0, 6, 9, 13][Int(clock)]
    guard date == 1 else { return 10 + clocks }
    let days = value >= 0 ? value / unitsPerDay : (value + 1) / unitsPerDay - 1
    let (_, month, day) = CivilTime.date(days: days)
    return 8 + (day > 9 ? 1 : 0) + (month > 9 ? 1 : 0) + clocks
  }

  private static func write(_ number: Int64, digits: Int, to writer: inout ByteWriter) {
    var power: Int64 = 1
    for _ in 1..<digits { power *= 10 }
    while power > 0 {
      writer.write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / power % 10))
      power /= 10
    }
  }
}

/// Reads the digits of a time.
private struct DigitScan {
  var offset: Int

  mutating func skip(_ expected: Unicode.Scalar, _ text: Span<UInt8>) -> Bool {
    guard offset < text.count, text[offset] == UInt8(ascii: expected) else { return false }
    offset += 1
    return true
  }

  /// A number of exactly so many digits; with 0 of one or two, without a leading zero.
  mutating func number(_ text: Span<UInt8>, _ digits: Int) -> Int64? {
    let start = offset
    var value: Int64 = 0
    while offset < text.count, offset - start < (digits > 0 ? digits : 2) {
      let digit = text[offset] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      value = value * 10 + Int64(digit)
      offset += 1
    }
    guard digits > 0 else {
      return offset > start && text[start] != UInt8(ascii: "0") ? value : nil
    }
    return offset - start == digits ? value : nil
  }
}
