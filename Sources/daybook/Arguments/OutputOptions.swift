internal import ArgumentParser

/// In what form a command answers.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document.")
  var json = false

  @Flag(help: "Print one JSON object a line where rows are listed.")
  var ndjson = false

  /// Whether a program reads the answer.
  var isForPrograms: Bool { json || ndjson }
}
