package import BookRules
internal import EventModel
internal import ProjectionEngine

/// What a metric can be told apart by.
package enum MetricDimension: String, CaseIterable, Hashable, Sendable {
  case channel, touchpoint, month, agent, product
}

/// A question for a metric.
package struct MetricQuery: Hashable, Sendable {
  /// The metric.
  package var metric: ExperienceMetric
  /// A row for each combination of these; one row when empty.
  package var dimensions: [MetricDimension]
  /// Only answers effective on the UTC day of this time or later, in milliseconds since 1970.
  package var sinceMilliseconds: Int64?
  /// Only answers effective on UTC days that begin before this time.
  package var untilMilliseconds: Int64?

  /// A question from its parts.
  package init(
    _ metric: ExperienceMetric, by dimensions: [MetricDimension] = [],
    sinceMilliseconds: Int64? = nil, untilMilliseconds: Int64? = nil
  ) {
    self.metric = metric
    self.dimensions = dimensions
    self.sinceMilliseconds = sinceMilliseconds
    self.untilMilliseconds = untilMilliseconds
  }

  func admits(_ cell: MetricCell) -> Bool {
    guard cell.metric == metric else { return false }
    if let since = sinceMilliseconds, cell.day < CustomerState.day(since) { return false }
    if let until = untilMilliseconds, cell.day > CustomerState.day(until.subtractingClamped(1)) {
      return false
    }
    return true
  }

  func group(of cell: MetricCell) -> [ExactText] {
    dimensions.map { dimension in
      switch dimension {
      case .channel: ExactText(cell.channel.description)
      case .touchpoint: cell.touchpoint
      case .month: ExactText(cell.month)
      case .agent: cell.agent
      case .product: cell.product
      }
    }
  }
}

extension Int64 {
  fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? .min : difference
  }
}

/// How many answers of each score fell into each group of a question.
struct MetricTally {
  let query: MetricQuery
  private var scores: [[ExactText]: [Int64: Int64]] = [:]

  init(query: MetricQuery) { self.query = query }

  mutating func add(_ cell: MetricCell, count: Int64) {
    guard query.admits(cell) else { return }
    scores[query.group(of: cell), default: [:]][cell.score, default: 0] += count
  }

  /// The answer, groups in byte order.
  var answer: MetricAnswer {
    let groups = scores.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return MetricAnswer(
      rows: groups.map { group, scores in
        MetricAnswer.Row(
          metric: query.metric,
          group: zip(query.dimensions, group).map {
            MetricAnswer.Group(dimension: $0, name: $1.bytes.isEmpty ? nil : $1.string)
          },
          counts: query.metric.scale.map { scores[$0, default: 0] })
      })
  }
}
