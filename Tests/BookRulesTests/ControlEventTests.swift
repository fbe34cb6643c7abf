import BookRules
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Control events")
struct ControlEventTests {
  @Test("Every control event reads back as written", arguments: [1, 2])
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      for (draft, expected) in try everyControl(using: &random) {
        let event = stamped(draft, using: &random)
        #expect(try ControlEvent(event) == expected)
        #expect(event.type.isControl)
        #expect(event.channel == .other)
        #expect(event.controlReason == "because")
        // The record survives a reader that checks every rule.
        #expect(try Event(checking: event.encoded.span) == event)
      }
    }
  }

  @Test("What section 1 holds, or whether it is erased, decides nothing")
  func personDoesNotCount() throws {
    var random = SeededGenerator(seed: 4)
    for (draft, expected) in try everyControl(using: &random) {
      let odd = Section([.init("@label", .integer(1)), .init("@reason", .array([]))])
      for person in [Section.empty, odd] {
        let husk = EventDraft(
          channel: .phone, type: draft.type, schema: draft.schema,
          sections: [draft.sections[0], person])
        #expect(try ControlEvent(stamped(husk, using: &random))?.ruling == expected.ruling)
      }
    }
  }

  @Test("A missing field, or one of another kind, makes the event malformed")
  func malformedFields() throws {
    var random = SeededGenerator(seed: 5)
    for (draft, _) in try everyControl(using: &random) {
      let fields = draft.sections[0].fields
      for field in fields {
        let others = fields.filter { $0.name != field.name }
        let missing = draft.with(facts: others)
        // Without its end a retraction holds for the rest, a grant without its start for all.
        let isOptional =
          field.name == "request"
          || field.name == "first" && draft.type.name == "grant.added"
          || field.name == "last" && draft.type.name == "event.retracted"
          || field.name == "replaces"
        if !isOptional {
          #expect(throws: ControlFault.self, "\(draft.type) without \(field.name)") {
            try ControlEvent(stamped(missing, using: &random))
          }
        }
        let wrong = draft.with(facts: others + [.init(field.name, .null)])
        #expect(throws: ControlFault.self, "\(draft.type) with another \(field.name)") {
          try ControlEvent(stamped(wrong, using: &random))
        }
      }
    }
  }

  private func listing(
    _ erasure: String, _ origin: String, section: Int64, tags: [Value]
  ) -> [Value.Field] {
    [
      .init("erasure", .text(erasure)),
      .init("sections", .array([.array([.text(origin), .integer(1), .integer(section)] + tags)])),
    ]
  }

  @Test("Values out of bounds make the event malformed")
  func outOfBounds() throws {
    var random = SeededGenerator(seed: 6)
    let origin = random.origin()
    let text = origin.fullDescription
    let event = EventReference(dot: Dot(origin: origin, sequence: 1), idPrefix: 1).description
    let zero = Value.text(Digest256.zero.description)
    let section: Value = .array([.text(text), .integer(1), .integer(0)])
    let tag = Value.text(String(repeating: "0", count: 32))
    let wrong: [(String, [Value.Field])] = [
      ("grant.added", [.init("key", .text(text)), .init("roles", "append")]),
      ("grant.added", [.init("key", .text(origin.key.description)), .init("roles", "")]),
      (
        "grant.revoked",
        [.init("grant", .text(event)), .init("last", .object([.init("1", .integer(1))]))]
      ),
      (
        "grant.revoked",
        [
          .init("grant", .text(event)),
          .init("last", .object([.init("0000000000000001", .integer(-1))])),
        ]
      ),
      ("event.extended", [.init("act", .text(event)), .init("events", .array([]))]),
      ("event.extended", [.init("act", .text(event)), .init("events", .array([.text("1")]))]),
      ("event.retracted", [.init("origin", .text(text)), .init("from", .integer(0))]),
      (
        "event.retracted",
        [.init("origin", .text(text)), .init("from", .integer(3)), .init("last", .integer(2))]
      ),
      (
        "grant.added",
        [
          .init("key", .text(origin.key.description)), .init("roles", "append"),
          .init("first", .object([.init("0000000000000001", .integer(0))])),
        ]
      ),
      (
        "event.retracted",
        [.init("event", .text(event)), .init("origin", .text(text)), .init("from", .integer(1))]
      ),
      ("event.retracted", [.init("event", .text(event)), .init("origin", .text(text))]),
      ("event.retracted", [.init("event", .text(event)), .init("from", .integer(1))]),
      ("event.retracted", [.init("event", .text(event)), .init("last", .integer(1))]),
      (
        "event.redacted",
        redaction(of: event, section: 1) + [.init("replaces", .array([.text(text)]))]
      ),
      ("event.redacted", redaction(of: event, section: 1) + [.init("replaces", .array([1]))]),
      ("event.redacted", redaction(of: event, section: 16)),
      ("event.redacted", redaction(of: event, section: -1)),
      (
        "erasure.extended", [.init("erasure", .text(event)), .init("sections", .array([section]))]
      ),
      (
        "erasure.extended",
        [
          .init("erasure", .text(event)),
          .init("sections", .array([.array([.text(text), .integer(0), .integer(1)])])),
        ]
      ),
      ("erasure.extended", listing(event, text, section: 2, tags: [tag])),
      ("erasure.extended", listing(event, text, section: 1, tags: [tag, tag])),
      ("erasure.extended", listing(event, text, section: 1, tags: ["00"])),
      ("erasure.extended", listing(event, text, section: 1, tags: [.integer(1)])),
      ("erasure.extended", listing(event, text, section: 0, tags: [.null])),
      (
        "arrival.attested",
        [
          .init("origin", .text(text)), .init("first", .integer(2)), .init("last", .integer(1)),
          .init("arrived", .integer(0)),
        ]
      ),
      (
        "document.declared",
        [.init("kind", "schema"), .init("digest", zero), .init("content", "another")]
      ),
      (
        "document.declared",
        [
          .init("kind", "schema"), .init("digest", zero),
          .init("content", .text(String(repeating: "x", count: 512 * 1024 + 1))),
        ]
      ),
      (
        "document.activated",
        [.init("kind", "recipe"), .init("subject", ""), .init("digest", zero)]
      ),
    ]
    for (name, fields) in wrong {
      #expect(throws: ControlFault.self, "\(name) \(fields.map(\.name))") {
        try ControlEvent(control(name, fields, using: &random))
      }
    }
  }

  @Test("Interactions and claims are no control events to the rules")
  func otherTypes() throws {
    var random = SeededGenerator(seed: 7)
    for name in ["page.viewed", "identity.linked", "identity.unlinked", "identity.blocked"] {
      #expect(try ControlEvent(control(name, [], using: &random)) == nil)
    }
  }

  @Test("A type or a fact of a later version is told apart, and has no effect")
  func laterVersion() throws {
    var random = SeededGenerator(seed: 12)
    for name in ["grant.lost", "event.unretracted", "erasure.x", "arrival.x", "document.x"] {
      #expect(try ControlEvent(control(name, [], using: &random)) == .notUnderstood)
    }
    for (draft, expected) in try everyControl(using: &random) {
      let fields = draft.sections[0].fields
      let more = draft.with(facts: fields + [.init("later_version", .boolean(true))])
      #expect(try ControlEvent(stamped(more, using: &random)) == .notUnderstood)
      // A reserved name is no fact of the table.
      let dated = draft.with(facts: fields + [.init("@occurred", .integer(1))])
      #expect(try ControlEvent(stamped(dated, using: &random)) == expected)
    }
  }

  @Test("Random values in the fields never trap", arguments: [8, 9, 10, 11])
  func hostileFields(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let owner = random.origin()
    var state = BookState(ownerKey: owner.key)
    var accepted = 0
    for round in 0..<40 {
      for (draft, _) in try everyControl(using: &random) {
        let fields = draft.sections[0].fields.map { field in
          random.oneIn(3)
            ? Value.Field(field.name, hostileValue(field.value, using: &random)) : field
        }
        let event = Event(
          dot: Dot(origin: owner, sequence: UInt64(round + 1)),
          recorded: HybridTimestamp(rawValue: random.next()), draft: draft.with(facts: fields))
        guard let held = try? HeldControl(event, idPrefix: idPrefix(of: event)) else { continue }
        accepted += 1
        state.insert(held)
        let asked = random.draft()
        let victim = Event(
          dot: Dot(origin: owner, sequence: UInt64(round + 1)), recorded: event.recorded,
          draft: asked)
        _ = state.meaning(of: victim) { _ in random.next() }
      }
    }
    #expect(accepted > 0)
  }

  /// A value near `value`, or any other.
  private func hostileValue(_ value: Value, using random: inout SeededGenerator) -> Value {
    switch value {
    case .text(let text) where !random.oneIn(3):
      var bytes = Array(text.utf8)
      guard !bytes.isEmpty else { return .text("\u{0}") }
      let index = Int.random(in: 0..<bytes.count, using: &random)
      bytes[index] = UInt8.random(in: 0...127, using: &random)
      return .text(String(decoding: bytes, as: UTF8.self))
    case .integer where !random.oneIn(3): return .integer(random.integer())
    case .array(let values) where !values.isEmpty && !random.oneIn(3):
      return .array(values + [random.value()])
    default: return random.value()
    }
  }

  private func redaction(of event: String, section: Int64) -> [Value.Field] {
    [.init("event", .text(event)), .init("section", .integer(section))]
  }

  private func control(
    _ name: String, _ fields: [Value.Field], using random: inout SeededGenerator
  ) throws -> Event {
    let type = try #require(EventType(name))
    let draft = EventDraft(
      channel: .other, type: type, schema: .zero, sections: [Section(fields)])
    return stamped(draft, using: &random)
  }

  private func stamped(_ draft: EventDraft, using random: inout SeededGenerator) -> Event {
    Event(
      dot: Dot(origin: random.origin(), sequence: 1), recorded: HybridTimestamp(rawValue: 1),
      draft: draft)
  }

  /// One of each row of the table with random content, and what it reads as.
  private func everyControl(
    using random: inout SeededGenerator
  ) throws -> [(EventDraft, ControlEvent)] {
    let origin = random.origin()
    let sequence = UInt64.random(in: 1...1_000_000, using: &random)
    let event = EventReference(
      dot: Dot(origin: random.origin(), sequence: sequence), idPrefix: random.next())
    let roles = RoleSet(rawValue: UInt8.random(in: 1..<64, using: &random))
    let last = RevocationLimit([
      .init(incarnation: random.next(), last: sequence), .init(incarnation: 3, last: 0),
    ])
    let first = GrantStart([
      .init(incarnation: random.next(), first: sequence), .init(incarnation: 3, first: 1),
    ])
    let key = try #require(IdentifierTag(bytes: random.bytes(16)))
    let sections = (0...4).map { number in
      let isRemembered = number == 0 || number == 1 && random.oneIn(2)
      return ErasedSection(dot: event.dot, section: number, key: isRemembered ? key : nil)
    }
    let request = ErasureRequest(
      sections: sections, tags: [try #require(IdentifierTag(bytes: random.bytes(16)))],
      cutMilliseconds: random.integer(), request: random.oneIn(2) ? "R-1" : nil)
    let arrival = AttestedArrival(
      origin: origin, run: .init(first: sequence, last: sequence + 5),
      arrivedMilliseconds: random.integer())
    let content = random.text()
    let digest = Digest256.hash(Array(content.utf8))
    let subject = DocumentSubject(kind: .schema, name: "page.viewed")
    let why = "because"
    let other = EventReference(dot: Dot(origin: origin, sequence: 1), idPrefix: random.next())
    let facts = Section(random.fields(max: 4))
    return [
      (
        .granting(roles, to: origin.key, label: "till", reason: why),
        .grantAdded(key: origin.key, roles: roles, first: nil)
      ),
      (
        .granting(roles, to: origin.key, first: first, reason: why),
        .grantAdded(key: origin.key, roles: roles, first: first)
      ),
      (.revoking(grant: event, last: last, reason: why), .grantRevoked(grant: event, last: last)),
      (.retracting(event, reason: why), .retracted(event)),
      (
        .retracting(origin: origin, from: sequence, reason: why),
        .runRetracted(origin, run: .init(first: sequence, last: .max))
      ),
      (
        .retracting(origin: origin, from: sequence, last: sequence + 5, reason: why),
        .runRetracted(origin, run: arrival.run)
      ),
      (
        .correcting(event, facts: facts, reason: why), .corrected(event, replacesPersons: false)
      ),
      (
        .correcting(event, facts: facts, persons: [.empty, facts], reason: why),
        .corrected(event, replacesPersons: true)
      ),
      (
        .extending(act: event, to: [event, other], reason: why),
        .extended(event, events: [event, other])
      ),
      (
        .redacting(event, section: 1, survivors: facts, reason: why),
        .redacted(event, section: 1, replaces: [])
      ),
      (
        .redacting(event, section: 1, survivors: facts, replaces: [event, event], reason: why),
        .redacted(event, section: 1, replaces: [event, event])
      ),
      (.erasing(request, reason: why), .erasureRequested(request)),
      (
        .extending(erasure: event, sections: sections, reason: why),
        .erasureExtended(event, sections: sections)
      ),
      (.acknowledging(erasure: event, reason: why), .erasureAcknowledged(event)),
      (.attesting(arrival, reason: why), .arrivalAttested(arrival)),
      (
        .declaring(.schema, content: content, reason: why),
        .documentDeclared(kind: .schema, digest: digest)
      ),
      (
        .activating(subject, digest: digest, reason: why),
        .documentActivated(subject, digest: digest)
      ),
    ]
  }
}

extension ControlEvent {
  /// What it says without the tags, by which writers list and nothing is judged.
  fileprivate var ruling: ControlEvent {
    switch self {
    case .erasureRequested(let request):
      .erasureRequested(
        ErasureRequest(
          sections: request.sections, tags: [], cutMilliseconds: request.cutMilliseconds,
          request: request.request))
    default: self
    }
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
