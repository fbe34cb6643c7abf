internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
internal import EventStorage
internal import InteractionLog

/// `daybook stats`.
struct StatsCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show what a store holds and how much room it takes.",
    discussion: """
      Pending sections are erased or redacted and on this disk still; 'daybook compact' removes \
      them.

      Example:
        daybook stats --json
        daybook stats --by-month

      With --by-month interactions are counted by channel and by the month, in UTC, in which they
      happened; with --json in "months", a list of {"month","channel","events"}.
      """)

  @Flag(name: .customLong("by-month"), help: "Also count by channel and month.")
  var isByMonth = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    var statistics = try replica.statistics().value
    let months = isByMonth ? try replica.countByMonth() : []
    let identity = replica.identity
    try replica.close()
    if output.isForPrograms {
      if isByMonth, case .object(let fields) = statistics {
        statistics = .object(fields + [.init("months", .array(months.map(Self.value)))])
      }
      console.output.line(statistics)
    } else {
      console.output.line(console.styled("\(identity.label)", .bold) + "  \(store.directory)")
      console.output.line("  book \(identity.book)  origin \(identity.origin)")
      show(statistics, on: console)
      if isByMonth { console.output.line("  " + console.styled("months", .cyan)) }
      for row in months {
        console.output.line(
          "    \(row.month.monthText)  \(row.month.channel.description.padded(to: 8))"
            + Amounts.count(Int64(row.events)).padded(to: 12, .right))
      }
    }
    return .done
  }

  private static func value(_ row: (month: ChannelMonth, events: Int)) -> Value {
    .object([
      .init("month", .text(row.month.monthText)),
      .init("channel", .text(row.month.channel.description)),
      .init("events", .integer(Int64(row.events))),
    ])
  }

  private func show(_ statistics: Value, on console: Console) {
    for field in statistics.fields where field.name != "channels" && field.name != "bytes" {
      console.output.line(
        "  \(field.name.replacingUnderscores.padded(to: 18))\(Self.amount(field.value))")
    }
    for (title, isBytes) in [("bytes", true), ("channels", false)] {
      guard let part = statistics[title] else { continue }
      console.output.line("  " + console.styled(title, .cyan))
      show(part, indent: 4, isBytes: isBytes, on: console)
    }
  }

  private func show(_ value: Value, indent: Int, isBytes: Bool, on console: Console) {
    let margin = String(repeating: " ", count: indent)
    for field in value.fields {
      if case .object = field.value {
        console.output.line(margin + field.name)
        show(field.value, indent: indent + 2, isBytes: isBytes, on: console)
      } else {
        let number = field.value.integer ?? 0
        let text = isBytes ? Amounts.bytes(number) : Amounts.count(number)
        console.output.line(margin + field.name.padded(to: 14) + text.padded(to: 12, .right))
      }
    }
  }

  private static func amount(_ value: Value) -> String {
    value.integer.map { Amounts.count($0) } ?? (value == .null ? "-" : value.brief)
  }
}
