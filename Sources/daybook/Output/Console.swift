internal import EventModel
internal import Foundation

/// Where a command's words go: data to standard output, everything else to standard error.
struct Console {
  /// Data.
  let output = StandardOutput()
  /// Whether data is read by a person on a terminal that shows colours.
  let usesColor: Bool
  /// Whether somebody watches standard error, so that progress is worth drawing.
  let showsProgress: Bool

  /// The console of this process. `NO_COLOR` is honoured.
  init() {
    let environment = ProcessInfo.processInfo.environment
    let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    usesColor = isatty(STDOUT_FILENO) == 1 && !isPlain && environment["TERM"] != "dumb"
    showsProgress = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
  }

  /// Says something to whoever runs the command, apart from the data.
  func remark(_ text: String) { writeToStandardError(text + "\n") }

  /// Shows an error as one line.
  ///
  /// - Parameters:
  ///   - error: What went wrong.
  ///   - asJSON: Whether a script reads it.
  func report(_ error: CommandError, asJSON: Bool) {
    remark(asJSON ? error.value.json : error.line)
  }

  /// Writes to standard error as it is. A closed standard error is nobody's loss.
  func writeToStandardError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// The text in a style, when colours are shown.
  func styled(_ text: String, _ style: TextStyle) -> String {
    usesColor ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}

/// How a piece of text stands out; the raw value is its ANSI code.
enum TextStyle: Int {
  case bold = 1
  case dim = 2
  case red = 31
  case green = 32
  case yellow = 33
  case cyan = 36
}
