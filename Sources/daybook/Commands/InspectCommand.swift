internal import ArgumentParser
internal import DurableFiles
internal import EventModel
internal import EventStorage

/// `daybook inspect`.
struct InspectCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a write-ahead log, segment or manifest file holds.",
    discussion: """
      Reads one file without its store, damaged ones too, and prints its parts with their \
      offsets and sizes. It shows no personal data: of persons' fields names and sizes only.

      Examples:
        daybook inspect daybook-store/log/000001.seg
        daybook inspect daybook-store/log/000001.seg --streams
      """)

  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("A file of a store.", valueName: "FILE"))
  var file: String

  @Flag(help: "Of a segment of columns, show each stream: size, field, how it is stored.")
  var streams = false

  @Flag(help: "Of a segment of columns, show the strings in tables of facts.")
  var strings = false

  /// Refuses both at once.
  mutating func validate() throws {
    guard !streams || !strings else {
      throw ValidationError("use '--streams' or '--strings', not both")
    }
  }

  private var detail: InspectionDetail {
    if streams { return .streams }
    return strings ? .strings : .parts
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let description = try inspect(file: file, detail: detail, fileSystem: POSIXFileSystem())
    if output.isForPrograms {
      console.output.line(description.value)
    } else {
      for line in description.text { console.output.line(line) }
    }
    return description.problems.isEmpty ? .done : .damaged
  }
}
