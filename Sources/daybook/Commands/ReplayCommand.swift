internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
internal import InteractionLog

/// `daybook replay`.
struct ReplayCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Fold the whole log again, beside the live answers.",
    discussion: """
      Every answer is computed from the log. A replay computes them from nothing and prints \
      their digests; with --compare it also says whether the live ones are the same, and exits \
      1 if any is not.

      Examples:
        daybook replay --compare
        daybook replay --projection profiles --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Option(
    name: .customLong("projection"),
    help: ArgumentHelp("Only this projection; may be repeated.", valueName: "P"))
  var projections: [String] = []

  @Flag(help: "Compare with the live answers; exit 1 if any differs.")
  var compare = false

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.openForAnswers(on: console)
    let progress = ProgressLine("replay", on: console)
    defer { progress.end() }
    let report = try replica.replay(projections: projections, compare: compare) {
      progress.update(done: $0, of: $1)
    }
    progress.end()
    try replica.close()
    let value = report.value
    if output.isForPrograms {
      console.output.line(value)
    } else {
      show(value, on: console)
    }
    let differs = (value["projections"]?.fields ?? []).contains { $0.value["matches"] == false }
    return compare && differs ? .negative : .done
  }

  private func show(_ report: Value, on console: Console) {
    let events = report["events"]?.integer ?? 0
    console.output.line(
      "Folded \(Amounts.count(events, "event")) in \(report["seconds"]?.brief ?? "?") s.")
    for projection in report["projections"]?.fields ?? [] {
      var verdict = ""
      if projection.value["matches"] == true { verdict = console.styled("  equal", .green) }
      if projection.value["matches"] == false { verdict = console.styled("  DIFFERS", .red) }
      console.output.line(
        "  " + projection.name.padded(to: 14) + (projection.value["digest"]?.brief ?? "")
          + verdict)
    }
  }
}
