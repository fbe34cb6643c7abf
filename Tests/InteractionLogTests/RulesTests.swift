import BookRules
import CustomerProfiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import ProjectionEngine
import SyncProtocol
import SyncTransport
import Testing

@Suite("What counts, and what is taken back")
struct RulesTests {
  private func rating(_ score: Int64, id: String) throws -> EventDraft {
    let type = try #require(EventType("survey.answered"))
    return EventDraft(
      channel: .email, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
      sections: [
        Section([
          .init("@occurred", .integer(1_789_000_000_000)), .init("rating", .integer(score)),
          .init("survey", "csat"),
        ]),
        Section([
          .init("@id", .text(id)), .init("@identifiers", .array(["email:ana@example.com"])),
          .init("@source", "forms"), .init("note", "far too slow"),
        ]),
      ])
  }

  private func scores(_ replica: ReplicaCore, at moment: Moment = .now) throws -> [String] {
    try replica.catchUp()
    let answer = try replica.metric(MetricQuery(.csat), at: moment)
    return answer.rows.filter { $0.responses > 0 }.map { "\($0.responses) \($0.score)" }
  }

  private func sync(_ one: ReplicaCore, _ other: ReplicaCore) throws {
    var link = InProcessLink(local: one, remote: other)
    let report = try link.run()
    #expect(report.result.isInSync)
    #expect(report.result.projectionsAgree)
  }

  /// The dot of a replica's event.
  private func dot(_ replica: ReplicaCore, _ sequence: UInt64) -> Dot {
    Dot(origin: replica.identity.origin, sequence: sequence)
  }

  private func expectEqual(_ replicas: [ReplicaCore]) throws {
    let digests = try replicas.map { replica in
      try replica.catchUp()
      return try replica.digest()
    }
    for digest in digests { #expect(digest == digests[0]) }
    for replica in replicas { #expect(try replica.replay().isEqual) }
  }

  @Test("Without a grant events are held, synced and count for nothing, until they get one")
  func ungranted() throws {
    let world = TestWorld(seed: 31)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    try sync(hub, till)
    // The till is not an admin, so what joins through it is granted nothing.
    let phone = try world.join("phone", till)
    #expect(try phone.ownRoles() == [])
    _ = try phone.append([rating(5, id: "a")])
    try sync(phone, till)
    try sync(till, hub)
    for replica in [hub, till, phone] {
      #expect(try scores(replica) == [])
      #expect(try replica.digest().interactionCount == 1)
    }
    #expect(throws: ReplicaError(.notGranted, "")) {
      try till.grant(RoleSet(.append), to: phone.identity.origin.key, label: nil)
    }
    try hub.grant(RoleSet(.append), to: phone.identity.origin.key, label: "phone 3")
    try sync(hub, till)
    try sync(till, phone)
    for replica in [hub, till, phone] { #expect(try scores(replica) == ["1 100.00"]) }
    try expectEqual([hub, till, phone])
    let standing = try hub.replicas().first { $0.origin == phone.identity.origin }
    #expect(standing?.label == "phone 3")
    #expect(standing?.roles == RoleSet(.append))
    #expect(try hub.replicas().filter(\.isOwner).map(\.origin) == [hub.identity.origin])
  }

  @Test("A revocation voids what came from its sequence on, on every replica")
  func revoked() throws {
    let world = TestWorld(seed: 32)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try till.append([rating(5, id: "a"), rating(1, id: "b"), rating(1, id: "c")])
    try sync(hub, till)
    #expect(try scores(hub) == ["3 33.33"])
    let stolen = till.identity.origin
    #expect(try hub.revoke(stolen, from: 2, reason: "stolen") == 1)
    _ = try till.append([rating(1, id: "d")])
    try sync(till, hub)
    for replica in [hub, till] { #expect(try scores(replica) == ["1 100.00"]) }
    try expectEqual([hub, till])
    #expect(throws: ReplicaError(.notFound, "")) {
      try hub.revoke(hub.identity.origin, from: 1, reason: nil)
    }
  }

  @Test("A retraction takes twins along, and a past moment still shows what stood then")
  func retracted() throws {
    let world = TestWorld(seed: 33)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try hub.append([rating(5, id: "a"), rating(1, id: "b")])
    _ = try till.append([rating(1, id: "b")])
    let wrong = dot(hub, 3)
    try sync(hub, till)
    #expect(throws: ReplicaError(.notGranted, "")) { try till.retract(dot(hub, 2), reason: nil) }
    #expect(throws: ReplicaError(.badRequest, "")) { try hub.retract(dot(hub, 1), reason: nil) }
    #expect(throws: ReplicaError(.notFound, "")) { try hub.retract(dot(hub, 9), reason: nil) }
    #expect(try scores(hub) == ["2 50.00"])
    let before = hub.snapshot().highWaterMark.rawValue
    try hub.retract(wrong, reason: "test message")
    #expect(try scores(hub) == ["1 100.00"])
    #expect(try scores(hub, at: Moment(lastPosition: before)) == ["2 50.00"])
    let ana = CustomerName.identifier(Identifier(kind: "email", value: "ana@example.com"))
    #expect(try hub.timeline(of: ana).count == 1)
    #expect(try hub.timeline(of: ana, at: Moment(lastPosition: before)).count == 2)
    try sync(hub, till)
    #expect(try scores(till) == ["1 100.00"])
    _ = try till.append([rating(1, id: "b")])
    try expectEqual([hub, till])
    try hub.retract(till.identity.origin, from: 1, reason: "broken")
    #expect(try scores(hub) == ["1 100.00"])
    try sync(till, hub)
    try expectEqual([hub, till])
  }

  @Test("A correction is what answers use; retracting it brings the old value back")
  func corrected() throws {
    let world = TestWorld(seed: 34)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try hub.append([rating(1, id: "a")])
    let rated = dot(hub, 2)
    #expect(try scores(hub) == ["1 0.00"])
    let facts = Section([.init("rating", 5), .init("survey", "csat")])
    let correction = try hub.correct(rated, facts: facts, persons: nil, reason: "typed 1 for 5")
    #expect(try scores(hub) == ["1 100.00"])
    let ana = CustomerName.identifier(Identifier(kind: "email", value: "ana@example.com"))
    let entry = try #require(try hub.timeline(of: ana).first)
    #expect(entry.event.occurredMilliseconds == 1_789_000_000_000)
    #expect(entry.event.facts.integer("rating") == 5)
    try sync(hub, till)
    try expectEqual([hub, till])
    #expect(correction == dot(hub, 3))
  }

  @Test("A correction that no peer would take is not written")
  func nestedCorrection() throws {
    let world = TestWorld(seed: 41)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try hub.append([rating(1, id: "a")])
    let event = dot(hub, hub.snapshot().held[hub.identity.origin].highest)
    func facts(levels: Int) -> Section {
      let deep = (1..<levels).reduce(Value.integer(1)) { value, _ in .array([value]) }
      return Section([.init("deep", deep), .init("rating", .integer(5)), .init("survey", "csat")])
    }
    #expect(throws: ReplicaError(.badRequest, "")) {
      try hub.correct(event, facts: facts(levels: 64), persons: nil, reason: nil)
    }
    try hub.correct(event, facts: facts(levels: 63), persons: nil, reason: nil)
    try sync(hub, till)
    for replica in [hub, till] { #expect(try scores(replica) == ["1 100.00"]) }
  }

  @Test("A correction may name other persons, who then find the event")
  func correctedPerson() throws {
    let world = TestWorld(seed: 35)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([rating(4, id: "a")])
    let bo = Identifier(kind: "email", value: "bo@example.com")
    try hub.catchUp()
    #expect(try hub.profile(of: .identifier(bo)) == nil)
    let persons = [Section([.init("@identifiers", .array([.text(bo.description)]))])]
    let facts = Section([.init("rating", 4), .init("survey", "csat")])
    try hub.correct(dot(hub, 1), facts: facts, persons: persons, reason: nil)
    try hub.catchUp()
    #expect(try hub.profile(of: .identifier(bo)) != nil)
    let ana = CustomerName.identifier(Identifier(kind: "email", value: "ana@example.com"))
    #expect(try hub.profile(of: ana) == nil)
    #expect(try hub.timeline(of: .identifier(bo)).map(\.event.dot) == [dot(hub, 1)])
    #expect(try hub.timeline(of: ana).isEmpty)
    #expect(try hub.profile(of: .identifier(bo), at: Moment(lastPosition: 2)) != nil)
    #expect(try hub.profile(of: ana, at: Moment(lastPosition: 1)) != nil)
    try expectEqual([hub])
  }

  @Test("A redacted field is shown by no answer, and the rest of its section stays")
  func redacted() throws {
    let world = TestWorld(seed: 36)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([rating(4, id: "a")])
    try hub.catchUp()
    try hub.redact("note", of: dot(hub, 1), reason: "card number")
    try hub.catchUp()
    let ana = CustomerName.identifier(Identifier(kind: "email", value: "ana@example.com"))
    let entry = try #require(try hub.timeline(of: ana).first)
    #expect(entry.event.personal.text("note") == nil)
    #expect(entry.event.personal.text("@source") == "forms")
    #expect(throws: ReplicaError(.notFound, "")) {
      try hub.redact("nothing", of: dot(hub, 1), reason: nil)
    }
    try expectEqual([hub])
  }

  @Test("Redactions add up, and none brings back what was erased")
  func redactedAgain() throws {
    let world = TestWorld(seed: 37)
    let hub = try world.makeReplica("hub")
    let ana = CustomerName.identifier(Identifier(kind: "email", value: "ana@example.com"))
    _ = try hub.append([rating(4, id: "a"), rating(5, id: "b")])
    // One after the other, of facts and of a person.
    for name in ["rating", "survey"] { try hub.redact(name, of: dot(hub, 1), reason: nil) }
    try hub.redact("note", of: dot(hub, 1), reason: nil)
    try hub.redact("@identifiers", of: dot(hub, 1), reason: nil)
    try hub.redact("note", of: dot(hub, 2), reason: nil)
    func shown() throws -> [String] {
      let events = try hub.events()
      return try (1...events.highWaterMark).compactMap { position in
        try events.event(at: position).map { event in
          try events.reading(event, at: position).sections
            .map { Value.object($0.fields).json }.joined()
        }
      }
    }
    let left = try shown()
    #expect(left.allSatisfy { !$0.contains("far too slow") })
    #expect(left.enumerated().allSatisfy { $0.offset == 1 || !$0.element.contains("csat") })
    #expect(left[1].contains("ana@"))
    #expect(try hub.erase(ana, reason: nil, request: nil).eventCount > 0)
    #expect(try shown().allSatisfy { !$0.contains("ana@") && !$0.contains("forms") })
    for sequence in [1, 2] as [UInt64] {
      #expect(throws: ReplicaError(.notFound, "")) {
        try hub.redact("@source", of: dot(hub, sequence), reason: nil)
      }
    }
    try hub.catchUp()
    #expect(try hub.profile(of: ana) == nil)
    try expectEqual([hub])
  }

  @Test("What corrections said of a redacted field goes with it, and what else they said stays")
  func redactedCorrection() throws {
    let world = TestWorld(seed: 42)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([rating(4, id: "a")])
    let event = dot(hub, 1)
    func person(_ fields: [Value.Field]) -> Section {
      Section([.init("@identifiers", .array(["email:ana@example.com"]))] + fields)
    }
    func facts(_ survey: String) -> Section {
      Section([.init("rating", 5), .init("survey", .text(survey))])
    }
    // The first correction is overruled, and what it says is in the log.
    try hub.correct(
      event, facts: facts("csat"), persons: [person([.init("iban", "DE89")])], reason: nil)
    let persons = [person([.init("city", "Rome")]), person([.init("card", "4111")])]
    try hub.correct(event, facts: facts("csat"), persons: persons, reason: "DE 90")
    func texts() throws -> [String] {
      let events = try hub.events()
      return try (1...events.highWaterMark).compactMap { position in
        try events.event(at: position).map { event in
          let stands = try events.effective(event, at: position)?.event.sections ?? []
          return try (events.reading(event, at: position).sections + stands)
            .map { Value.object($0.fields).json }.joined()
        }
      }
    }
    func shows(_ text: String) throws -> Bool { try texts().contains { $0.contains(text) } }
    #expect(try shows("DE89") && shows("Rome") && shows("4111"))
    try hub.redact("iban", of: event, reason: nil)
    #expect(try !shows("DE89") && !shows("4111"))
    #expect(try texts()[0].contains("Rome"))
    #expect(throws: ReplicaError(.notFound, "")) {
      try hub.redact("iban", of: event, reason: nil)
    }
    try hub.redact("rating", of: event, reason: nil)
    #expect(try !shows("rating") && texts()[0].contains("csat") && texts()[0].contains("Rome"))
    // One redaction stands for each section, and what it replaced is gone.
    try hub.redact("city", of: event, reason: nil)
    #expect(try !shows("Rome") && shows("csat"))
    let meaning = try hub.events().meaning(
      of: try #require(try hub.events().event(at: 1)))
    #expect(meaning.redactions.map(\.section) == [0, 1])
    // No correction brings it back.
    try hub.correct(event, facts: facts("nps"), persons: persons, reason: nil)
    #expect(try !shows("Rome") && !shows("nps") && shows("csat"))
    try expectEqual([hub])
  }

  @Test("A redacted fact leaves the persons that a correction named")
  func redactedFact() throws {
    let world = TestWorld(seed: 43)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([rating(4, id: "a")])
    let bo = Identifier(kind: "email", value: "bo@example.com")
    let persons = [Section([.init("@identifiers", .array([.text(bo.description)]))])]
    let facts = Section([.init("rating", 4), .init("survey", "csat")])
    try hub.correct(dot(hub, 1), facts: facts, persons: persons, reason: nil)
    try hub.redact("survey", of: dot(hub, 1), reason: nil)
    try hub.catchUp()
    let ana = CustomerName.identifier(Identifier(kind: "email", value: "ana@example.com"))
    #expect(try hub.timeline(of: ana).isEmpty)
    let entry = try #require(try hub.timeline(of: .identifier(bo)).first)
    #expect(entry.event.facts.text("survey") == nil)
    #expect(entry.event.facts.integer("rating") == 4)
    #expect(entry.event.idempotencyKey != nil)
    try expectEqual([hub])
  }

  @Test("Who is granted again after a theft does not bring back what the thief wrote")
  func grantedAgain() throws {
    let world = TestWorld(seed: 38)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try till.append([rating(4, id: "a"), rating(1, id: "theft")])
    try sync(hub, till)
    _ = try hub.revoke(till.identity.origin, from: 2, reason: "stolen")
    #expect(try scores(hub) == ["1 100.00"])
    try hub.grant(RoleSet(.append), to: till.identity.origin.key, label: nil)
    #expect(try scores(hub) == ["1 100.00"])
    try sync(hub, till)
    _ = try till.append([rating(5, id: "c")])
    try sync(hub, till)
    #expect(try scores(hub) == ["2 100.00"])
    // Of a key that nobody holds an event of, nothing can be told.
    let key = try #require(DeviceKey(bytes: [UInt8](repeating: 9, count: 32)))
    try hub.grant(RoleSet(.append), to: key, label: nil)
    _ = try hub.revoke(OriginID(incarnation: 1, key: key), from: 1, reason: nil)
    #expect(throws: ReplicaError(.notFound, "")) {
      try hub.grant(RoleSet(.append), to: key, label: nil)
    }
  }

  @Test("A control event of a later version has no effect, and the digest of the rules tells of it")
  func laterVersion() throws {
    let world = TestWorld(seed: 39)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    try sync(hub, till)
    _ = try hub.append([rating(5, id: "a")])
    let rules = try hub.digest().rules
    let retraction = EventDraft.retracting(origin: hub.identity.origin, from: 1)
    let suspension = try #require(EventType("event.suspended"))
    for (type, fact) in [(retraction.type, "until"), (suspension, "from")] {
      let before = try hub.digest().rules
      let facts = retraction.sections[0].fields.filter { $0.name != fact }
      let draft = EventDraft(
        channel: .other, type: type, schema: retraction.schema,
        sections: [Section(facts + [.init(fact, .integer(1))])])
      _ = try hub.append([draft])
      #expect(try hub.digest().rules != before)
      #expect(try scores(hub) == ["1 100.00"])
    }
    #expect(try hub.digest().rules != rules)
    // What nobody granted anything appends is told by no digest.
    let stranger = try world.join("stranger", till)
    try sync(stranger, till)
    try sync(till, hub)
    let settled = try hub.digest().rules
    _ = try stranger.append([
      EventDraft(channel: .other, type: suspension, schema: retraction.schema, sections: [])
    ])
    try sync(stranger, till)
    try sync(till, hub)
    #expect(try hub.digest().rules == settled)
    try expectEqual([hub, till])
  }

  @Test("A run that ends withdraws one copy of a message, and another counts in its place")
  func falseCopy() throws {
    let world = TestWorld(seed: 40)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try till.append([rating(1, id: "a"), rating(5, id: "b")])
    _ = try hub.append([rating(5, id: "a")])
    try sync(hub, till)
    #expect(try scores(hub) == ["2 50.00"])
    try hub.retract(till.identity.origin, from: 1, last: 1, reason: "a false copy")
    try sync(hub, till)
    for replica in [hub, till] { #expect(try scores(replica) == ["2 100.00"]) }
    try expectEqual([hub, till])
  }
}
