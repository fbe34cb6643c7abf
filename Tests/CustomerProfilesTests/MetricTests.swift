import BookRules
import CustomerProfiles
import EventModel
import HybridTime
import ProjectionEngine
import Testing

@Suite struct MetricTests {
  private func queries(_ events: [Event]) throws -> CustomerQueries {
    let source = ArraySource(events)
    let engine = try ReadModels(location: .temporary) { CustomerQueries.makeProjections() }
    _ = try engine.catchUp(with: source)
    return CustomerQueries(views: engine, source: source)
  }

  private func answer(
    _ sequence: UInt64, _ survey: String, _ score: Int64, occurred: Int64 = 0,
    channel: Channel = .email, facts: [Value.Field] = []
  ) throws -> Event {
    try testEvent(
      sequence: sequence, occurred: occurred, channel: channel, type: "survey.answered",
      facts: facts + [
        Value.Field("survey", .text(survey)),
        Value.Field(survey == "csat" ? "rating" : "score", .integer(score)),
      ])
  }

  @Test("NPS counts promoters, passives and detractors and nothing off the scale")
  func nps() throws {
    let scores: [Int64] = [10, 9, 8, 7, 6, 0, 10, 11, -1]
    let queries = try queries(
      scores.enumerated().map { try answer(UInt64($0.offset) + 1, "nps", $0.element) })
    #expect(
      try queries.metric(MetricQuery(.nps)).value.json == """
        {"rows":[{"by":{},"responses":7,"promoters":3,"passives":2,"detractors":2,"score":"14.29"}]}
        """)
  }

  @Test("CSAT and CES have their own field, scale and threshold")
  func csatAndCES() throws {
    let events = try [
      answer(1, "csat", 5), answer(2, "csat", 4), answer(3, "csat", 1), answer(4, "csat", 0),
      answer(5, "csat", 6), answer(6, "ces", 7), answer(7, "ces", 5), answer(8, "ces", 4),
      answer(9, "ces", 8), answer(10, "nps", 3),
      testEvent(
        sequence: 11, facts: [Value.Field("survey", "csat"), Value.Field("score", 5)]),
    ]
    let queries = try queries(events)
    #expect(
      try queries.metric(MetricQuery(.csat)).value.json == """
        {"rows":[{"by":{},"responses":3,"satisfied":2,"score":"66.67","mean":"3.33"}]}
        """)
    #expect(
      try queries.metric(MetricQuery(.ces)).value.json == """
        {"rows":[{"by":{},"responses":3,"mean":"5.33","low_effort":2,"score":"66.67"}]}
        """)
  }

  @Test(
    "Ratios round half to even",
    arguments: [
      ([1, 1, 1, 1, 1, 1, 1, 5], "12.50", "1.50"),
      (Array(repeating: 1, count: 799) + [5], "0.12", "1.00"),
      (Array(repeating: 1, count: 797) + [5, 5, 5], "0.38", "1.02"),
    ] as [([Int64], String, String)])
  func rounding(ratings: [Int64], score: String, mean: String) throws {
    let queries = try queries(
      ratings.enumerated().map { try answer(UInt64($0.offset) + 1, "csat", $0.element) })
    let row = try #require(try queries.metric(MetricQuery(.csat)).rows.first)
    #expect(row.score == score)
    #expect(row.mean == mean)
  }

  @Test("Rows are told apart by what is asked for, in byte order")
  func dimensions() throws {
    let november: Int64 = 1_793_491_200_000
    let queries = try queries([
      answer(1, "nps", 10, occurred: november, channel: .web),
      answer(2, "nps", 0, occurred: november - 1, channel: .web),
      answer(3, "nps", 9, occurred: november, facts: [Value.Field("@touchpoint", "receipt")]),
    ])
    let answer = try queries.metric(MetricQuery(.nps, by: [.channel, .month, .touchpoint]))
    let groups = answer.value["rows"].map { rows -> [String] in
      guard case .array(let rows) = rows else { return [] }
      return rows.compactMap { $0["by"]?.json }
    }
    #expect(
      groups == [
        #"{"channel":"email","month":"2026-11","touchpoint":"receipt"}"#,
        #"{"channel":"web","month":"2026-10","touchpoint":null}"#,
        #"{"channel":"web","month":"2026-11","touchpoint":null}"#,
      ])
  }

  @Test("Since and until take whole days")
  func period() throws {
    let day: Int64 = 86_400_000
    let queries = try queries(
      (0..<10).map { try answer($0 + 1, "nps", 10, occurred: Int64($0) * day / 2 - day) })
    func responses(_ since: Int64?, _ until: Int64?) throws -> Int64 {
      let query = MetricQuery(.nps, sinceMilliseconds: since, untilMilliseconds: until)
      return try queries.metric(query).rows.first?.responses ?? 0
    }
    #expect(try responses(nil, nil) == 10)
    #expect(try responses(0, nil) == 8)
    #expect(try responses(day - 1, nil) == 8)
    #expect(try responses(nil, 0) == 2)
    #expect(try responses(nil, 1) == 4)
    #expect(try responses(day, 2 * day) == 2)
    #expect(try responses(.min, .max) == 10)
    #expect(try responses(.max, .min) == 0)
  }

  @Test(
    "Counts equal a naive count, and a scan of the log gives the same", arguments: UInt64(1)...8)
  func naiveCount(seed: UInt64) throws {
    let events = try randomEvents(seed: seed, count: 300)
    let source = ArraySource(events)
    let queries = try queries(events)
    var winners = KeyWinners(within: EventFilter(through: source.highWaterMark))
    for metric in ExperienceMetric.allCases {
      var counts = [Int64](repeating: 0, count: metric.scale.count)
      for (index, event) in events.enumerated() {
        let field: StaticString = metric == .csat ? "rating" : "score"
        guard event.facts.text("survey") == metric.name, let score = event.facts.integer(field),
          metric.scale.contains(score),
          try source.counting(event, at: UInt64(index) + 1, by: &winners) != nil
        else { continue }
        counts[Int(score - metric.scale.lowerBound)] += 1
      }
      #expect(try queries.metric(MetricQuery(metric)).rows.map(\.counts) == [counts])
      for dimension in MetricDimension.allCases {
        let query = MetricQuery(metric, by: [dimension])
        let live = try queries.metric(query)
        #expect(live.rows.reduce(0) { $0 + $1.responses } == counts.reduce(0, +))
        #expect(try queries.metric(query, at: Moment(lastPosition: 300)) == live)
      }
    }
  }
}
