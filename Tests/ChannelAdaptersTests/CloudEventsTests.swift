import ChannelAdapters
import EventModel
import SyntheticWorkload
import Testing

@Suite("CloudEvents")
struct CloudEventsTests {
  private func adapt(_ json: [UInt8]) throws -> [EventDraft] {
    var adapter = CloudEventsAdapter()
    var context = AdapterContext()
    var drafts: [EventDraft] = []
    try adapter.adapt(json.span, context: &context, into: &drafts)
    return drafts
  }

  private func adapt(_ json: String) throws -> EventDraft {
    try #require(try adapt(Array(json.utf8)).first)
  }

  private func refusal(_ json: String) -> AdapterRefusal.Code? {
    do { _ = try adapt(json) } catch { return (error as? AdapterRefusal)?.code }
    return nil
  }

  /// Writes a draft and reads it again.
  private func roundTrip(_ draft: EventDraft) throws -> EventDraft {
    var writer = CloudEventsWriter()
    let line = writer.encode(
      draft, occurred: draft.sections[0].integer(ReservedName.occurred), id: "none")
    #expect(!line.contains(UInt8(ascii: "\n")))
    return try #require(try adapt(line).first)
  }

  @Test("An event of a made-up customer comes out as it went in", arguments: 0..<5 as Range<UInt64>)
  func workload(seed: UInt64) throws {
    var workload = CustomerWorkload(seed: seed)
    for draft in workload.drafts(count: 200) { #expect(try roundTrip(draft) == draft) }
  }

  @Test(
    "What the Segment adapter makes comes out as it went in",
    arguments: [
      #"{"type":"track","messageId":"1","timestamp":"2024-05-31T12:00:00.123456+02:00","sentAt":"2024-05-31T12:00:00Z","event":"Order Completed","userId":"u","properties":{"total":"12.5","tax":7,"currency":"EUR","order_id":77,"products":[{"sku":"a","price":1.5}],"coupon":"a@b","quantity":2.5,"price":true,"@x":1,"@@y":2,"identifiers":"mine","context":[1],"traits":{"a":1},"personal":null,"":0,"note":"q\"\\\n\u0001é🙂"},"context":{"channel":"WhatsApp","ip":"1.2.3.4","traits":{"name":"Jane"}}}"#,
      #"{"type":"group","messageId":"2","userId":"u","groupId":"g","traits":{"name":"Acme"},"context":{"channel":"web"}}"#,
      #"{"type":"track","messageId":"3","event":"Något @ nytt","anonymousId":"a","properties":{"big":123456789012345678901234567890,"neg":-0,"type":"x"},"integrations":{"All":true}}"#,
      #"{"type":"alias","userId":"u","previousId":"a","name":"n","properties":{"name":"m"}}"#,
    ])
  func segment(json: String) throws {
    var adapter = SegmentAdapter()
    var context = AdapterContext()
    var drafts: [EventDraft] = []
    try adapter.adapt(Array(json.utf8).span, context: &context, into: &drafts)
    #expect(try roundTrip(drafts[0]) == drafts[0])
  }

  @Test(
    "A corrected time comes out as it went in, with its correction and the times of its journey",
    arguments: [1, -1, 0, 60_001, -31_536_000_000, 2_147_483_648, .max, .min])
  func corrected(skew: Int64) throws {
    let plain = try adapt(
      #"{"specversion":"1.0","id":"7","source":"shop","type":"page.viewed","data":{"page_id":"p"}}"#
    )
    let times: [Value.Field] = [
      .init("@occurred", .integer(1_717_243_200_001)),
      .init("@received", .integer(1_717_243_200_003)), .init("@sent", .integer(1_717_243_200_002)),
      .init("@skew", .integer(skew)),
    ]
    let draft = EventDraft(
      channel: plain.channel, type: plain.type, schema: plain.schema,
      sections: [Section(times + plain.sections[0].fields), plain.sections[1]])
    let again = try roundTrip(draft)
    #expect(again == draft)
    #expect(again.idempotencyKey == draft.idempotencyKey)
  }

  @Test("An event of several persons comes out as it went in", arguments: [2, 3, 15])
  func persons(count: Int) throws {
    let plain = try adapt(
      #"{"specversion":"1.0","id":"7","source":"shop","type":"page.viewed","data":{"page_id":"p"}}"#
    )
    let odd: [Value.Field] = [
      .init("@@own", 1), .init("@context", .object([.init("ip", "::1")])),
      .init("@identifiers", .array(["email:ana@example.com", "user:u"])),
      .init("@traits", .object([])), .init("context", "mine"), .init("identifiers", 2),
      .init("page_id", "no fact"), .init("personal", .null), .init("traits", .array([])),
    ]
    let first = plain.sections[1].fields + [.init("persons", .array([.object([])]))]
    let further = (1..<count).map { Section($0 % 3 == 0 ? [] : Array(odd.prefix($0 * 4))) }
    let draft = EventDraft(
      channel: plain.channel, type: plain.type, schema: plain.schema,
      sections: [plain.sections[0], Section(first)] + further)
    #expect(draft.sections.count == 1 + count)
    #expect(try roundTrip(draft) == draft)
  }

  @Test(
    "Persons of another form are a field of the first",
    arguments: ["[]", "[1]", "[{},null]", "{}", "7", "[\(String(repeating: "{},", count: 14)){}]"])
  func noPersons(written: String) throws {
    let draft = try adapt(
      "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"s\",\"type\":\"a.b\",\"data\":{\"persons\":\(written)}}"
    )
    #expect(draft.sections.count == 2)
    #expect(draft.sections[1].value("persons")?.json == written)
    #expect(try roundTrip(draft) == draft)
  }

  @Test("A time is taken as it is, whatever the journey; a skew that is no number is kept")
  func uncorrected() throws {
    let draft = try adapt(
      #"""
      {"specversion":"1.0","id":"7","source":"shop","type":"page.viewed","time":"2024-06-01T12:00:00Z",
      "senttime":"2024-06-01T12:00:00Z","receivedtime":"2024-05-01T12:00:00Z","skewms":1.5}
      """#)
    #expect(draft.sections[0].integer(ReservedName.occurred) == 1_717_243_200_000)
    #expect(draft.sections[0].value(ReservedName.skew) == nil)
    let context = draft.sections[1].value(ReservedName.context)
    #expect(context?.json == #"{"skewms":1.5}"#)
  }

  @Test("Attributes find their places")
  func attributes() throws {
    let draft = try adapt(
      #"""
      {"specversion":"1.0","id":"7","source":"/shop","type":"order.completed","subject":"user:u-1",
      "time":"2024-05-31T12:00:00Z","channel":"store","touchpoint":"till 3","traceparent":"00-1",
      "data":{"order_id":"o1","total":10,"currency":"EUR","identifiers":{"email":"A@b.c"},
      "traits":{"name":"Jane"},"context":{"ip":"::1"},"note":"hi"}}
      """#)
    #expect(draft.type.name == "order.completed")
    #expect(draft.channel == .store)
    #expect(draft.sections[0].text(ReservedName.touchpoint) == "till 3")
    #expect(draft.sections[1].identifiers.map(\.description) == ["email:a@b.c", "user:u-1"])
    #expect(
      draft.sections[1].value(ReservedName.context)
        == .object([.init("ip", .text("::1")), .init("traceparent", .text("00-1"))]))
    #expect(draft.sections[1].text("note") == "hi")
  }

  @Test("A batch is all or nothing, and its events are told apart without ids")
  func batch() throws {
    let event = #"{"specversion":"1.0","source":"s","type":"page.viewed","data":{"x":1}}"#
    let drafts = try adapt(Array("[\(event),\(event)]".utf8))
    #expect(Set(drafts.map(\.idempotencyKey)).count == 2)
    #expect(refusal("[\(event),{}]") == .missing)
  }

  @Test("An unknown type gets a slug and is kept; data of any form is kept")
  func odd() throws {
    let draft = try adapt(
      #"{"specversion":"1.0","id":"1","source":"s","type":"com.Example.Thing","subject":"http://x","data":"text","data_base64":"AAEC"}"#
    )
    #expect(draft.type.name == "custom.com_example_thing")
    #expect(draft.sections[1].text("type") == "com.Example.Thing")
    #expect(draft.sections[1].text("subject") == "http://x")
    #expect(draft.sections[1].text("data") == "text")
    #expect(draft.sections[1].text("data_base64") == "AAEC")
  }

  @Test(
    "Bad events are refused with a code",
    arguments: [
      ("x", AdapterRefusal.Code.malformed), ("1", .malformed), ("{}", .missing),
      (#"{"specversion":"0.3","type":"a.b","source":"s"}"#, .invalid),
      (#"{"specversion":"1.0","source":"s"}"#, .missing),
      (#"{"specversion":"1.0","type":"a.b"}"#, .missing),
      (#"{"specversion":"1.0","type":"grant.given","source":"s"}"#, .reserved),
      (#"{"specversion":"1.0","type":"a.b","source":"s","time":"now"}"#, .invalid),
      (
        #"{"specversion":"1.0","type":"a.b","source":"s","x":1,"data":{"context":{"x":2}}}"#,
        .ambiguous
      ),
      (
        #"{"specversion":"1.0","type":"a.b","source":"s","data":{"x":1,"personal":{"x":2}}}"#,
        .ambiguous
      ),
      (
        #"{"specversion":"1.0","type":"a.b","source":"s","data":{"persons":[{"x":1,"personal":{"x":2}}]}}"#,
        .ambiguous
      ),
    ])
  func refusals(json: String, code: AdapterRefusal.Code) { #expect(refusal(json) == code) }
}
