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

      The person is hidden at once. Their bytes leave this disk with --now, or with the next \
      'daybook compact'; the receipt says by when that should be, a day from now. Removal \
      rewrites the segments that hold something of the person and overwrites the old ones, so \
      several people are best erased together. Other replicas remove what they hold in the same \
      way.

      Look first with --dry-run. Reason and request name stay in the log, so name nobody there.

      Examples:
        daybook erase email:lena@example.com --dry-run
        daybook erase email:lena@example.com --reason 'asked by letter' --request-id R-2041
        daybook erase email:lena@example.com --reason 'asked by letter' --now
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: ArgumentHelp(
      "Any identifier of the person; of several, one each.", valueName: "IDENTIFIER"))
  var people: [CustomerArgument]

  @Option(help: ArgumentHelp("Why; names nobody.", valueName: "R"))
  var reason: String?

  @Option(help: ArgumentHelp("What the request is called elsewhere.", valueName: "X"))
  var requestID: String?

  @Flag(help: "Show what would go, and erase nothing.")
  var dryRun = false

  @Flag(help: "Remove the bytes from this disk at once, with all that is pending.")
  var now = false

  func validate() throws {
    guard !now || !dryRun else {
      throw ValidationError("--dry-run erases nothing; leave --now out, or --dry-run")
    }
    guard dryRun || reason != nil else {
      throw ValidationError("say why with --reason, or look first with --dry-run")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.openForAnswers(on: console)
    if dryRun {
      let preview = try replica.erasurePreview(of: people.map(\.name))
      try replica.close()
      show(preview, on: console)
    } else {
      var receipt = try replica.erase(people.map(\.name), reason: reason, request: requestID)
      if now { receipt.removal = try replica.removeErased() }
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
    console.output.line("  physical  " + physical(receipt))
  }

  private func physical(_ receipt: ErasureReceipt) -> String {
    guard let removal = receipt.removal else {
      return "pending: run 'daybook compact' by "
        + CivilTime.text(milliseconds: receipt.deadlineMilliseconds)
    }
    return "removed: \(removal.summary)"
  }
}
