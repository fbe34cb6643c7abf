internal import ArgumentParser
internal import EventModel
internal import ImportFiles
internal import InteractionLog

/// `daybook append`.
struct AppendCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "append",
    abstract: "Append messages from standard input, one a line.",
    discussion: """
      Whatever can be read at once is appended as one batch, so a single line is acknowledged \
      at once and a flood is grouped. With --ndjson each event is acknowledged with its line \
      when it is durable, that is, when it survives power loss:

        {"line":1,"event":"8f3a…/17","position":17,"result":"appended"}

      The result is appended, duplicate (the event names the one that is held), conflict \
      (appended, and the same id was there with other content), erased (it is about a person who \
      was erased: nothing of them is shown, and without an event nothing was appended) or refused \
      (see reason; the line is kept in the dead letters, and the exit code is 3).

      Examples:
        daybook append --ndjson < messages.ndjson
        daybook generate --events 1000 | daybook append
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var input: InputOptions

  func validate() throws {
    guard input.format != .csv else {
      throw ValidationError("append reads one message a line; take in CSV with 'daybook import'")
    }
    try input.validateMapping()
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let work = FileImport(options: input)
    let replica = try store.open(on: console)
    let acknowledges = output.ndjson
    let outcome = try work.run(paths: ["-"], into: replica) { batch, results in
      guard acknowledges else { return }
      Acknowledgement.write(batch, results, to: console.output)
      try console.output.flush()
    }
    try replica.close()
    if output.json {
      console.output.line(outcome.value)
    } else if !output.ndjson {
      let counts = outcome.counts.filter { $0.count > 0 || $0.name == "appended" }
      console.output.line(
        counts.map { "\(Amounts.count($0.count)) \($0.name)" }.joined(separator: ", "))
    }
    return outcome.refused == 0 ? .done : .refusedInPart
  }
}
