/// A measure of what customers think, from what they answer.
package enum ExperienceMetric: Int64, CaseIterable, Hashable, Sendable {
  /// Net promoter score, 0 to 10.
  case nps = 0
  /// Customer satisfaction, 1 to 5.
  case csat = 1
  /// Customer effort score, 1 to 7.
  case ces = 2

  /// The metric's name in commands and documents.
  package var name: String {
    switch self {
    case .nps: "nps"
    case .csat: "csat"
    case .ces: "ces"
    }
  }

  /// The values that are counted.
  package var scale: ClosedRange<Int64> {
    switch self {
    case .nps: 0...10
    case .csat: 1...5
    case .ces: 1...7
    }
  }
}
