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
      offsets and sizes. It shows no personal data.

      Example:
        daybook inspect daybook-store/log/000001.seg
      """)

  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("A file of a store.", valueName: "FILE"))
  var file: String

  mutating func perform(on console: Console) throws -> ExitStatus {
    let description = try inspect(file: file, fileSystem: POSIXFileSystem())
    if output.isForPrograms {
      console.output.line(description.value)
    } else {
      for line in description.text { console.output.line(line) }
    }
    return description.problems.isEmpty ? .done : .damaged
  }
}
