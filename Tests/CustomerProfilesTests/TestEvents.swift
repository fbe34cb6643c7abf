import EventModel
import HybridTime
import SyntheticWorkload
import Testing

/// An origin whose name is `number`.
func testOrigin(_ number: UInt64) throws -> OriginID {
  let key = try #require(DeviceKey(bytes: [UInt8](repeating: UInt8(number), count: 32)))
  return OriginID(incarnation: number, key: key)
}

/// One person as a test names it.
struct TestPerson {
  var identifiers: [String]
  var traits: [Value.Field] = []
}

/// An event of which only what a test names matters.
func testEvent(
  origin: UInt64 = 1, sequence: UInt64, recorded: Int64 = 0, occurred: Int64 = 0,
  channel: Channel = .web, type: String = "page.viewed", source: String = "test",
  id: String? = nil, facts: [Value.Field] = [], persons: [TestPerson] = []
) throws -> Event {
  let type = try #require(EventType(type))
  var sections = [Section(facts + [Value.Field("@occurred", .integer(occurred))])]
  for (index, person) in (persons.isEmpty ? [TestPerson(identifiers: [])] : persons).enumerated() {
    var fields: [Value.Field] = []
    if index == 0 { fields.append(Value.Field("@source", .text(source))) }
    if index == 0, let id { fields.append(Value.Field("@id", .text(id))) }
    let names = Set(person.identifiers).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    if !names.isEmpty {
      fields.append(Value.Field("@identifiers", .array(names.map { .text($0) })))
    }
    if !person.traits.isEmpty { fields.append(Value.Field("@traits", .object(person.traits))) }
    sections.append(Section(fields))
  }
  let draft = EventDraft(
    channel: channel, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
    sections: sections)
  return Event(
    dot: Dot(origin: try testOrigin(origin), sequence: sequence),
    recorded: HybridTimestamp(milliseconds: recorded), draft: draft)
}

/// A set of events of several origins in which people share identifiers, some keys come more than
/// once, and every kind of contribution to a profile occurs.
func randomEvents(seed: UInt64, count: UInt64 = 120) throws -> [Event] {
  var random = SeededGenerator(seed: seed)
  return try (1...count).map { sequence in
    let type = random.pick([
      "page.viewed", "order.completed", "product.purchased", "product.returned", "survey.answered",
      "call.ended", "identity.identified", "order.cancelled", "grant.given", "custom.thing",
    ])
    return try testEvent(
      origin: UInt64.random(in: 1...3, using: &random), sequence: sequence,
      recorded: Int64.random(in: 1...40, using: &random),
      occurred: Int64.random(in: -3...9, using: &random) * 40_000_000,
      channel: random.pick(Channel.allCases), type: type,
      source: random.pick(["shop", "till", "café", "cafe\u{301}"]),
      id: random.oneIn(3) ? "k\(Int.random(in: 0..<12, using: &random))" : nil,
      facts: randomFacts(of: type, using: &random), persons: randomPersons(using: &random))
  }
}

private func randomPersons(using random: inout SeededGenerator) -> [TestPerson] {
  (0..<(random.oneIn(5) ? 2 : 1)).map { _ in
    var person = TestPerson(
      identifiers: (0..<Int.random(in: 0...3, using: &random)).map { _ in
        let kind = random.pick(["user", "email", "anonymous", "loyalty", "zodiac"])
        return
          "\(kind):\(random.pick(["null", "é", "e\u{301}", "a\u{0}b"] + (1...14).map(String.init)))"
      })
    if random.oneIn(2) {
      person.traits = [
        Value.Field(
          "address",
          .object([Value.Field("city", .text(random.pick(["Oslo", "Lima", "Pune"])))])),
        Value.Field("age", .integer(Int64.random(in: 20...22, using: &random))),
      ]
    }
    return person
  }
}

private func randomFacts(of type: String, using random: inout SeededGenerator) -> [Value.Field] {
  let amount = Decimal64(
    coefficient: Int64.random(in: 0...10_000, using: &random),
    scale: UInt8.random(in: 1...3, using: &random))
  switch type {
  case "order.completed", "order.cancelled":
    return [
      Value.Field("total", amount.map { .decimal($0) } ?? .null),
      Value.Field("currency", .text(random.pick(["EUR", "JPY", "eur"]))),
    ]
  case "product.purchased", "product.returned":
    return [
      Value.Field("currency", "EUR"), Value.Field("price", amount.map { .decimal($0) } ?? .null),
      Value.Field("quantity", .integer(Int64.random(in: -2...5, using: &random))),
    ]
  case "survey.answered", "call.ended":
    return [
      Value.Field("agent", .text(random.pick(["a1", "a2"]))),
      Value.Field("rating", .integer(Int64.random(in: 0...6, using: &random))),
      Value.Field("score", .integer(Int64.random(in: -1...11, using: &random))),
      Value.Field("survey", .text(random.pick(["nps", "csat", "ces", "other"]))),
    ]
  default: return []
  }
}
