import CustomerProfiles
import EventModel
import HybridTime
import IdentityResolution
import ProjectionEngine
import SyntheticWorkload
import Testing

/// What must be one answer whatever the way the events came.
@Suite struct ConvergenceTests {
  private func engine(batch: UInt64 = 1000) throws -> ReadModels {
    try ReadModels(location: .temporary, limits: FoldLimits(batchEventCount: batch)) {
      CustomerQueries.makeProjections()
    }
  }

  private func identifiers(of events: [Event]) -> [Identifier] {
    var seen: Set<[UInt8]> = []
    return events.flatMap { $0.persons.flatMap(\.identifiers) }
      .filter { seen.insert(Array($0.description.utf8)).inserted }
  }

  private func answers(_ engine: ReadModels, _ source: ArraySource) throws -> [String] {
    let queries = CustomerQueries(views: engine, source: source)
    return try identifiers(of: source.events).map { identifier in
      let profile = try queries.profile(of: identifier)
      let text = profile?.value(nowMilliseconds: 0, asOf: "now").json ?? "none"
      return "\(identifier) \(text)"
    }.sorted()
  }

  @Test("Any order of arrival and any batches give the same answers", arguments: UInt64(1)...12)
  func orderDoesNotMatter(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed &* 7919)
    let events = try randomEvents(seed: seed)
    let first = try engine()
    _ = try first.catchUp(with: ArraySource(events))
    let shuffled = events.shuffled(using: &random)
    let second = try engine(batch: UInt64.random(in: 1...30, using: &random))
    for end in [20, 21, 70, events.count] {
      _ = try second.catchUp(with: ArraySource(Array(shuffled.prefix(end))))
    }
    #expect(try first.digests() == second.digests())
    #expect(try answers(first, ArraySource(events)) == answers(second, ArraySource(shuffled)))
    #expect(try second.replay(from: ArraySource(shuffled)).allSatisfy(\.matches))
  }

  @Test("Every profile equals the one folded from nothing", arguments: UInt64(20)...30)
  func readModelEqualsFold(seed: UInt64) throws {
    let source = ArraySource(try randomEvents(seed: seed))
    let engine = try engine(batch: 7)
    _ = try engine.catchUp(with: source)
    let queries = CustomerQueries(views: engine, source: source)
    for identifier in identifiers(of: source.events) {
      let live = try queries.profile(of: identifier)
      // A moment that excludes nothing is answered by folding from nothing.
      let everything = Moment(lastPosition: source.highWaterMark)
      #expect(try live == queries.profile(of: identifier, at: everything))
      #expect(
        try queries.timeline(of: identifier)
          == queries.timeline(of: identifier, at: everything))
    }
  }

  @Test("Customers are the partition that all claims imply", arguments: UInt64(40)...50)
  func customersArePartition(seed: UInt64) throws {
    let source = ArraySource(try randomEvents(seed: seed))
    let engine = try engine(batch: 11)
    _ = try engine.catchUp(with: source)
    let queries = CustomerQueries(views: engine, source: source)
    var partition = IdentityPartition(rules: .standard)
    var winners = KeyWinners(within: EventFilter(through: source.highWaterMark))
    for (index, event) in source.events.enumerated()
    where try source.counting(event, at: UInt64(index) + 1, by: &winners) != nil {
      partition.add(event)
    }
    for customer in partition.customers() {
      for name in customer {
        let text = String(decoding: name, as: UTF8.self)
        let profile = try queries.profile(of: try #require(Identifier(text)))
        #expect(profile?.identifierTexts.map { Array($0.utf8) } == customer)
      }
    }
  }

  @Test("A past position gives what the read model said then", arguments: UInt64(60)...66)
  func asOfPosition(seed: UInt64) throws {
    let events = try randomEvents(seed: seed)
    let then = ArraySource(Array(events.prefix(70)))
    let engine = try engine()
    _ = try engine.catchUp(with: then)
    let past = try answers(engine, then)
    _ = try engine.catchUp(with: ArraySource(events))
    let queries = CustomerQueries(views: engine, source: ArraySource(events))
    let again = try identifiers(of: then.events).map { identifier in
      let profile = try queries.profile(of: identifier, at: Moment(lastPosition: 70))
      return "\(identifier) \(profile?.value(nowMilliseconds: 0, asOf: "now").json ?? "none")"
    }.sorted()
    #expect(again == past)
  }

  @Test("A chain of thousands of links becomes one customer", arguments: [false, true])
  func longChain(isReversed: Bool) throws {
    let links = (1...3000).map { ["anonymous:\($0)", "anonymous:\($0 + 1)"] }
    let events = try (isReversed ? links.reversed() : links).enumerated().map { index, names in
      try testEvent(
        sequence: UInt64(index) + 1, recorded: 1, persons: [TestPerson(identifiers: names)])
    }
    let source = ArraySource(events)
    let engine = try engine(batch: 500)
    _ = try engine.catchUp(with: source)
    let queries = CustomerQueries(views: engine, source: source)
    let profile = try queries.profile(of: Identifier(kind: "anonymous", value: "1777"))
    #expect(profile?.identifierTexts.count == 3001)
    #expect(profile?.id?.description == "\(try testOrigin(1))/1#1")
  }
}
