import ChannelAdapters
import EventModel
import SyntheticWorkload
import Testing

@Suite("Skew at ingest")
struct SkewTests {
  private func adapt(
    _ messages: [String], _ context: AdapterContext = .init()
  ) throws -> [EventDraft] {
    var adapter = SegmentAdapter()
    var context = context
    var drafts: [EventDraft] = []
    for message in messages {
      try adapter.adapt(Array(message.utf8).span, context: &context, into: &drafts)
    }
    return drafts
  }

  private func time(_ milliseconds: Int64) -> String {
    var text: [UInt8] = []
    WrittenTime.write(milliseconds: milliseconds, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func fields(_ draft: EventDraft) -> [Int64?] {
    let facts = draft.sections[0]
    return [
      facts.integer(ReservedName.occurred), facts.integer(ReservedName.skew),
      facts.integer(ReservedName.sent), facts.integer(ReservedName.received),
    ]
  }

  @Test("A clock a day ahead: the correction is stored beside the corrected time")
  func ahead() throws {
    let message =
      #"{"type":"page","messageId":"1","anonymousId":"a","timestamp":"2024-06-01T12:00:00Z","sentAt":"2024-06-01T12:00:05Z","receivedAt":"2024-05-31T12:00:06Z"}"#
    let draft = try adapt([message])[0]
    let stated: Int64 = 1_717_243_200_000
    #expect(
      fields(draft) == [stated - 86_399_000, -86_399_000, stated + 5000, stated - 86_394_000])
    let exact = message.replacing("2024-06-01T12:00:00Z", with: "2024-06-01T14:00:00.000+02:00")
    let local = try adapt([exact])[0]
    #expect(fields(local) == fields(draft))
    #expect(local.sections[1].text("timestamp") == "2024-06-01T14:00:00.000+02:00")
  }

  @Test(
    "Nothing is corrected without both times of the journey",
    arguments: [
      #""sentAt":"2024-06-01T12:00:05Z""#, #""receivedAt":"2024-05-31T12:00:06Z""#,
      #""sentAt":"later","receivedAt":"2024-05-31T12:00:06Z""#,
      #""sentAt":"2024-06-01T12:00:05Z","receivedAt":"2024-06-01T12:01:05Z""#,
    ])
  func uncorrected(times: String) throws {
    let draft = try adapt([
      #"{"type":"page","messageId":"1","userId":"u","timestamp":"2024-06-01T12:00:00Z",\#(times)}"#
    ])[0]
    #expect(draft.sections[0].integer(ReservedName.occurred) == 1_717_243_200_000)
    #expect(draft.sections[0].value(ReservedName.skew) == nil)
  }

  @Test("The caller may say when messages are received; what they say themselves goes before it")
  func receivedNow() throws {
    let sent: Int64 = 1_717_243_200_000
    let message =
      #"{"type":"page","userId":"u","originalTimestamp":"\#(time(sent))","sentAt":"\#(time(sent))"#
    let context = AdapterContext(receivedMilliseconds: sent - 600_000)
    #expect(
      fields(try adapt([message + "\"}"], context)[0])
        == [sent - 600_000, -600_000, sent, sent - 600_000])
    let known = message + #"","receivedAt":"\#(time(sent + 1))"}"#
    #expect(fields(try adapt([known], context)[0]) == [sent, nil, sent, sent + 1])
    let timeless = try adapt([#"{"type":"page","userId":"u"}"#], context)[0]
    #expect(fields(timeless) == [nil, nil, nil, sent - 600_000])
  }

  @Test("Devices are told apart by device id, else anonymous id, else library and source")
  func devices() throws {
    let sent: Int64 = 1_717_243_200_000
    func message(_ who: String, received: Int64) -> String {
      #"{"type":"page","userId":"u",\#(who),"timestamp":"\#(time(sent))","sentAt":"\#(time(sent))","receivedAt":"\#(time(received))"}"#
    }
    let names = [
      #""context":{"device":{"id":"a"}},"anonymousId":"x""#, #""anonymousId":"a""#,
      #""context":{"library":{"name":"a"}}"#, #""context":{"library":{"name":"b"}}"#,
      #""context":{}"#,
    ]
    for (place, name) in names.enumerated() {
      // Only the clock of this device is known to be ahead; travel hides it in the second message.
      let drafts = try adapt(
        [message(name, received: sent - 86_400_000)]
          + names.map { message($0, received: sent + 3_600_000) })
      let skews = drafts.dropFirst().map { $0.sections[0].integer(ReservedName.skew) }
      #expect(skews.enumerated().allSatisfy { ($0.offset == place) == ($0.element == -86_400_000) })
    }
  }

  @Test(
    "Imported twice, in any order, messages have the same content",
    arguments: 0..<5 as Range<UInt64>)
  func sameContent(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let device = SimulatedDevice(
      clock: { $0 + ($0 % 3 == 0 ? 86_400_000 : -3_600_000) }, travel: 0...259_200_000,
      queue: 0...86_400_000)
    let messages = device.messages(60, from: 1_700_000_000_000, using: &random).enumerated().map {
      let times = $0.element.times
      return
        #"{"type":"page","messageId":"\#($0.offset)","anonymousId":"a\#($0.offset % 3)","timestamp":"\#(time(times.stated))","sentAt":"\#(time(times.sent))","receivedAt":"\#(time(times.received))"}"#
    }
    let contents = try (0..<4).map { _ in
      try adapt(messages.shuffled(using: &random)).map(Self.statedContent).sorted()
    }
    #expect(contents.allSatisfy { $0 == contents[0] })
    let drafts = try adapt(messages)
    #expect(drafts.contains { $0.sections[0].integer(ReservedName.skew) != nil })
    #expect(drafts.contains { $0.sections[0].integer(ReservedName.skew) == nil })
  }

  /// What the source stated: the time without its correction, and the person.
  private static func statedContent(_ draft: EventDraft) -> String {
    let facts = draft.sections[0]
    let stated =
      (facts.integer(ReservedName.occurred) ?? 0) - (facts.integer(ReservedName.skew) ?? 0)
    return "\(stated) \(draft.sections[1].bytes)"
  }
}
