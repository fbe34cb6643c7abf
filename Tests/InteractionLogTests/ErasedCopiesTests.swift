import BookRules
import CustomerProfiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import Testing

@Suite("Copies of a message, some of which lose a section")
struct ErasedCopiesTests {
  private let ana = ErasureWorld.ana
  private let mail = "email:ana@example.com"

  @Test("Withdrawing an erased message leaves another person's with equal facts")
  func equalFacts() throws {
    let world = ErasureWorld(seed: 71)
    let hub = try world.makeReplica("hub")
    let anas = try append(rating(1, id: "a", of: [mail]), to: hub)
    _ = try append(rating(1, id: "a", of: ["email:bo@example.com"]), to: hub)
    try hub.retract(anas, reason: nil)
    #expect(try counted(hub) == 1)
    _ = try hub.erase(ana, reason: nil, request: nil)
    #expect(try counted(hub) == 1)
    let bo = Identifier(kind: "email", value: "bo@example.com")
    #expect(try hub.timeline(of: .identifier(bo)).count == 1)
    #expect(try hub.replay().isEqual)
  }

  @Test(
    "What was withdrawn or corrected stays so when its person is erased, copies that came later too"
  )
  func laterCopies() throws {
    let world = ErasureWorld(seed: 72)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let voided = try rating(1, id: "a", of: [mail])
    let wrong = try rating(2, id: "b", of: [mail])
    try hub.retract(append(voided, to: hub), reason: nil)
    let facts = Section([.init("rating", 5), .init("survey", "csat")])
    try hub.correct(append(wrong, to: hub), facts: facts, persons: nil, reason: nil)
    for draft in [voided, wrong] { _ = try append(draft, to: till) }
    try sync(hub, till)
    let before = try answer(hub)
    #expect(before.rows.map(\.responses) == [1])
    _ = try hub.erase(ana, reason: nil, request: nil)
    try sync(hub, till)
    for replica in [hub, till] {
      #expect(try answer(replica) == before)
      #expect(try replica.replay().isEqual)
    }
    // A copy that first comes now is withdrawn and corrected as it is listed.
    let phone = try world.join("phone", hub)
    for draft in [voided, wrong] { _ = try append(draft, to: phone) }
    try sync(phone, hub)
    try sync(phone, hub)
    for replica in [hub, phone] { #expect(try answer(replica) == before) }
    #expect(try hub.digest() == phone.digest())
  }

  @Test("Copies that devices list themselves are one again where somebody may erase")
  func listedByTheirDevices() throws {
    let world = ErasureWorld(seed: 73)
    let hub = try world.makeReplica("hub")
    let tills = try ["till", "phone"].map { try world.join($0, hub) }
    let message = try rating(3, id: "a", of: [mail])
    for till in tills { _ = try append(message, to: till) }
    _ = try append(rating(1, id: "z", of: [mail]), to: hub)
    _ = try hub.erase(ana, reason: nil, request: nil)
    for till in tills { try sync(hub, till) }
    for till in tills + tills { try sync(hub, till) }
    for replica in [hub] + tills {
      #expect(try answer(replica).rows.map(\.responses) == [2])
      #expect(try replica.profile(of: ana) == nil)
    }
    let state = try hub.bookState()
    let keys = tills.map { state.rememberedKey(of: Dot(origin: $0.identity.origin, sequence: 1)) }
    #expect(keys[0] != nil)
    #expect(keys[0] == keys[1])
  }

  @Test("A message whose second person was erased goes again as far as it is theirs")
  func secondPerson() throws {
    let world = ErasureWorld(seed: 74)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let bo = try rating(4, id: "a", of: ["email:bo@example.com"])
    func message(occurred: Int64) throws -> EventDraft {
      let facts = Section([.init("@occurred", .integer(occurred)), .init("rating", 4)])
      let second = Section([.init("@identifiers", .array([.text(mail)]))])
      return EventDraft(
        channel: bo.channel, type: bo.type, schema: bo.schema,
        sections: [facts, bo.sections[1], second])
    }
    _ = try append(message(occurred: 1_000_000), to: hub)
    let cut = try hub.erase(ana, reason: nil, request: nil).cutMilliseconds
    let again = try append(message(occurred: cut + 60_000), to: till)
    try sync(till, hub)
    try sync(till, hub)
    for replica in [hub, till] {
      let state = try replica.bookState()
      #expect(state.listedSections(of: again) == SectionSet(section: 2))
      #expect(try replica.profile(of: ana) == nil)
      #expect(try replica.timeline(of: boName).count == 1)
    }
    #expect(try hub.digest() == till.digest())
  }

  @Test("Another person's message under an erased key keeps its person")
  func anotherPerson() throws {
    let world = ErasureWorld(seed: 75)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try append(rating(1, id: "a", of: [mail]), to: hub)
    _ = try hub.erase(ana, reason: nil, request: nil)
    let bos = try append(rating(5, id: "a", of: ["email:bo@example.com"]), to: till)
    try sync(till, hub)
    try sync(till, hub)
    for replica in [hub, till] {
      let state = try replica.bookState()
      #expect(state.listedSections(of: bos).isEmpty)
      #expect(state.rememberedKey(of: bos) != nil)
    }
    #expect(try hub.digest() == till.digest())
  }

  @Test("An extension that arrives is matched with what is held")
  func extensionAfterwards() throws {
    let world = ErasureWorld(seed: 76)
    let hub = try world.makeReplica("hub")
    let office = try world.join("office", hub)
    let till = try world.join("till", hub)
    try hub.grant(RoleSet(Role.allCases), to: office.identity.origin.key, label: nil)
    _ = try append(rating(1, id: "z", of: [mail]), to: hub)
    _ = try hub.erase(ana, reason: nil, request: nil)
    try sync(hub, office)
    // The office lists a late message; the hub holds another content of it, of which it knew nothing.
    let late = try append(rating(1, id: "a", of: [mail]), to: till)
    let held = try append(rating(2, id: "a", of: ["email:bo@example.com"]), to: hub)
    try sync(till, office)
    try sync(office, hub)
    try sync(office, hub)
    for replica in [hub, office] {
      let state = try replica.bookState()
      #expect(state.rememberedKey(of: late) != nil)
      #expect(state.rememberedKey(of: late) == state.rememberedKey(of: held))
      #expect(state.listedSections(of: held).isEmpty)
    }
    #expect(try hub.digest() == office.digest())
  }

  @Test("A redacted value does not come back with a copy that arrives later, nor a correction go")
  func laterCopyOfRedacted() throws {
    let world = ErasureWorld(seed: 83)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let message = try rating(1, id: "a", of: [mail])
    _ = try append(message, to: till)
    let own = try append(message, to: hub)
    let facts = Section([.init("rating", 5), .init("survey", "csat")])
    try hub.correct(own, facts: facts, persons: nil, reason: nil)
    try hub.redact("note", of: own, reason: nil)
    try sync(till, hub)
    for replica in [hub, till] {
      #expect(try answer(replica).rows.map(\.counts) == [[0, 0, 0, 0, 1]])
      let entries = try replica.timeline(of: ana)
      #expect(entries.count == 1)
      #expect(entries.allSatisfy { $0.event.personal.value("note") == nil })
      #expect(try shown(replica).count { $0.contains("far too slow") } == 0)
    }
    #expect(try hub.digest() == till.digest())
  }

  @Test("A device takes nothing of what others said of its event, though it lists the event")
  func ownListing() throws {
    let world = ErasureWorld(seed: 84)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let phone = try world.join("phone", hub)
    let message = try rating(2, id: "a", of: [mail])
    _ = try append(message, to: phone)
    let copy = try append(message, to: till)
    for replica in [phone, till] { try sync(replica, hub) }
    let persons = [Section([.init("@identifiers", .array(["email:bo@example.com"]))])]
    let facts = Section([.init("rating", 4), .init("survey", "csat")])
    try hub.correct(copy, facts: facts, persons: persons, reason: nil)
    let cleo = CustomerName.identifier(Identifier(kind: "email", value: "cleo@example.com"))
    _ = try append(rating(1, id: "z", of: ["email:cleo@example.com"]), to: hub)
    _ = try hub.erase(cleo, reason: nil, request: nil)
    try sync(till, hub)
    let erasure = try #require(try till.bookState().erasures.first)
    _ = try till.append([
      .extending(
        erasure: erasure.reference, sections: [ErasedSection(dot: copy, section: 9)])
    ])
    try sync(till, hub)
    #expect(try hub.timeline(of: boName).count == 1)
    #expect(try hub.profile(of: ana) == nil)
  }

  @Test("A redaction takes the field of every copy that is held")
  func redactedCopies() throws {
    let world = ErasureWorld(seed: 77)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let message = try rating(1, id: "a", of: [mail])
    _ = try append(message, to: till)
    let own = try append(message, to: hub)
    try sync(hub, till)
    try hub.redact("note", of: own, reason: nil)
    try sync(hub, till)
    for replica in [hub, till] {
      #expect(try shown(replica).allSatisfy { !$0.contains("note") })
      #expect(try answer(replica).rows.map(\.responses) == [1])
    }
    #expect(try hub.digest() == till.digest())
  }

  @Test("An eraser who may undo nothing brings back nothing that was withdrawn or corrected")
  func eraserOnly() throws {
    let world = ErasureWorld(seed: 78)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let office = try world.join("office", hub, roles: [RoleSet(.append), RoleSet(.erase)])
    let voided = try rating(1, id: "a", of: [mail])
    let wrong = try rating(2, id: "b", of: [mail])
    let facts = Section([.init("rating", 5), .init("survey", "csat")])
    try hub.retract(append(voided, to: hub), reason: nil)
    let corrected = try append(wrong, to: hub)
    let correction = try hub.correct(corrected, facts: facts, persons: nil, reason: nil)
    for draft in [voided, wrong] { _ = try append(draft, to: till) }
    try sync(till, hub)
    try sync(hub, office)
    let before = try answer(office)
    #expect(before.rows.map(\.responses) == [1])
    try office.redact("note", of: corrected, reason: nil)
    _ = try office.erase(ana, reason: nil, request: nil)
    for peer in [hub, till] { try sync(office, peer) }
    for replica in [hub, till, office] { #expect(try answer(replica) == before) }
    // Taking the correction back takes it from the copies, too.
    try hub.retract(correction, reason: nil)
    #expect(try answer(hub) != before)
    #expect(try answer(hub).rows.map(\.responses) == [1])
  }

  @Test("A copy that is retracted elsewhere is retracted here, once acts and copies have met")
  func retractedElsewhere() throws {
    let world = ErasureWorld(seed: 79)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let office = try world.join("office", hub, roles: [RoleSet(.append), RoleSet(.configure)])
    try sync(hub, office)
    let message = try rating(1, id: "a", of: [mail])
    _ = try append(message, to: hub)
    let copy = try append(message, to: till)
    try sync(till, office)
    try office.retract(copy, reason: nil)
    #expect(try counted(hub) == 1)
    for _ in 0..<2 { try sync(office, hub) }
    #expect(try counted(hub) == 0)
    #expect(try hub.replay().isEqual)
    let end = hub.snapshot().highWaterMark
    for _ in 0..<2 { try sync(office, hub) }
    #expect(hub.snapshot().highWaterMark == end, "once extended, nothing more is written")
    #expect(try answer(office) == answer(hub))
  }

  @Test("What a revoked device listed is listed by another, as long as the erasure asks for it")
  func revokedLister() throws {
    let world = ErasureWorld(seed: 80)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let relay = try world.join("relay", hub)
    _ = try append(rating(1, id: "z", of: [mail]), to: hub)
    let late = try append(rating(2, id: "a", of: [mail]), to: till)
    _ = try hub.erase(ana, reason: nil, request: nil)
    try sync(hub, relay)
    try sync(relay, till)
    try sync(till, hub)
    #expect(try !hub.bookState().listedSections(of: late).isEmpty)
    #expect(try hub.revoke(till.identity.origin, from: late.sequence + 1, reason: nil) > 0)
    try sync(hub, relay)
    try sync(hub, relay)
    for replica in [hub, relay] {
      #expect(try replica.profile(of: ana) == nil)
      #expect(try !replica.bookState().listedSections(of: late).isEmpty)
    }
  }

  @Test("A message under a remembered key loses whom a later erasure of that key asks for")
  func secondErasure() throws {
    let world = ErasureWorld(seed: 81)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let office = try world.join("office", hub, roles: [RoleSet(.append), RoleSet(.erase)])
    _ = try append(rating(5, id: "k", of: ["email:bo@example.com"]), to: hub)
    _ = try append(rating(4, id: "k", of: [mail]), to: hub)
    _ = try hub.erase(boName, reason: nil, request: nil)
    try sync(hub, office)
    let cut = try hub.erase(ana, reason: nil, request: nil).cutMilliseconds
    let again = try append(rating(3, id: "k", of: [mail], occurred: cut + 60_000), to: till)
    try sync(till, office)
    try sync(office, hub)
    try sync(hub, office)
    for replica in [hub, office] {
      let state = try replica.bookState()
      #expect(state.listedSections(of: again) == SectionSet(section: 1))
      #expect(try shown(replica).allSatisfy { !$0.contains("ana@") })
    }
  }

  @Test(
    "An answer about the past is the same before and after an erasure, and shows no redacted field")
  func pastMoments() throws {
    let world = ErasureWorld(seed: 82)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let message = try rating(1, id: "a", of: [mail])
    let kept = try append(rating(3, id: "b", of: ["email:bo@example.com"]), to: hub)
    try hub.retract(append(message, to: hub), reason: nil)
    _ = try append(message, to: till)
    try sync(hub, till)
    let moment = Moment(lastPosition: hub.snapshot().highWaterMark.rawValue)
    try hub.catchUp()
    let before = try hub.metric(MetricQuery(.csat), at: moment)
    #expect(before.rows.map(\.responses) == [1])
    _ = try hub.erase(ana, reason: nil, request: nil)
    try hub.redact("note", of: kept, reason: nil)
    try hub.catchUp()
    #expect(try hub.metric(MetricQuery(.csat), at: moment) == before)
    let entries = try hub.timeline(of: boName, at: moment)
    #expect(entries.count == 1)
    #expect(entries.allSatisfy { entry in entry.event.personal.value("note") == nil })
  }

  private var boName: CustomerName {
    .identifier(Identifier(kind: "email", value: "bo@example.com"))
  }

  private func append(_ draft: EventDraft, to replica: ReplicaCore) throws -> Dot {
    switch try #require(try replica.append([draft]).first) {
    case .appended(let dot, _), .conflict(let dot, _, _), .erased(let dot, _): return dot
    case let outcome:
      Issue.record("\(outcome)")
      throw ReplicaError(.internalFault, "the draft was not appended")
    }
  }

  private func answer(_ replica: ReplicaCore) throws -> MetricAnswer {
    try replica.catchUp()
    return try replica.metric(MetricQuery(.csat))
  }

  private func counted(_ replica: ReplicaCore) throws -> Int {
    Int(try answer(replica).rows.map(\.responses).reduce(0, +))
  }
}
