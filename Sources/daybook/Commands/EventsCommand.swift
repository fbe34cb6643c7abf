internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

/// `daybook events`.
struct EventsCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "List interactions, in the order of this replica's log.",
    discussion: """
      Interactions that reached the book twice are listed once. Times are RFC 3339, 'now', or \
      relative such as -30d; --until is exclusive.

      Examples:
        daybook events --since -7d --channel store --type 'order.*'
        daybook events --subject email:lena@example.com --reverse --limit 20
        daybook events --ndjson | wc -l
        daybook events --format cloudevents > book.ndjson
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only events at or after this time.", valueName: "T"))
  var since: TimeArgument?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Only events before this time.", valueName: "T"))
  var until: TimeArgument?

  @Option(help: "Which time --since and --until mean: occurred or recorded.")
  var clock = EventQuery.Clock.occurred

  @Option(
    name: .customLong("channel"),
    help: ArgumentHelp("Only this channel; may be repeated.", valueName: "C"))
  var channels: [ChannelArgument] = []

  @Option(
    name: .customLong("type"),
    help: ArgumentHelp(
      "Only types like this, where * stands for anything; may be repeated.", valueName: "GLOB"))
  var types: [TypePattern] = []

  @Option(help: ArgumentHelp("Only events that carry this identifier.", valueName: "KIND:VALUE"))
  var subject: IdentifierArgument?

  @Option(help: ArgumentHelp("Only events of this source system.", valueName: "S"))
  var source: String?

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp("Start at this position of the log.", valueName: "POSITION"))
  var from: UInt64?

  @Flag(help: "Newest position first.")
  var reverse = false

  @Option(help: ArgumentHelp("Stop after this many.", valueName: "N"))
  var limit: UInt64?

  @Option(help: ArgumentHelp("cloudevents, ndjson or csv.", valueName: "F"))
  var format: EventListing.Format?

  @Flag(help: "Also list events that govern the book, and every copy.")
  var all = false

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    var listing = EventListing(
      snapshot: replica.snapshot(), rules: try replica.events(), query: query,
      format: listingFormat, console: console)
    listing.includesCopies = all
    listing.isReversed = reverse
    listing.countMax = limit ?? .max
    listing.start = from.map { LogPosition(rawValue: max(1, $0)) }
    try listing.write()
    try replica.close()
    return .done
  }

  private var query: EventQuery {
    EventQuery(
      clock: clock, since: since?.milliseconds, until: until?.milliseconds,
      channels: Set(channels.map(\.channel)), types: types, subject: subject?.identifier,
      source: source.map { Array($0.utf8) }, includesControl: all)
  }

  private var listingFormat: EventListing.Format {
    if let format { return format }
    return output.ndjson ? .ndjson : output.json ? .document : .rows
  }
}

extension EventQuery.Clock: ExpressibleByArgument {}
