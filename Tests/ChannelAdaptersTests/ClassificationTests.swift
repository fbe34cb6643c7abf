import ChannelAdapters
import EventModel
import SyntheticWorkload
import Testing

@Suite("Facts that look like a person's")
struct ClassificationTests {
  private func keptBack(_ context: AdapterContext) -> [String] {
    context.keptBack.sorted { $0.key < $1.key }.map {
      "\($0.key.type) \($0.key.field) \($0.key.looksLike.rawValue) \($0.value)"
    }
  }

  private func names(_ section: Section) -> [String] { section.fields.map(\.name) }

  @Test("A message's values go to the person, and are counted by field")
  func segment() throws {
    var adapter = SegmentAdapter()
    var context = AdapterContext()
    var drafts: [EventDraft] = []
    let messages = [
      #"{"type":"track","event":"Order Completed","userId":"u","properties":{"order_id":600111222,"affiliation":"600 111 222","coupon":"a@b.c","receipt":"4111111111111111","status":"paid","total":600111222,"quantity":1}}"#,
      #"{"type":"track","event":"Order Completed","userId":"u","properties":{"order_id":"+34600111222","affiliation":600111222,"quantity":600111222,"products":[{"sku":"600111222","price":1},{"sku":4111111111111111}]}}"#,
      #"{"type":"track","event":"Order Completed","properties":{"order_id":"nobody@example.com"}}"#,
    ]
    for message in messages.dropLast() {
      try adapter.adapt(Array(message.utf8).span, context: &context, into: &drafts)
    }
    #expect(names(drafts[0].sections[0]) == ["order_id", "quantity", "status", "total"])
    #expect(drafts[0].sections[1].text("affiliation") == "600 111 222")
    #expect(names(drafts[1].sections[0]).isEmpty)
    #expect(drafts[1].sections[1].integer("quantity") == 600_111_222)
    // A refused message counts nothing.
    #expect(throws: AdapterRefusal.self) {
      try adapter.adapt(Array(messages[2].utf8).span, context: &context, into: &drafts)
    }
    #expect(
      keptBack(context) == [
        "order.completed affiliation phone 2", "order.completed coupon e-mail 1",
        "order.completed order_id phone 1", "order.completed products card 1",
        "order.completed quantity phone 1", "order.completed receipt card 1",
      ])
    #expect(context.takeKeptBack().count == 6)
    #expect(context.keptBack.isEmpty)
  }

  @Test("A touchpoint that looks like a person's becomes none")
  func touchpoint() throws {
    var adapter = CloudEventsAdapter()
    var context = AdapterContext()
    var drafts: [EventDraft] = []
    for touchpoint in ["+34 600 111 222", "till 3"] {
      let message =
        #"{"specversion":"1.0","id":"1","source":"s","type":"call.ended","touchpoint":"\#(touchpoint)"}"#
      try adapter.adapt(Array(message.utf8).span, context: &context, into: &drafts)
    }
    #expect(drafts[0].sections[0] == .empty)
    #expect(
      drafts[0].sections[1].value(ReservedName.context)?.json
        == #"{"touchpoint":"+34 600 111 222"}"#)
    #expect(drafts[1].sections[0].text(ReservedName.touchpoint) == "till 3")
    #expect(keptBack(context) == ["call.ended @touchpoint phone 1"])
  }

  private func mapped(_ row: String, vouched: String?) throws -> (EventDraft, [String]) {
    func column(_ name: String) -> ValueRule {
      var rule = ValueRule(.column(MappedColumn(name, line: 1)))
      rule.notPersonal = vouched
      return rule
    }
    var rule = EventRule(type: try #require(EventType("call.ended")))
    rule.touchpoint = column("line")
    rule.facts = ["agent", "topic", "rating"].map { ($0, column($0)) }
    var mapping = RowMapping(source: "pbx")
    mapping.events = [rule]
    var adapter = MappingAdapter(mapping)
    var context = AdapterContext()
    var drafts: [EventDraft] = []
    try adapter.adapt(Array(row.utf8).span, context: &context, into: &drafts)
    return (drafts[0], keptBack(context))
  }

  private static let row =
    #"{"agent":"600111222","topic":"jane@example.com","rating":"600111222","line":"+34 600 111 222"}"#

  @Test("A mapping that says it once keeps such values back")
  func mapping() throws {
    let (draft, kept) = try mapped(Self.row, vouched: nil)
    #expect(draft.sections[0] == .empty)
    #expect(draft.sections[1].text("agent") == "600111222")
    #expect(draft.sections[1].text("@@touchpoint") == "+34 600 111 222")
    #expect(
      kept == [
        "call.ended @touchpoint phone 1", "call.ended agent phone 1", "call.ended rating phone 1",
        "call.ended topic e-mail 1",
      ])
  }

  @Test("A mapping that says it twice makes them facts, but nothing with an at sign")
  func vouched() throws {
    let (draft, kept) = try mapped(Self.row, vouched: "numbers of seats")
    #expect(names(draft.sections[0]) == ["@touchpoint", "agent", "rating"])
    #expect(draft.sections[1].text("topic") == "jane@example.com")
    #expect(kept == ["call.ended topic e-mail 1"])
  }

  @Test("Made-up customers have no facts that look like a person's", arguments: [1, 2])
  func workload(seed: UInt64) throws {
    var workload = CustomerWorkload(seed: seed)
    var sample = FactSample()
    for draft in workload.drafts(count: 2000) { sample.add(draft.sections[0], of: draft.type) }
    #expect(sample.eventCount == 2000)
    #expect(sample.sorted.map { "\($0.fact.type) \($0.fact.field)" } == [])
  }

  @Test("A sample of a store counts by type and field and keeps no values")
  func sample() throws {
    let facts: [Value.Field] = [
      .init("@occurred", .integer(600_111_222)), .init("@touchpoint", .text("+34600111222")),
      .init("affiliation", .text("600111222")), .init("order_id", .text("600111222")),
      .init(
        "products",
        .array([
          .object([.init("price", .integer(600_111_222)), .init("sku", .text("a@b"))]),
          .object([.init("sku", .text("c@d"))]),
        ])),
      .init("quantity", .integer(600_111_222)), .init("total", .integer(600_111_222)),
    ]
    let type = try #require(EventType("order.completed"))
    var sample = FactSample()
    sample.add(Section(facts), of: type)
    #expect(
      sample.sorted.map { "\($0.fact.field) \($0.fact.looksLike.rawValue) \($0.count)" } == [
        "@touchpoint phone 1", "affiliation phone 1", "products e-mail 2", "quantity phone 1",
      ])
  }

  @Test(
    "A sample is spread over the log",
    arguments: [0, 1, 9999, 10_000, 10_001, 10_099, 1_000_000, 1 << 62] as [UInt64])
  func positions(count: UInt64) {
    let runs = FactSample.positions(of: count, max: 10_000)
    #expect(runs.reduce(0) { $0 + UInt64($1.count) } == min(count, 10_000))
    #expect(runs.first?.lowerBound == (count > 0 ? 1 : nil))
    #expect(runs.last?.upperBound == (count > 0 ? count + 1 : nil))
    for (left, right) in zip(runs, runs.dropFirst()) {
      #expect(left.upperBound <= right.lowerBound)
    }
  }
}
