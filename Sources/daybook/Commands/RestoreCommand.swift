internal import ArgumentParser
internal import BookRules
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

/// `daybook restore`.
struct RestoreCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make a store from a backup.",
    discussion: """
      Every byte of the backup is checked before anything is made. Who is erased by the backup's \
      ledger is removed before the store can be opened; without a ledger nothing is restored, \
      unless you say so.

      The store is a new replica of the book, with a key of its own: what was written after the \
      backup comes back with 'daybook sync', and its own events count once its key is granted. \
      With --keys it is the same device again, and may what that one might.

      A restore that was cut short leaves a directory that is no store: remove it and start again.

      Examples:
        daybook restore /mnt/backups/hub ./hub
        daybook restore /mnt/backups/hub ./hub --keys ./rescued/keys --generation 12
      """)

  @OptionGroup var output: OutputOptions

  @Argument(help: "The directory with the backups.")
  var target: String

  @Argument(help: "Where to make the store: a directory that is missing or empty.")
  var directory: String

  @Option(
    help: ArgumentHelp(
      "A name for the replica, for people. (default: that of the one that was saved)",
      valueName: "NAME"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "The directory keys of the store that was saved, to be the same device again.",
      valueName: "DIR"))
  var keys: String?

  @Option(
    help: ArgumentHelp("The generation to restore. (default: the newest)", valueName: "N"))
  var generation: UInt64?

  @Flag(help: "Go on without the erasure ledger, although erased persons may come back.")
  var withoutLedger = false

  mutating func perform(on console: Console) throws -> ExitStatus {
    var request = RestoreRequest(directory: directory.withoutTrailingSlashes)
    request.label = label
    request.keys = keys?.withoutTrailingSlashes
    request.generation = generation
    request.goesWithoutLedger = withoutLedger
    let report = try ReplicaCore.restore(
      from: target.withoutTrailingSlashes, request, environment: .thisMachine)
    let replica = try ReplicaCore.open(at: request.directory, on: console)
    let isGranted = try replica.ownRoles().contains(.append)
    try replica.close()
    if output.isForPrograms {
      console.output.line(report.value(directory: request.directory, isGranted: isGranted))
    } else {
      show(report, directory: request.directory, on: console)
    }
    remark(report, directory: request.directory, isGranted: isGranted, on: console)
    return .done
  }

  private func show(_ report: RestoreReport, directory: String, on console: Console) {
    let made = CivilTime.text(milliseconds: report.madeMilliseconds)
    console.output.line(
      "Restored \(Amounts.count(report.events, "event")) of generation \(report.generation), saved"
        + " \(made), to \(directory).")
    console.output.line("  book    \(report.identity.book)")
    console.output.line("  origin  \(report.identity.origin)")
    console.output.line("  label   \(report.identity.label)")
    if report.erasedSections > 0 {
      console.output.line(
        "Removed \(Amounts.count(report.erasedSections, "section")) that the ledger says are erased."
      )
    }
  }

  private func remark(
    _ report: RestoreReport, directory: String, isGranted: Bool, on console: Console
  ) {
    if !isGranted {
      console.remark(
        "Not granted yet: what it writes has no effect until a replica that may runs 'daybook"
          + " replicas grant \(report.identity.origin.key) --roles ROLES' and both sync.")
    }
    if !report.hasBookSecret {
      console.remark(
        "The backup has no book secret: erase on another replica, or copy its file keys/book to"
          + " \(directory)/keys.")
    }
    console.remark("Next: daybook sync PEER --store \(directory)")
  }
}

extension RestoreReport {
  /// The report as the command prints it.
  fileprivate func value(directory: String, isGranted: Bool) -> Value {
    .object([
      Value.Field("store", .text(directory)),
      Value.Field("book", .text("\(identity.book)")),
      Value.Field("origin", .text("\(identity.origin)")),
      Value.Field("label", .text(identity.label)),
      Value.Field("generation", .integer(Int64(clamping: generation))),
      Value.Field("saved", .text(CivilTime.text(milliseconds: madeMilliseconds))),
      Value.Field("events", .integer(Int64(events))),
      Value.Field("erased_sections", .integer(Int64(erasedSections))),
      Value.Field("new_device", .boolean(isNewDevice)),
      Value.Field("granted", .boolean(isGranted)),
      Value.Field("book_secret", .boolean(hasBookSecret)),
    ])
  }
}
