internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import InteractionLog

/// `daybook verify`.
struct VerifyCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of a store.",
    discussion: """
      Reads every frame, block and index, checks every checksum, and compares the indexes with \
      what the blocks say. Damage is listed with file, offset, length and the positions it \
      touches; nothing is changed. Exit code 4 means damage.

      Example:
        daybook verify --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    let report = try ReplicaCore.verify(at: store.directory, environment: .thisMachine)
    if output.isForPrograms {
      console.output.line(report.value)
    } else {
      for line in report.lines { console.output.line(line) }
    }
    return report.isClean ? .done : .damaged
  }
}
