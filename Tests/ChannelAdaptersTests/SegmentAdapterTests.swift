import BinaryCoding
import ChannelAdapters
import EventModel
import Testing

@Suite("Segment adapter")
struct SegmentAdapterTests {
  private func adapt(_ json: String, _ context: AdapterContext = .init()) throws -> EventDraft {
    var adapter = SegmentAdapter()
    var context = context
    var drafts: [EventDraft] = []
    try adapter.adapt(Array(json.utf8).span, context: &context, into: &drafts)
    return try #require(drafts.first)
  }

  private func refusal(_ json: String) -> AdapterRefusal.Code? {
    do { _ = try adapt(json) } catch { return (error as? AdapterRefusal)?.code }
    return nil
  }

  private func json(_ section: Section) throws -> String {
    var text = JSONText()
    let object = [ValueTag.object] + section.bytes
    try text.write(object)
    return String(decoding: text.writer.bytes, as: UTF8.self)
  }

  @Test("A sale of a till becomes facts and a person")
  func sale() throws {
    let draft = try adapt(
      #"""
      {"type":"track","messageId":"402c","timestamp":"2010-12-01T08:26:00.043Z",
      "event":"Product Purchased","userId":"uci17850","properties":{"receipt":"536365","sku":21730,
      "name":"GLASS STAR","quantity":"6","price":4.5,"currency":"GBP"},
      "context":{"channel":"store","library":{"name":"pos-gateway","version":"2.4.0"}}}
      """#)
    #expect(draft.channel == .store)
    #expect(draft.type.name == "product.purchased")
    #expect(
      try json(draft.sections[0])
        == #"{"@occurred":1291191960043,"currency":"GBP","price":4.50,"quantity":6,"receipt":"536365","sku":"21730"}"#
    )
    #expect(
      try json(draft.sections[1])
        == #"{"@context":{"library":{"name":"pos-gateway","version":"2.4.0"}},"@id":"402c","@identifiers":["user:uci17850"],"@source":"pos-gateway","name":"GLASS STAR"}"#
    )
  }

  @Test("What does not fit a fact exactly stays personal, as it was sent")
  func misfits() throws {
    let draft = try adapt(
      #"""
      {"type":"track","messageId":"1","event":"Order Completed","anonymousId":"a","properties":{
      "order_id":"jane@example.com","quantity":1.5,"total":"12,50","tax":12.345,"currency":"JPY",
      "shipping":100.0,"@id":"x","products":[{"sku":"a","price":1},{"sku":"b","note":"hi"}]}}
      """#)
    #expect(
      try json(draft.sections[0]) == #"{"currency":"JPY","shipping":100,"tax":12.345}"#)
    let person = try json(draft.sections[1])
    for kept in [
      #""order_id":"jane@example.com""#, #""quantity":1.5"#, #""total":"12,50""#, #""@@id":"x""#,
      #"{"note":"hi","sku":"b"}"#,
    ] { #expect(person.contains(kept), "\(kept)") }
  }

  @Test("Identifiers come from all their places, normalised, each once and in order")
  func identifiers() throws {
    let draft = try adapt(
      #"""
      {"type":"identify","messageId":"1","userId":42,"anonymousId":null,
      "traits":{"email":" Jane@Example.COM ","phone":"+34 600-111-222","loyaltyId":"card-9"},
      "context":{"device":{"id":"d1"},"traits":{"email":"jane@example.com"},
      "externalIds":[{"id":"s1","type":"store.card","collection":"users","encoding":"none"}]}}
      """#)
    #expect(
      draft.sections[1].identifiers.map(\.description) == [
        "device:d1", "email:jane@example.com", "loyalty:card-9", "phone:+34600111222",
        "store_card:s1", "user:42",
      ])
    #expect(try json(draft.sections[1]).contains("externalIds"), "its type was not the kind itself")
  }

  @Test(
    "The channel is said by the context, else by library, else by device, else by the import",
    arguments: [
      (#""channel":"email","library":{"name":"analytics.js"}"#, Channel.email),
      (#""channel":"browser""#, .web), (#""library":{"name":"analytics.js"}"#, .web),
      (#""library":{"name":"analytics-kotlin"}"#, .mobile),
      (#""library":{"name":"pos-gateway"}"#, .store), (#""device":{"type":"ios"}"#, .mobile),
      (#""library":{"name":"server"}"#, .phone), (#""channel":"WhatsApp""#, .chat),
    ])
  func channels(context: String, expected: Channel) throws {
    let draft = try adapt(
      #"{"type":"page","messageId":"1","userId":"u","context":{\#(context)}}"#,
      AdapterContext(channel: .phone))
    #expect(draft.channel == expected)
  }

  @Test(
    "Types of events",
    arguments: [
      ("product purchased", "product.purchased", true),
      ("Product Purchased", "product.purchased", false),
      ("order.completed", "order.completed", false),
      ("Song Played (HD)!", "custom.song_played_hd", true),
      ("Called 600111222", "custom.event", true), ("jane@example.com", "custom.event", true),
      ("日本", "custom.event", true),
    ])
  func types(name: String, type: String, isNameKept: Bool) throws {
    let draft = try adapt(
      #"{"type":"track","messageId":"1","event":"\#(name)","userId":"u"}"#)
    #expect(draft.type.name == type)
    #expect(draft.sections[1].text("event") == (isNameKept ? name : nil))
  }

  @Test("Parts of the message never hide its properties")
  func ownParts() throws {
    let draft = try adapt(
      #"{"type":"page","messageId":"1","userId":"u","name":"A","properties":{"name":"B"},"new":1,"writeKey":"k"}"#
    )
    #expect(draft.sections[1].text("name") == "B")
    #expect(draft.sections[1].text("message_name") == "A")
    #expect(draft.sections[1].integer("new") == 1)
    #expect(draft.sections[1].value("writeKey") == nil)
  }

  @Test("Times: a local offset is kept, transport times are facts, odd years are fine")
  func times() throws {
    let draft = try adapt(
      #"{"type":"page","messageId":"1","userId":"u","timestamp":"2024-05-31T12:00:00+02:00","sentAt":"2024-05-31T10:00:01Z"}"#
    )
    #expect(draft.sections[0].integer(ReservedName.occurred) == 1_717_149_600_000)
    #expect(draft.sections[0].integer(ReservedName.sent) == 1_717_149_601_000)
    #expect(draft.sections[1].text("timestamp") == "2024-05-31T12:00:00+02:00")
    for (time, milliseconds) in [
      ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000),
    ] as [(String, Int64)] {
      let draft = try adapt(
        #"{"type":"page","messageId":"1","userId":"u","timestamp":"\#(time)"}"#)
      #expect(draft.sections[0].integer(ReservedName.occurred) == milliseconds)
    }
  }

  @Test("Two equal rows without an id are two events; the same file again gives the same keys")
  func rowsWithoutID() throws {
    let row = #"{"type":"page","userId":"u","name":"Home"}"#
    func keys() throws -> [IdempotencyKey?] {
      var adapter = SegmentAdapter()
      var context = AdapterContext(source: "old-site")
      var drafts: [EventDraft] = []
      for _ in 0..<2 {
        try adapter.adapt(Array(row.utf8).span, context: &context, into: &drafts)
      }
      return drafts.map(\.idempotencyKey)
    }
    let first = try keys()
    #expect(first[0] != first[1])
    #expect(try keys() == first)
    let id = String(decoding: try #require(first[1]).sourceID, as: UTF8.self)
    #expect(id.hasPrefix("sha256-") && id.hasSuffix("#2") && id.utf8.count == 41)
  }

  @Test(
    "Bad messages are refused with a code",
    arguments: [
      ("{", AdapterRefusal.Code.malformed), ("[1]", .malformed),
      (#"{"type":"track","type":"page"}"#, .malformed),
      (#"{"userId":"u"}"#, .missing), (#"{"type":"track","userId":"u"}"#, .missing),
      (#"{"type":"page"}"#, .missing),
      (#"{"type":"page","userId":null,"anonymousId":""}"#, .missing),
      (#"{"type":"shout","userId":"u"}"#, .invalid),
      (#"{"type":"track","event":"erasure.requested","userId":"u"}"#, .reserved),
      (#"{"type":"page","userId":"u","timestamp":"yesterday"}"#, .invalid),
      (#"{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00+02:00"}"#, .invalid),
    ])
  func refusals(json: String, code: AdapterRefusal.Code) { #expect(refusal(json) == code) }
}
