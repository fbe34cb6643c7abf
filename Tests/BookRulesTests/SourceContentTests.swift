import BookRules
import EventModel
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Source content")
struct SourceContentTests {
  @Test("Sent, received and skew tell of the journey; all else is content", arguments: [1, 2, 3])
  func journeyFieldsDoNotCount(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let draft = random.draft()
      let event = stamped(draft, using: &random)
      #expect(event.hasSameSourceContent(as: draft))
      let journey: [Value.Field] = [
        .init("@sent", .integer(random.integer())), .init("@received", .integer(random.integer())),
        .init("@skew", .integer(random.integer())),
      ]
      let travelled = draft.with(facts: draft.sections[0].fields + journey)
      #expect(event.hasSameSourceContent(as: travelled))
      #expect(stamped(travelled, using: &random).hasSameSourceContent(as: draft))

      let changed = draft.with(facts: draft.sections[0].fields + [.init("~extra", 1)])
      #expect(!event.hasSameSourceContent(as: changed))
      #expect(!stamped(changed, using: &random).hasSameSourceContent(as: travelled))
    }
  }

  @Test("A change of channel, type, person or number of persons is other content")
  func everyPartCounts() throws {
    var random = SeededGenerator(seed: 9)
    let draft = random.draft()
    let event = stamped(draft, using: &random)
    let type = try #require(EventType("custom.other"))
    let channel: Channel = draft.channel == .web ? .phone : .web
    let others = [
      EventDraft(
        channel: channel, type: draft.type, schema: draft.schema, sections: draft.sections),
      EventDraft(
        channel: draft.channel, type: type, schema: draft.schema, sections: draft.sections),
      EventDraft(
        channel: draft.channel, type: draft.type, schema: draft.schema,
        sections: [draft.sections[0], Section([.init("name", "somebody else")])]),
      EventDraft(
        channel: draft.channel, type: draft.type, schema: draft.schema,
        sections: draft.sections + [.empty]),
    ]
    for other in others { #expect(!event.hasSameSourceContent(as: other)) }
  }

  @Test("The schema is ours, not the source's")
  func schemaDoesNotCount() throws {
    var random = SeededGenerator(seed: 10)
    let draft = random.draft()
    let schema = EventSchema.undeclared(try #require(EventType("custom.other"))).digest
    let other = EventDraft(
      channel: draft.channel, type: draft.type, schema: schema, sections: draft.sections)
    #expect(other != draft)
    #expect(stamped(draft, using: &random).hasSameSourceContent(as: other))
  }

  private func stamped(_ draft: EventDraft, using random: inout SeededGenerator) -> Event {
    Event(
      dot: Dot(origin: random.origin(), sequence: 1),
      recorded: HybridTimestamp(milliseconds: 1_763_780_000_000), draft: draft)
  }
}

extension EventDraft {
  /// The same draft with other facts.
  fileprivate func with(facts: [Value.Field]) -> EventDraft {
    EventDraft(
      channel: channel, type: type, schema: schema,
      sections: [Section(facts)] + sections.dropFirst())
  }
}
