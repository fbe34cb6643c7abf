internal import ArgumentParser
internal import DurableFiles
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
      touches; nothing is changed. The answers' digests are computed again from the rows of \
      views.sqlite; a projection whose rows changed since is named, and removing the file mends \
      it. Exit code 4 means damage.

      Examples:
        daybook verify --json
        daybook verify --deep
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Also fold the whole log again and compare the answers; exit 1 if any differs.")
  var deep = false

  mutating func perform(on console: Console) throws -> ExitStatus {
    let report = try verify(directory: store.directory, fileSystem: POSIXFileSystem())
    let views = try ReplicaCore.verifyViews(at: store.directory, environment: .thisMachine)
    if output.isForPrograms {
      console.output.line(report.value(with: views))
    } else {
      for line in report.lines(with: views) { console.output.line(line) }
    }
    guard report.isSound, views.isSound else { return .damaged }
    return deep ? try compareAnswers(on: console) : .done
  }

  /// Replays the log beside the live answers.
  private func compareAnswers(on console: Console) throws -> ExitStatus {
    let replica = try store.openForAnswers(on: console)
    let progress = ProgressLine("replay", on: console)
    defer { progress.end() }
    let replay = try replica.replay { progress.update(done: $0, of: $1) }
    progress.end()
    try replica.close()
    guard !output.isForPrograms else { return replay.isEqual ? .done : .negative }
    console.output.line(
      replay.isEqual
        ? "A replay from nothing gives the same answers." : "A replay from nothing DIFFERS.")
    return replay.isEqual ? .done : .negative
  }
}
