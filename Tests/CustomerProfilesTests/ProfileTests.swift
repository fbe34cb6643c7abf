import CustomerProfiles
import EventModel
import HybridTime
import IdentityResolution
import ProjectionEngine
import Testing

@Suite struct ProfileTests {
  private static let user = Identifier(kind: "user", value: "u1")
  private static let day: Int64 = 86_400_000

  private func profile(
    _ events: [Event], of identifier: Identifier = user, at moment: Moment = .now
  ) throws -> Profile? {
    let source = ArraySource(events)
    let engine = try ReadModels(location: .temporary) { CustomerQueries.makeProjections() }
    _ = try engine.catchUp(with: source)
    return try CustomerQueries(views: engine, source: source).profile(of: identifier, at: moment)
  }

  private func metrics(_ events: [Event]) throws -> Value? {
    try profile(events)?.value(nowMilliseconds: 10 * Self.day, asOf: "now")["metrics"]
  }

  private func event(
    _ sequence: UInt64, _ type: String = "page.viewed", recorded: Int64? = nil,
    occurred: Int64 = 0, channel: Channel = .web, source: String = "test", id: String? = nil,
    _ facts: [Value.Field] = [], of identifiers: [String] = ["user:u1"],
    traits: [Value.Field] = []
  ) throws -> Event {
    try testEvent(
      sequence: sequence, recorded: recorded ?? Int64(sequence), occurred: occurred,
      channel: channel, type: type, source: source, id: id, facts: facts,
      persons: [TestPerson(identifiers: identifiers, traits: traits)])
  }

  @Test("A story over three channels gives the profile that the contract prints")
  func story() throws {
    let profile = try profile([
      event(
        1, "product.viewed", channel: .web, source: "site", of: ["anonymous:c1"]),
      event(
        2, "identity.identified", occurred: Self.day, channel: .mobile, source: "app",
        of: ["anonymous:c1", "user:u1"], traits: [Value.Field("name", "Ada")]),
      event(
        3, "order.completed", occurred: 2 * Self.day, channel: .store, source: "till",
        [Value.Field("currency", "EUR"), Value.Field("total", 20)]),
    ])
    #expect(
      profile?.value(nowMilliseconds: 5 * Self.day, asOf: "now").json == """
        {"profile":"0000000000000001/2#2","identifiers":[\
        {"kind":"anonymous","value":"c1","first_seen":"1970-01-01T00:00:00.000Z",\
        "last_seen":"1970-01-02T00:00:00.000Z","sources":["app","site"]},\
        {"kind":"user","value":"u1","first_seen":"1970-01-02T00:00:00.000Z",\
        "last_seen":"1970-01-03T00:00:00.000Z","sources":["app","till"]}],\
        "attributes":{"name":{"value":"Ada","occurred":"1970-01-02T00:00:00.000Z",\
        "event":"0000000000000001/2","source":"app","channel":"mobile"}},"channels":{\
        "web":{"events":1,"first":"1970-01-01T00:00:00.000Z","last":"1970-01-01T00:00:00.000Z"},\
        "mobile":{"events":1,"first":"1970-01-02T00:00:00.000Z","last":"1970-01-02T00:00:00.000Z"},\
        "store":{"events":1,"first":"1970-01-03T00:00:00.000Z","last":"1970-01-03T00:00:00.000Z"}},\
        "stage":"purchase","metrics":{"nps":null,"csat":null,"ces":null,"orders":1,\
        "lifetime_value":[{"amount":"20.00","currency":"EUR"}],"recency_days":3,"frequency":1},\
        "consent":null,"open_cases":null,"loyalty":null,"last_interactions":[\
        {"occurred":"1970-01-03T00:00:00.000Z","channel":"store","type":"order.completed",\
        "event":"0000000000000001/3"},\
        {"occurred":"1970-01-02T00:00:00.000Z","channel":"mobile","type":"identity.identified",\
        "event":"0000000000000001/2"},\
        {"occurred":"1970-01-01T00:00:00.000Z","channel":"web","type":"product.viewed",\
        "event":"0000000000000001/1"}],"as_of":"now"}
        """)
  }

  @Test("A till's lines are sales; an order's lines are not counted twice; returns subtract")
  func money() throws {
    let euro = Value.Field("currency", "EUR")
    let price = Value.Field("price", .decimal(try #require(Decimal64(coefficient: 1005, scale: 2))))
    let metrics = try metrics([
      event(1, "order.completed", [euro, Value.Field("total", 100)]),
      event(2, "product.purchased", [euro, price, Value.Field("order_id", "o1")]),
      event(3, "product.purchased", [euro, price, Value.Field("quantity", 3)]),
      event(
        4, "product.purchased", occurred: Self.day,
        [euro, price, Value.Field("sales_value", 7), Value.Field("quantity", 2)]),
      event(5, "product.returned", [euro, price, Value.Field("quantity", -1)]),
      event(6, "order.cancelled", [euro, Value.Field("total", 40)]),
      event(7, "order.completed", [Value.Field("currency", "JPY"), Value.Field("total", 900)]),
      event(8, "order.completed", [Value.Field("total", 1)]),
      event(9, "order.completed", [euro, Value.Field("total", .integer(.max))]),
    ])
    #expect(
      metrics?["lifetime_value"]?.json == """
        [{"amount":"87.10","currency":"EUR"},{"amount":"900","currency":"JPY"},\
        {"amount":"1.00","currency":"XXX"}]
        """)
    #expect(metrics?["orders"] == 4)
    #expect(metrics?["frequency"] == 2)
    #expect(metrics?["recency_days"] == 9)
  }

  @Test("The latest word wins; what other sources say instead stays visible")
  func conflicts() throws {
    let profile = try profile([
      event(1, occurred: 3, source: "crm", traits: [Value.Field("city", "Lima")]),
      event(2, occurred: 5, channel: .store, source: "till", traits: [Value.Field("city", "Oslo")]),
      event(3, occurred: 4, channel: .store, source: "till", traits: [Value.Field("city", "Rome")]),
      event(4, occurred: 2, channel: .email, source: "news", traits: [Value.Field("city", "Oslo")]),
    ])
    let city = profile?.value(nowMilliseconds: 0, asOf: "")["attributes"]?["city"]
    #expect(city?["value"] == "Oslo")
    #expect(city?["event"] == "0000000000000001/2")
    guard case .array(let conflicts)? = city?["conflicts"] else {
      Issue.record("no conflicts shown")
      return
    }
    #expect(conflicts.map { $0["value"] } == ["Lima"])
    #expect(conflicts.map { $0["source"] } == ["crm"])
  }

  @Test("Traits are opened one level")
  func nestedTraits() throws {
    let address = Value.object([
      Value.Field("city", "Oslo"), Value.Field("geo", .object([Value.Field("lat", 59)])),
    ])
    let profile = try profile([event(1, traits: [Value.Field("address", address)])])
    let attributes = profile?.value(nowMilliseconds: 0, asOf: "")["attributes"]
    #expect(attributes?["address.city"]?["value"] == "Oslo")
    #expect(attributes?["address.geo"]?["value"]?["lat"] == 59)
  }

  @Test(
    "Placeholders link nobody and have no profile",
    arguments: [
      "user:null", "user:NULL", "email:undefined", "user:0", "phone:+0000",
      "device:00000000-0000-0000-0000-000000000000", "user:[object Object]", "anonymous:anonymous",
      "user:NaN", "user:none", "handle: ",
    ])
  func placeholders(name: String) throws {
    let events = try [event(1, of: ["user:u1", name]), event(2, of: ["user:u2", name])]
    #expect(try profile(events)?.identifierTexts == ["user:u1"])
    #expect(try profile(events, of: try #require(Identifier(name))) == nil)
  }

  @Test("An event that loses its key takes its link back, and the customers part")
  func unlinking() throws {
    let link = try event(3, recorded: 30, id: "k", of: ["user:u1", "email:a@example.com"])
    let events = try [event(1), event(2, of: ["email:a@example.com"]), link]
    #expect(try profile(events)?.identifierTexts == ["email:a@example.com", "user:u1"])
    let earlier = try testEvent(
      origin: 2, sequence: 1, recorded: 10, id: "k", persons: [TestPerson(identifiers: ["user:u1"])]
    )
    let after = try profile(events + [earlier])
    #expect(after?.identifierTexts == ["user:u1"])
    let email = try profile(
      events + [earlier], of: Identifier(kind: "email", value: "a@example.com"))
    #expect(email?.identifierTexts == ["email:a@example.com"])
  }

  @Test("A moment admits what was recorded and effective by then")
  func moments() throws {
    let events = try [
      event(1, recorded: 10, occurred: 100),
      event(2, recorded: 20, occurred: 50, of: ["user:u1", "user:u2"]),
      event(3, recorded: 30, occurred: 10),
    ]
    func seen(_ moment: Moment) throws -> [String] {
      try profile(events, at: moment)?.identifierTexts ?? []
    }
    #expect(try seen(Moment(recordedUntilMilliseconds: 15)) == ["user:u1"])
    #expect(try seen(Moment(recordedUntilMilliseconds: 20)) == ["user:u1", "user:u2"])
    #expect(try seen(Moment(effectiveUntilMilliseconds: 49)) == ["user:u1"])
    #expect(try seen(Moment(recordedUntilMilliseconds: 9)).isEmpty)
    #expect(try seen(Moment(lastPosition: 1, effectiveUntilMilliseconds: 99)).isEmpty)
  }

  @Test("Every id of a node resolves to its identifier")
  func nodesResolve() throws {
    let event = try testEvent(
      sequence: 4,
      persons: [
        TestPerson(identifiers: ["user:null", "email:a@example.com"]),
        TestPerson(identifiers: ["user:u9"]),
      ])
    let names = (0...4).map {
      CustomerQueries.identifier(in: event, place: $0)?.description
    }
    #expect(names == [nil, "email:a@example.com", "user:null", "user:u9", nil])
    let id = try #require(try profile([event], of: Identifier(kind: "user", value: "u9"))?.id)
    #expect(id.description == "0000000000000001/4#3")
    let parts = try #require(ProfileID.parse(id.description))
    #expect(parts == ("0000000000000001", 4, 3))
    #expect(ProfileID.parse("1/2") == nil)
    #expect(ProfileID.parse("1/0#1") == nil)
    #expect(ProfileID.parse("1/2#0") == nil)
  }

  @Test("The interaction is the first person's; further persons give identifiers and attributes")
  func twoPersons() throws {
    let events = [
      try testEvent(
        sequence: 1, type: "order.completed",
        facts: [Value.Field("currency", "EUR"), Value.Field("total", 5)],
        persons: [
          TestPerson(identifiers: ["user:u1"]),
          TestPerson(identifiers: ["user:u2"], traits: [Value.Field("name", "Bo")]),
        ])
    ]
    let buyer = try profile(events)?.value(nowMilliseconds: 0, asOf: "")
    let recipient = try profile(events, of: Identifier(kind: "user", value: "u2"))?
      .value(nowMilliseconds: 0, asOf: "")
    #expect(buyer?["metrics"]?["orders"] == 1)
    #expect(recipient?["metrics"]?["orders"] == 0)
    #expect(recipient?["attributes"]?["name"]?["value"] == "Bo")
  }

  @Test("The timeline is newest first in fold order and as long as asked")
  func timeline() throws {
    let source = ArraySource(
      try (1...2000).map { try event($0, occurred: Int64($0 * 7919 % 500)) })
    let engine = try ReadModels(location: .temporary) { CustomerQueries.makeProjections() }
    _ = try engine.catchUp(with: source)
    let queries = CustomerQueries(views: engine, source: source)
    let all = try queries.timeline(of: Self.user).map(\.event)
    #expect(all.count == 2000)
    let expected = source.events.sorted { left, right in
      (left.occurredMilliseconds, left.dot.sequence) > (
        right.occurredMilliseconds, right.dot.sequence
      )
    }
    #expect(all == expected)
    let top = try queries.timeline(of: Self.user, limit: 3).map(\.event)
    #expect(top == Array(expected.prefix(3)))
    #expect(try queries.timeline(of: Identifier(kind: "user", value: "none")).isEmpty)
  }
}
