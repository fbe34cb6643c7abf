internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import InteractionLog

/// `daybook redact`.
struct RedactCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact",
    abstract: "Remove one field of an event: something that should never have been sent.",
    discussion: """
      The section that holds the field is erased, and what else it holds is kept beside; the \
      event's id and every proof stay valid. No answer shows the field from now on, nor do the \
      copies of the same message. Its bytes stay on this disk until the next 'daybook compact'.

      Example:
        daybook redact 8f3a/17 note --reason 'card number in free text'
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The event.", valueName: "ORIGIN/SEQUENCE"))
  var event: DotArgument

  @Argument(help: ArgumentHelp("The field, as 'daybook event' names it.", valueName: "FIELD"))
  var field: String

  @Option(help: ArgumentHelp("Why.", valueName: "R"))
  var reason: String?

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let dot = try event.resolve(among: replica.snapshot().held)
    let redaction = try replica.redact(field, of: dot, reason: reason)
    try replica.close()
    if output.isForPrograms {
      console.output.line(.object([Value.Field("event", .text("\(redaction)"))]))
    } else {
      console.output.line("Redacted by \(redaction).")
    }
    return .done
  }
}
