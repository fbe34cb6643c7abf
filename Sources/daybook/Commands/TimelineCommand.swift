internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
internal import InteractionLog

/// `daybook timeline`.
struct TimelineCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeline",
    abstract: "List one customer's interactions on all channels, newest first.",
    discussion: """
      All identifiers that are known to be the same customer count.

      Examples:
        daybook timeline user:u-42
        daybook timeline phone:+34600111222 --limit 200 --ndjson
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var moment: MomentOptions

  @Argument(help: ArgumentHelp("KIND:VALUE or profile:ID.", valueName: "ID"))
  var customer: CustomerArgument

  @Option(help: ArgumentHelp("At most this many.", valueName: "N"))
  var limit = 50

  func validate() throws {
    guard limit >= 1 else { throw ValidationError("--limit needs a number of 1 or more") }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.openForAnswers(on: console)
    let moment = try moment.resolve(in: replica)
    let entries = try replica.timeline(of: customer.name, at: moment.moment, limit: limit)
      .map(\.value)
    try replica.close()
    guard !entries.isEmpty else { throw CommandError.unknownCustomer }
    if output.ndjson {
      for entry in entries { console.output.line(entry) }
    } else if output.json {
      console.output.line(
        .object([
          Value.Field("events", .array(entries)), Value.Field("as_of", .text(moment.asOf)),
        ]))
    } else {
      show(entries, on: console)
    }
    return .done
  }

  private func show(_ entries: [Value], on console: Console) {
    var table = TextTable("OCCURRED", "CHANNEL", "TYPE", "SOURCE", "EVENT")
    for entry in entries {
      let occurred = entry["occurred"]?.text ?? ""
      table.add(
        occurred.prefix(10) + " " + occurred.dropFirst(11).prefix(8),
        entry["channel"]?.brief ?? "", entry["type"]?.brief ?? "",
        (entry["source"]?.brief ?? "").shortened(to: 24), entry["event"]?.brief ?? "")
    }
    table.write(to: console)
  }
}
