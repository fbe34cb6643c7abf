internal import ArgumentParser
internal import ChannelAdapters
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

/// `daybook correct`.
struct CorrectCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "correct",
    abstract: "Correct facts of an event: answers use the new values, the log keeps both.",
    discussion: """
      A mistyped rating, a wrong amount. The correction is an event of its own, with its reason, \
      and holds for the copies of the same message, too, now or later; 'daybook retract' of the \
      correction brings the old values back. Facts are what the event's type declares; \
      'daybook event' shows them.

      Example:
        daybook correct 8f3a/17 --set rating=4 --reason 'typed 1 for 4'
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The event.", valueName: "ORIGIN/SEQUENCE"))
  var event: DotArgument

  @Option(help: ArgumentHelp("A fact and its new value; may be repeated.", valueName: "NAME=VALUE"))
  var set: [String] = []

  @Option(help: ArgumentHelp("A fact to take away; may be repeated.", valueName: "NAME"))
  var unset: [String] = []

  @Option(help: ArgumentHelp("Why.", valueName: "R"))
  var reason: String?

  func validate() throws {
    guard !set.isEmpty || !unset.isEmpty else { throw ValidationError("name a fact with --set") }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let snapshot = replica.snapshot()
    let dot = try event.resolve(among: snapshot.held)
    guard let position = try snapshot.position(of: dot),
      let found = try snapshot.event(at: position)
    else {
      throw CommandError(
        code: "not_found", "\(dot) is not held here; sync with a replica that holds it",
        status: .negative)
    }
    let facts = try correctedFacts(of: found, in: replica)
    let correction = try replica.correct(dot, facts: facts, persons: nil, reason: reason)
    try replica.close()
    if output.isForPrograms {
      console.output.line(.object([Value.Field("event", .text("\(correction)"))]))
    } else {
      console.output.line("Corrected by \(correction).")
    }
    return .done
  }

  private func correctedFacts(of event: Event, in replica: ReplicaCore) throws -> Section {
    let schema = try replica.catalogue().entry(for: event.type).schema
    var fields = event.facts.fields.filter { !unset.contains($0.name) }
    for assignment in set {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let kind = schema.kind(of: String(parts[0])) else {
        throw CommandError(
          code: "bad_request",
          "--set takes NAME=VALUE with a fact of \(event.type): "
            + schema.facts.map(\.name).joined(separator: ", "), status: .usage)
      }
      guard let value = Self.value(of: kind, String(parts[1])) else {
        throw CommandError(
          code: "bad_request", "\(parts[0]) takes a value of kind \(kind.rawValue)", status: .usage)
      }
      fields.removeAll { $0.name == parts[0] }
      fields.append(Value.Field(String(parts[0]), value))
    }
    return Section(fields)
  }

  /// The value that a text means as a fact of a kind.
  private static func value(of kind: FactKind, _ text: String) -> Value? {
    let bytes = Array(text.utf8)
    switch kind {
    case .text: return text.contains("@") || bytes.count > 256 ? nil : .text(text)
    case .boolean: return ["true": .boolean(true), "false": .boolean(false)][text]
    case .integer: return Int64(text).map { .integer($0) }
    case .decimal, .money:
      switch JSONNumber(checking: bytes.span) {
      case .integer(let value): return .integer(value)
      case .decimal(let coefficient, let scale):
        return Decimal64(coefficient: coefficient, scale: UInt8(clamping: scale)).map {
          .decimal($0)
        }
      case .text, nil: return nil
      }
    case .time, .lines: return nil
    }
  }
}
