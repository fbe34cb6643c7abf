internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog
internal import SyncProtocol
internal import SyncTransport

/// `daybook sync`.
struct SyncCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Exchange with another replica what either lacks.",
    discussion: """
      Afterwards both replicas hold the same events and give the same answers; the command \
      compares both and exits 1 when they disagree. It may be interrupted at any moment: the \
      next one goes on with what is still missing.

      Example:
        daybook sync ../hub --store ./till
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The other replica's store directory.", valueName: "PEER"))
  var peer: String

  func validate() throws {
    guard !peer.hasPrefix("grpc://"), !peer.hasPrefix("grpcs://") else {
      throw ValidationError("this version syncs with store directories; name the peer's directory")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let own = try store.openForAnswers(on: console)
    let other = try ReplicaCore.open(at: peer.withoutTrailingSlashes, on: console)
    try other.catchUp(on: console)
    let origins = [own.identity.origin, other.identity.origin]
    var link = InProcessLink(local: own, remote: other)
    let value = try link.run().value
    for (origin, replica) in zip(origins, [own, other]) where replica.identity.origin != origin {
      console.remark(
        "The store \(replica.directory) is a copy, it turned out: it goes on as"
          + " \(replica.identity.origin), no longer as \(origin).")
    }
    try own.close()
    try other.close()
    if output.isForPrograms {
      console.output.line(value)
    } else {
      show(value, on: console)
    }
    return value["in_sync"] == true && value["projections_agree"] == true ? .done : .negative
  }

  private func showDisagreements(of report: Value, on console: Console) {
    console.output.line(console.styled("The replicas disagree:", .red))
    if case .array(let disagreements)? = report["disagreements"] {
      for text in disagreements { console.output.line("  \(text.brief)") }
    }
    guard report["forked_origins"] != nil else { return }
    console.output.line("'daybook help replicas' says what to do about a fork.")
  }

  private func show(_ report: Value, on console: Console) {
    let sent = report["sent"]?.integer ?? 0
    let received = report["received"]?.integer ?? 0
    let bytes = (report["bytes_sent"]?.integer ?? 0) + (report["bytes_received"]?.integer ?? 0)
    console.output.line(
      "Sent \(Amounts.count(sent, "event")), received \(Amounts.count(received, "event")); "
        + "\(Amounts.bytes(bytes)) in "
        + Amounts.count(report["round_trips"]?.integer ?? 0, "round trip") + ".")
    let isInSync = report["in_sync"] == true && report["projections_agree"] == true
    if isInSync {
      console.output.line(
        console.styled("Both replicas hold the same events and give the same answers.", .green))
    } else {
      showDisagreements(of: report, on: console)
    }
    console.output.line("  set root \(report["set_root"]?.brief ?? "-")")
  }
}
