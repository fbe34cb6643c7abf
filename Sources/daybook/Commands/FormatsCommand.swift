internal import ArgumentParser
internal import EventModel

/// `daybook formats`.
struct FormatsCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "formats",
    abstract: "List the formats of input, each with a sample.",
    discussion: """
      Every format may be compressed with gzip or zstd; 'daybook import' finds out by itself.

      Example:
        daybook formats --json
      """)

  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    if output.ndjson {
      for format in InputFormat.allCases { console.output.line(format.value) }
    } else if output.json {
      console.output.line(
        .object([Value.Field("formats", .array(InputFormat.allCases.map(\.value)))]))
    } else {
      for format in InputFormat.allCases { show(format, on: console) }
    }
    return .done
  }

  private func show(_ format: InputFormat, on console: Console) {
    let mapping = format.needsMapping ? "  (with --map)" : ""
    console.output.line(console.styled(format.rawValue, .bold) + mapping)
    console.output.line("  \(format.summary)")
    for line in format.sample.split(separator: "\n") {
      console.output.line("    " + console.styled(String(line), .dim))
    }
    console.output.line()
  }
}
