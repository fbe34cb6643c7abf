import EventModel
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Source content")
struct SourceContentTests {
  @Test("Sent and received tell of the journey; all else is content", arguments: [1, 2, 3])
  func journeyFieldsDoNotCount(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let draft = random.draft()
      let event = stamped(draft, using: &random)
      #expect(event.hasSameSourceContent(as: draft))
      let journey: [Value.Field] = [
        .init("@sent", .integer(random.integer())), .init("@received", .integer(random.integer())),
        .init("@skew", .integer(0)),
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

  @Test("A clock's correction is ours: the time the source stated is content", arguments: [4, 5])
  func correctedTimes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let draft = random.draft()
      let stated = try #require(draft.sections[0].integer("@occurred"))
      let others = draft.sections[0].fields.filter { $0.name != "@occurred" }
      let corrected = [Int64.random(in: -90_000...90_000, using: &random), 0, 7].map { skew in
        draft.with(
          facts: others + [
            .init("@occurred", .integer(stated &+ skew)), .init("@skew", .integer(skew)),
          ])
      }
      for one in corrected {
        for other in corrected + [draft] {
          #expect(stamped(one, using: &random).hasSameSourceContent(as: other))
          #expect(parts(of: one) == parts(of: other))
        }
      }
      let moved = draft.with(
        facts: others + [.init("@occurred", .integer(stated)), .init("@skew", .integer(7))])
      #expect(!stamped(moved, using: &random).hasSameSourceContent(as: draft))
      #expect(parts(of: moved) != parts(of: draft))
    }
  }

  @Test("Times at the ends of the range, and of another kind, never trap")
  func extremeTimes() {
    var random = SeededGenerator(seed: 6)
    let draft = random.draft()
    let others = draft.sections[0].fields.filter { $0.name != "@occurred" }
    let values: [Value] = [.integer(.min), .integer(.max), .integer(-1), "soon", .null]
    for occurred in values {
      for skew in values {
        let odd = draft.with(
          facts: others + [.init("@occurred", occurred), .init("@skew", skew)])
        #expect(stamped(odd, using: &random).hasSameSourceContent(as: odd))
      }
    }
    let absent = draft.with(facts: others + [.init("@skew", .integer(5))])
    #expect(stamped(draft.with(facts: others), using: &random).hasSameSourceContent(as: absent))
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

  @Test("Every section counts, and their number")
  func sections() {
    var random = SeededGenerator(seed: 7)
    let draft = random.draft()
    let event = stamped(draft, using: &random)
    for number in draft.sections.indices {
      var sections = draft.sections
      sections[number] = Section([.init("other", 1)])
      let other = EventDraft(
        channel: draft.channel, type: draft.type, schema: draft.schema, sections: sections)
      #expect(!event.hasSameSourceContent(as: other))
    }
    let longer = EventDraft(
      channel: draft.channel, type: draft.type, schema: draft.schema,
      sections: draft.sections + [.empty])
    #expect(!event.hasSameSourceContent(as: longer))
  }

  private func parts(of draft: EventDraft) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    draft.forEachSourceContentPart { parts.append(Array($0)) }
    return parts
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
