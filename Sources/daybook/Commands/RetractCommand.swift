internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

/// `daybook retract`.
struct RetractCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "retract",
    abstract: "Take an event back: it stays in the log and counts for nothing.",
    discussion: """
      A voided sale, a test message, a whole run of a broken till. An event is taken back with \
      the copies of the same message that other replicas took in, now or later; with --origin \
      and --from a run of one replica is, and nothing else: up to --last, or all that follows. \
      A run of one takes back one copy of a message. A correction is taken back like an event.

      Examples:
        daybook retract 8f3a/17 --reason 'voided at the till'
        daybook retract --origin 8f3a --from 1200 --reason 'scanner fault'
        daybook retract --origin 8f3a --from 17 --last 17 --reason 'a false copy'
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The event.", valueName: "ORIGIN/SEQUENCE"))
  var event: DotArgument?

  @Option(
    help: ArgumentHelp("Instead of an event: the replica whose run it is.", valueName: "ORIGIN"))
  var origin: String?

  @Option(help: ArgumentHelp("The first sequence of the run.", valueName: "SEQUENCE"))
  var from: UInt64?

  @Option(
    help: ArgumentHelp(
      "The last sequence of the run; without it, all that follow are.", valueName: "SEQUENCE"))
  var last: UInt64?

  @Option(help: ArgumentHelp("Why.", valueName: "R"))
  var reason: String?

  func validate() throws {
    guard (event != nil) != (origin != nil), (origin != nil) == (from != nil) else {
      throw ValidationError("name an event, or --origin and --from")
    }
    guard last.map({ $0 >= from ?? .max }) ?? true else {
      throw ValidationError("--last goes with --from and is no less")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let dot: Dot
    if let event {
      dot = try replica.retract(
        event.resolve(among: replica.snapshot().held), reason: reason)
    } else {
      let start = DotArgument(argument: "\(origin ?? "")/\(from ?? 1)")
      guard let first = try start?.resolve(among: replica.snapshot().held) else {
        throw CommandError(
          code: "bad_request", "--origin takes hexadecimal digits and --from 1 or more",
          status: .usage)
      }
      dot = try replica.retract(
        first.origin, from: first.sequence, last: last, reason: reason)
    }
    try replica.close()
    if output.isForPrograms {
      console.output.line(.object([Value.Field("event", .text("\(dot)"))]))
    } else {
      console.output.line("Retracted by \(dot).")
    }
    return .done
  }
}
