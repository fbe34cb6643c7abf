internal import ArgumentParser
internal import BookRules
internal import CustomerProfiles
internal import EventModel
internal import InteractionLog

/// `daybook metrics`.
struct MetricsCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Show NPS, CSAT and CES, by channel, touchpoint, month, agent or product.",
    discussion: """
      docs/metrics.md defines each figure. --since and --until mean whole UTC days of the time \
      an answer was given; --until is exclusive.

      Examples:
        daybook metrics nps --by channel
        daybook metrics csat --by channel,month --since 2026-01-01 --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var moment: MomentOptions

  @Argument(help: ArgumentHelp("nps, csat, ces or all.", valueName: "METRIC"))
  var metric = Choice.all

  @Option(
    help: ArgumentHelp(
      "Split by these, separated by commas: channel, touchpoint, month, agent, product.",
      valueName: "LIST"))
  var by: Dimensions?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Answers from this time on.", valueName: "T"))
  var since: TimeArgument?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Answers before this time.", valueName: "T"))
  var until: TimeArgument?

  /// Which metrics are asked for.
  enum Choice: String, CaseIterable, ExpressibleByArgument {
    case nps
    case csat
    case ces
    case all
  }

  /// What a metric is split by.
  struct Dimensions: ExpressibleByArgument {
    let list: [MetricDimension]

    init?(argument: String) {
      var list: [MetricDimension] = []
      for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
        guard let dimension = MetricDimension(rawValue: String(part)), !list.contains(dimension)
        else { return nil }
        list.append(dimension)
      }
      self.list = list
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.openForAnswers(on: console)
    let moment = try moment.resolve(in: replica)
    let metrics = ExperienceMetric.allCases.filter { metric == .all || $0.name == metric.rawValue }
    let answers = try metrics.map { metric in
      (metric, try replica.metric(query(metric), at: moment.moment).value)
    }
    try replica.close()
    show(answers, on: console)
    return .done
  }

  private func query(_ metric: ExperienceMetric) -> MetricQuery {
    MetricQuery(
      metric, by: by?.list ?? [], sinceMilliseconds: since?.milliseconds,
      untilMilliseconds: until?.milliseconds)
  }

  private func show(_ answers: [(metric: ExperienceMetric, value: Value)], on console: Console) {
    if output.ndjson {
      for answer in answers {
        for row in answer.value["rows"]?.elements ?? [] { console.output.line(row) }
      }
    } else if output.json, metric != .all, let answer = answers.first {
      console.output.line(answer.value)
    } else if output.json {
      console.output.line(
        .object(answers.map { Value.Field($0.metric.name, $0.value) }))
    } else {
      for (index, answer) in answers.enumerated() {
        if index > 0 { console.output.line() }
        MetricsTable(answer.metric.name.uppercased(), answer.value).write(to: console)
      }
    }
  }
}
