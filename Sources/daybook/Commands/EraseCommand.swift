internal import ArgumentParser
internal import EventModel
internal import HybridTime
internal import InteractionLog

/// `daybook erase`.
struct EraseCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Erase a person: no answer shows them, here and wherever the erasure arrives.",
    discussion: """
      What goes is every section of an event that carries one of the identifiers of the \
      person's profile, now and when it arrives later with a time up to this moment. Facts that \
      name nobody, such as amounts and scores, stay, and so do ids and proofs. Importing the \
      person's files again appends nothing of them; whoever comes back later is a new customer.

      The person is hidden at once. Their bytes stay on this disk for now: this version does \
      not remove them yet, and the receipt says so.

      Look first with --dry-run. Reason and request name stay in the log, so name nobody there.

      Examples:
        daybook erase email:lena@example.com --dry-run
        daybook erase email:lena@example.com --reason 'asked by letter' --request-id R-2041
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Any identifier of the person.", valueName: "IDENTIFIER"))
  var customer: CustomerArgument

  @Option(help: ArgumentHelp("Why; names nobody.", valueName: "R"))
  var reason: String?

  @Option(help: ArgumentHelp("What the request is called elsewhere.", valueName: "X"))
  var requestID: String?

  @Flag(help: "Show what would go, and erase nothing.")
  var dryRun = false

  @Flag(help: "Remove the bytes at once; not possible in this version.")
  var now = false

  func validate() throws {
    guard !now else {
      throw ValidationError(
        "--now cannot be honoured: this version hides a person at once and cannot remove their bytes"
          + " yet; run it without --now")
    }
    guard dryRun || reason != nil else {
      throw ValidationError("say why with --reason, or look first with --dry-run")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.openForAnswers(on: console)
    if dryRun {
      let preview = try replica.erasurePreview(of: customer.name)
      try replica.close()
      show(preview, on: console)
    } else {
      let receipt = try replica.erase(customer.name, reason: reason, request: requestID)
      try replica.close()
      show(receipt, on: console)
    }
    return .done
  }

  private func show(_ preview: ErasurePreview, on console: Console) {
    guard !output.isForPrograms else { return console.output.line(preview.value) }
    console.output.line(
      "Would erase \(Amounts.count(preview.sectionCount, "section")) of "
        + "\(Amounts.count(preview.eventCount, "event")), and these identifiers:")
    for name in preview.names {
      let first = name.first.map { ", the first \($0)" } ?? ""
      console.output.line(
        "  \(name.identifier)  in \(Amounts.count(name.eventCount, "event"))\(first)")
    }
  }

  private func show(_ receipt: ErasureReceipt, on console: Console) {
    guard !output.isForPrograms else { return console.output.line(receipt.value) }
    console.output.line(
      "Erased \(Amounts.count(receipt.sectionCount, "section")) of "
        + "\(Amounts.count(receipt.eventCount, "event")), "
        + "\(Amounts.count(receipt.identifierCount, "identifier")).")
    for dot in receipt.erasures { console.output.line("  erasure   \(dot)") }
    console.output.line("  cut       \(CivilTime.text(milliseconds: receipt.cutMilliseconds))")
    console.output.line("  hidden    now; on other replicas with their next sync")
    console.output.line("  physical  pending: the bytes are on this disk until they are removed")
  }
}
