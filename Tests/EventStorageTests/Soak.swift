import Foundation

/// How much the tests of faults try: what fits into every run, or all there is.
enum Soak {
  /// Whether `DAYBOOK_SOAK` is 1: exhaustive runs that take minutes to hours.
  static let isOn = ProcessInfo.processInfo.environment["DAYBOOK_SOAK"] == "1"
}
