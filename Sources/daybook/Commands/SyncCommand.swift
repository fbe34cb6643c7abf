internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
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
    let other = try ReplicaCore.open(
      at: peer.withoutTrailingSlashes, environment: .thisMachine)
    try other.catchUp(on: console)
    var link = InProcessLink(local: own, remote: other)
    let value = try link.run().value
    try own.close()
    try other.close()
    if output.isForPrograms {
      console.output.line(value)
    } else {
      show(value, on: console)
    }
    return value["in_sync"] == true && value["projections_agree"] == true ? .done : .negative
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
    console.output.line(
      isInSync
        ? console.styled("Both replicas hold the same events and give the same answers.", .green)
        : console.styled("The replicas disagree; run 'daybook verify' on both.", .red))
    console.output.line("  set root \(report["set_root"]?.brief ?? "-")")
  }
}
