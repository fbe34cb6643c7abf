internal import EventModel

/// A measure of what customers think, from what they answer.
package enum ExperienceMetric: Int64, CaseIterable, Hashable, Sendable {
  /// Net promoter score: `survey` = nps, integer `score` 0 to 10.
  case nps = 0
  /// Customer satisfaction: `survey` = csat, integer `rating` 1 to 5.
  case csat = 1
  /// Customer effort score: `survey` = ces, integer `score` 1 to 7.
  case ces = 2

  /// The metric's name in commands and in the fact `survey`.
  package var name: String {
    switch self {
    case .nps: "nps"
    case .csat: "csat"
    case .ces: "ces"
    }
  }

  /// The answers that count.
  package var scale: ClosedRange<Int64> {
    switch self {
    case .nps: 0...10
    case .csat: 1...5
    case .ces: 1...7
    }
  }
}

/// One answer to a survey.
struct SurveyAnswer: Hashable {
  let metric: ExperienceMetric
  let score: Int64

  /// The answer among an event's facts, or nothing when there is none or it is off its scale.
  init?(facts: Section) {
    guard let survey = facts.textRange("survey"),
      let metric = ExperienceMetric.allCases.first(where: {
        facts.bytes[survey].elementsEqual($0.name.utf8)
      }),
      let score = metric == .csat ? facts.integer("rating") : facts.integer("score"),
      metric.scale.contains(score)
    else { return nil }
    self.metric = metric
    self.score = score
  }
}
