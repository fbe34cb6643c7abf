import EventModel
import HybridTime
import Testing

/// An origin whose name is `number`.
func testOrigin(_ number: UInt64) throws -> OriginID {
  let key = try #require(DeviceKey(bytes: [UInt8](repeating: UInt8(number), count: 32)))
  return OriginID(incarnation: number, key: key)
}

/// An event of which only what a test names matters.
func testEvent(
  origin: UInt64 = 1, sequence: UInt64, recorded: Int64 = 0, occurred: Int64 = 0,
  channel: Channel = .web, type: String = "page.viewed", id: String? = nil,
  facts: [Value.Field] = [], personal: [Value.Field] = []
) throws -> Event {
  var fields = personal + [Value.Field("@source", "test")]
  if let id { fields.append(Value.Field("@id", .text(id))) }
  let type = try #require(EventType(type))
  let draft = EventDraft(
    channel: channel, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
    sections: [Section(facts + [Value.Field("@occurred", .integer(occurred))]), Section(fields)])
  return Event(
    dot: Dot(origin: try testOrigin(origin), sequence: sequence),
    recorded: HybridTimestamp(milliseconds: recorded), draft: draft)
}
