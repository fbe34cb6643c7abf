internal import ArgumentParser

/// A length of time on the command line: a whole number and one of `m h d w`, such as `7d`.
struct DurationArgument: ExpressibleByArgument {
  /// How long, in milliseconds; above 0.
  let milliseconds: Int64
  private let text: String

  /// Reads a length of time, or nothing when the text is none.
  init?(argument: String) {
    guard let unit = argument.last, let length = Self.unitMilliseconds[unit],
      let number = Int64(argument.dropLast()), number > 0
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: length)
    guard !overflow else { return nil }
    milliseconds = product
    text = argument
  }

  /// Seven days.
  static let week = DurationArgument(milliseconds: 604_800_000, text: "7d")

  private init(milliseconds: Int64, text: String) {
    self.milliseconds = milliseconds
    self.text = text
  }

  /// The length of time as help shows it.
  var defaultValueDescription: String { text }

  private static let unitMilliseconds: [Character: Int64] = [
    "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
  ]
}
