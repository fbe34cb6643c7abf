package import EventModel

// The document of metric scales:
//
//   scales := "daybook metric-scales 0", answer*
//   answer := METRIC SURVEY FIELD (ANSWER=VALUE)*
//
// Source: docs/format/documents.md §5.

/// Which facts are answers to which metric, and what they are worth on its scale.
package struct MetricScales: Hashable, Sendable {
  /// One survey's answers.
  package struct Answers: Hashable, Sendable {
    /// The metric they are counted for.
    package let metric: ExperienceMetric
    /// What the fact `survey` says.
    package let survey: String
    /// The fact that holds the answer, an integer.
    package let field: String
    /// What an answer is worth on the metric's scale; other answers are none.
    package let values: [Int64: Int64]

    /// The line of the document.
    fileprivate var line: String {
      let pairs = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      return ([metric.name, survey, field] + pairs).joined(separator: " ")
    }
  }

  /// One answer to a survey, on its metric's scale.
  package struct Score: Hashable, Sendable {
    /// The metric.
    package let metric: ExperienceMetric
    /// A value of its scale.
    package let value: Int64
  }

  /// What counts, ascending by survey and field: the first that an event fits is its answer.
  package let answers: [Answers]

  /// The scales that hold where no document is in force: survey `nps` with `score`, `csat` with
  /// `rating`, `ces` with `score`, each on its own scale.
  package static let builtIn = MetricScales(
    ExperienceMetric.allCases.map { metric in
      Answers(
        metric: metric, survey: metric.name, field: metric == .csat ? "rating" : "score",
        values: Dictionary(uniqueKeysWithValues: metric.scale.map { ($0, $0) }))
    })

  private init(_ answers: [Answers]) {
    self.answers = answers.sorted { ($0.survey, $0.field) < ($1.survey, $1.field) }
  }

  /// The answer that facts give, or nothing when they give none.
  package func score(_ facts: Section) -> Score? {
    guard let survey = facts.textRange("survey") else { return nil }
    for answers in answers where facts.bytes[survey].elementsEqual(answers.survey.utf8) {
      if let given = facts.value(named: answers.field)?.integer, let value = answers.values[given] {
        return Score(metric: answers.metric, value: value)
      }
    }
    return nil
  }
}

extension MetricScales {
  /// The most lines of a document.
  package static let answersCountMax = 256
  /// The most answers of a line.
  package static let valueCountMax = 128

  /// The document in canonical form.
  package var document: String {
    (["daybook metric-scales 0"] + answers.map(\.line)).joined(separator: "\n") + "\n"
  }

  /// Reads a document.
  ///
  /// - Parameter text: The document, canonical or as people write it.
  /// - Throws: `DocumentFault` with the line of the first mistake and its remedy.
  package init(document text: String) throws(DocumentFault) {
    let body = try DocumentLines(text).body(ofKind: "metric-scales")
    var answers: [Answers] = []
    var names: Set<[String]> = []
    for line in body {
      let one = try Answers(line)
      guard names.insert([one.survey, one.field]).inserted else {
        throw line.fault("this survey and field stand here twice; join the lines")
      }
      answers.append(one)
      guard answers.count <= Self.answersCountMax else {
        throw line.fault("at most \(Self.answersCountMax) lines; take away surveys nobody uses")
      }
    }
    self.init(answers)
  }
}

extension MetricScales.Answers {
  fileprivate init(_ line: DocumentLines.Line) throws(DocumentFault) {
    let name = line.keyword
    guard let metric = ExperienceMetric.allCases.first(where: { $0.name == name }) else {
      throw line.fault("a line begins with nps, csat or ces")
    }
    self.metric = metric
    survey = try line.word(1, "what the fact survey says")
    field = try line.word(2, "the fact that holds the answer")
    guard DocumentLines.isName(survey), DocumentLines.isName(field) else {
      throw line.fault("survey and field have 1 to 64 letters, digits, '_' or '-'")
    }
    var values: [Int64: Int64] = [:]
    for word in line.words.dropFirst(3) {
      guard let (answer, value) = Self.pair(word), metric.scale.contains(value),
        values.updateValue(value, forKey: answer) == nil
      else {
        let scale = metric.scale
        throw line.fault(
          "write ANSWER=VALUE, whole numbers, each answer once, each value from"
            + " \(scale.lowerBound) to \(scale.upperBound)")
      }
    }
    guard (1...MetricScales.valueCountMax).contains(values.count) else {
      throw line.fault("write 1 to \(MetricScales.valueCountMax) answers as ANSWER=VALUE")
    }
    self.values = values
  }

  private static func pair(_ word: DocumentLines.Word) -> (Int64, Int64)? {
    let parts = word.text.split(separator: "=", omittingEmptySubsequences: false)
    guard !word.isQuoted, parts.count == 2, let answer = Int64(parts[0]),
      let value = Int64(parts[1]), String(answer) == parts[0], String(value) == parts[1]
    else { return nil }
    return (answer, value)
  }
}
