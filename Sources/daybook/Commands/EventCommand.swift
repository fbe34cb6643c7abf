internal import ArgumentParser
internal import BookRules
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog
internal import ProjectionEngine

/// `daybook event`.
struct EventCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "event",
    abstract: "Show one event with its id and where it lies.",
    discussion: """
      An event is named ORIGIN/SEQUENCE, as 'daybook events' prints it; the origin may be \
      shortened while it is unambiguous. The id is the hash of the event's header: equal ids on \
      two replicas mean the same event, byte for byte.

      Example:
        daybook event 8f3a/17
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The event.", valueName: "ORIGIN/SEQUENCE"))
  var event: DotArgument

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
    let shown = try replica.events().reading(found, at: position.rawValue)
    let listed = ListedEvent(position: position, event: shown)
    let extra =
      details(of: found, at: position, in: snapshot)
      + Self.erasures(of: found, in: try replica.bookState())
    if output.isForPrograms {
      var writer = EventJSONWriter()
      writer.write(listed, extra: extra, to: &console.output.buffer)
      console.output.line()
    } else {
      describe(listed, extra: extra, on: console)
    }
    try replica.close()
    return .done
  }

  private func details(
    of event: Event, at position: LogPosition, in snapshot: LogSnapshot
  ) -> [Value.Field] {
    let received = snapshot.received(at: position) ?? event.recorded
    return [
      Value.Field("event_id", snapshot.id(of: event).map { .text("\($0)") } ?? .null),
      Value.Field("origin", .text(event.dot.origin.fullDescription)),
      Value.Field("sequence", .integer(Int64(clamping: event.dot.sequence))),
      Value.Field("schema", .text("\(event.schema)")),
      Value.Field("received", .text(CivilTime.text(milliseconds: received.milliseconds))),
    ]
  }

  /// Which sections are gone and by which erasure; no field at all when none is.
  private static func erasures(of event: Event, in state: BookState) -> [Value.Field] {
    let erased = state.erasures(of: event.dot, sectionCount: event.sections.count).map {
      section, erasure in
      Value.object([
        Value.Field("section", .integer(Int64(section))),
        Value.Field("erasure", .text("\(erasure)")),
      ])
    }
    return erased.isEmpty ? [] : [Value.Field("erased", .array(erased))]
  }

  private func describe(_ listed: ListedEvent, extra: [Value.Field], on console: Console) {
    let event = listed.event
    let output = console.output
    output.line(console.styled("\(event.type)  on \(event.channel)", .bold))
    var lines = [
      ("event", "\(event.dot)"), ("position", Amounts.count(listed.position.rawValue)),
      ("occurred", CivilTime.text(milliseconds: event.occurredMilliseconds)),
      ("recorded", CivilTime.text(milliseconds: event.recorded.milliseconds)),
    ]
    lines += extra.map { ($0.name, $0.value.brief) }
    for (name, value) in lines { output.line("  \(name.padded(to: 10))\(value)") }
    describe(event.facts, "facts", on: console)
    for person in event.persons { describe(person, "person", on: console) }
  }

  private func describe(_ section: Section, _ title: String, on console: Console) {
    let fields = section.fields
    guard !fields.isEmpty else { return }
    console.output.line(console.styled("  \(title)", .dim))
    let width = min(24, fields.map(\.name.count).max() ?? 0)
    for field in fields {
      console.output.line(
        "    \(field.name.padded(to: width))  \(field.value.brief.singleLine)")
    }
  }
}
