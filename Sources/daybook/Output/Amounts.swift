/// Numbers as people read them.
enum Amounts {
  /// A count with separators, such as `554,292`.
  static func count(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var groups: [Substring] = []
    var rest = digits[...]
    while rest.count > 3 {
      groups.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    groups.insert(rest, at: 0)
    return (number < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// A count and what is counted, such as `1 event` or `2 events`.
  static func count(_ number: some BinaryInteger, _ singular: String, _ plural: String? = nil)
    -> String
  {
    "\(count(number)) \(number == 1 ? singular : plural ?? singular + "s")"
  }

  /// A size in bytes, such as `17.4 MB`; a kilobyte is 1,000 bytes.
  static func bytes(_ number: some BinaryInteger) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    var tenths = UInt64(clamping: number)
    guard tenths >= 1000 else { return "\(tenths) B" }
    tenths = tenths / 100
    var unit = 0
    while tenths >= 10_000, unit + 1 < units.count {
      tenths /= 1000
      unit += 1
    }
    return tenths < 1000
      ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(tenths / 10) \(units[unit])"
  }

  /// A number of milliseconds as seconds with places, such as `3.052`.
  static func seconds(milliseconds: Int64) -> String {
    let rest = String(milliseconds.magnitude % 1000)
    let places = String(repeating: "0", count: 3 - rest.count) + rest
    return "\(milliseconds / 1000).\(places)"
  }

  /// A duration as a clock shows it, such as `1:05`.
  static func clock(seconds: Int64) -> String {
    let rest = String(seconds % 60)
    return "\(seconds / 60):\(rest.count == 1 ? "0" : "")\(rest)"
  }

  /// How many of `count` a second, in whole numbers.
  static func rate(_ count: UInt64, milliseconds: Int64) -> UInt64 {
    let (scaled, overflow) = count.multipliedReportingOverflow(by: 1000)
    return overflow ? count : scaled / UInt64(max(1, milliseconds))
  }
}
