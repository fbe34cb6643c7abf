package import BookRules
package import EventModel

/// A metric, row by row.
package struct MetricAnswer: Hashable, Sendable {
  /// The value of one dimension; without a name the events state none.
  package struct Group: Hashable, Sendable {
    /// The dimension.
    package let dimension: MetricDimension
    /// The value.
    package let name: String?
  }

  /// One combination of the dimensions asked for, with the answers in it.
  package struct Row: Hashable, Sendable {
    /// The metric.
    package let metric: ExperienceMetric
    /// In the order asked for.
    package let group: [Group]
    /// How many answers there are of each score, ascending along the metric's scale.
    package let counts: [Int64]
  }

  /// In byte order of the groups; none when nobody answered.
  package let rows: [Row]

  /// `{"rows":[…]}`.
  package var value: Value { .object([Value.Field("rows", .array(rows.map(\.value)))]) }
}

extension MetricAnswer.Row {
  /// How many answers there are.
  package var responses: Int64 { counts.reduce(0, +) }

  /// How many answers lie in a part of the scale.
  package func count(_ scores: ClosedRange<Int64>) -> Int64 {
    zip(metric.scale, counts).reduce(0) { $0 + (scores.contains($1.0) ? $1.1 : 0) }
  }

  /// The mean answer, two decimals.
  package var mean: String {
    hundredths(zip(metric.scale, counts).reduce(0) { $0 + $1.0 * $1.1 }, responses)
  }

  /// NPS: promoters less detractors; CSAT: satisfied; CES: low effort; of a hundred answers, two
  /// decimals.
  package var score: String {
    switch metric {
    case .nps: hundredths((count(9...10) - count(0...6)) * 100, responses)
    case .csat: hundredths(count(4...5) * 100, responses)
    case .ces: hundredths(count(5...7) * 100, responses)
    }
  }

  /// The row as commands print it.
  package var value: Value {
    let by = group.map { Value.Field($0.dimension.rawValue, $0.name.map { .text($0) } ?? .null) }
    return .object([Value.Field("by", .object(by))] + measures)
  }

  private var measures: [Value.Field] {
    let responses = Value.Field("responses", .integer(responses))
    let score = Value.Field("score", .text(score))
    let mean = Value.Field("mean", .text(mean))
    switch metric {
    case .nps:
      return [
        responses, Value.Field("promoters", .integer(count(9...10))),
        Value.Field("passives", .integer(count(7...8))),
        Value.Field("detractors", .integer(count(0...6))), score,
      ]
    case .csat:
      return [responses, Value.Field("satisfied", .integer(count(4...5))), score, mean]
    case .ces:
      return [responses, mean, Value.Field("low_effort", .integer(count(5...7))), score]
    }
  }
}

/// A quotient with two decimals, rounded half to even; the divisor is positive.
func hundredths(_ dividend: Int64, _ divisor: Int64) -> String {
  guard divisor > 0 else { return "0.00" }
  let (quotient, rest) = (Int128(dividend) * 100).quotientAndRemainder(dividingBy: Int128(divisor))
  let doubled = rest.magnitude * 2
  let roundsAway =
    doubled > divisor.magnitude || (doubled == divisor.magnitude && quotient % 2 != 0)
  let rounded = quotient + (roundsAway ? (dividend < 0 ? -1 : 1) : 0)
  return Decimal64(coefficient: Int64(clamping: rounded), scale: 2)?.description ?? ""
}
