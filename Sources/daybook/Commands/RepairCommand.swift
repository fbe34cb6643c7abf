internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

/// `daybook repair`.
struct RepairCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Make a damaged store usable again, without what is damaged.",
    discussion: """
      Rebuilds what can be told from the rest: indexes, trees, second copies, read models. Blocks \
      and log frames that are damaged are left out, and all others stay at their positions, also \
      those behind the damage. The events that are lost are listed; 'daybook sync' fetches them \
      from any replica that has them. The damaged files are kept in the directory damaged of the \
      store, for you to remove.

      A store that lost events goes on under a new incarnation, so that no sequence is given away \
      twice. Exit code 4 means that something is wrong still.

      Examples:
        daybook repair --dry-run
        daybook repair --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Say what is damaged and what would be lost; change nothing.")
  var dryRun = false

  mutating func perform(on console: Console) throws -> ExitStatus {
    let report = try ReplicaCore.repair(
      at: store.directory, isDryRun: dryRun, environment: .thisMachine)
    if output.isForPrograms {
      console.output.line(report.value)
    } else {
      for line in report.lines { console.output.line(line) }
    }
    return report.remaining.isEmpty ? .done : .damaged
  }
}
