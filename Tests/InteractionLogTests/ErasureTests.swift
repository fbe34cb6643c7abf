import BookRules
import CustomerProfiles
import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import ProjectionEngine
import SyncProtocol
import SyncTransport
import Testing

@Suite("Erasing a person")
struct ErasureTests {
  private let ana = ErasureWorld.ana

  @Test("Nobody is shown any more, at no moment, and facts stay true")
  func hidden() throws {
    let world = ErasureWorld(seed: 51)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([
      rating(5, id: "a", of: ["email:ana@example.com"]),
      rating(1, id: "b", of: ["email:ana@example.com", "user:u-1"]),
      rating(4, id: "c", of: ["user:u-1"]), rating(2, id: "d", of: ["email:bo@example.com"]),
    ])
    let before = hub.snapshot().highWaterMark.rawValue
    try hub.catchUp()
    let answers = try hub.metric(MetricQuery(.csat))
    let preview = try hub.erasurePreview(of: ana)
    #expect(
      preview.names.map(\.identifier.description) == ["email:ana@example.com", "user:u-1"])
    #expect(preview.names.map(\.eventCount) == [2, 2])
    #expect(preview.sectionCount == 3)
    #expect(hub.snapshot().highWaterMark.rawValue == before)

    let receipt = try hub.erase(ana, reason: "asked", request: "R-1")
    #expect(receipt.eventCount == 3)
    #expect(receipt.identifierCount == 2)
    #expect(receipt.acknowledgedBy == [hub.identity.origin])
    #expect(receipt.value["physical"]?.text == "pending")
    for moment in [Moment.now, Moment(lastPosition: before)] {
      try hub.catchUp()
      #expect(try hub.profile(of: ana, at: moment) == nil)
      #expect(try hub.timeline(of: ana, at: moment).isEmpty)
    }
    #expect(
      try hub.profile(of: .identifier(Identifier(kind: "email", value: "bo@example.com"))) != nil)
    #expect(try hub.metric(MetricQuery(.csat)) == answers)
    #expect(try shown(hub).allSatisfy { !$0.contains("ana@") && !$0.contains("u-1") })
    #expect(try hub.replay().isEqual)
    #expect(throws: ReplicaError(.notFound, "")) { try hub.erasurePreview(of: ana) }
    let dot = Dot(origin: hub.identity.origin, sequence: 1)
    let listed = try hub.bookState().erasures(of: dot, sectionCount: 2)
    #expect(listed.map(\.section) == [1])
    #expect(listed.map(\.erasure) == receipt.erasures)
  }

  @Test("What is sent again is refused as erased, on every replica and after a restart")
  func sentAgain() throws {
    let world = ErasureWorld(seed: 52)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let drafts = try ["a", "b"].map { try rating(1, id: $0, of: ["email:ana@example.com"]) }
    _ = try hub.append(drafts)
    _ = try hub.erase(ana, reason: nil, request: nil)
    let end = hub.snapshot().highWaterMark
    #expect(try hub.append(drafts + drafts) == [AppendOutcome](repeating: .erasedBefore, count: 4))
    #expect(hub.snapshot().highWaterMark == end)
    try sync(hub, till)
    let held = till.snapshot().highWaterMark
    #expect(try till.append(drafts) == [.erasedBefore, .erasedBefore])
    #expect(till.snapshot().highWaterMark == held)
    try hub.close()
    let again = try ReplicaCore.open(at: "/hub", environment: world.environment)
    #expect(try again.append(drafts) == [.erasedBefore, .erasedBefore])
  }

  @Test("What two replicas hold counts once, before and after its person is erased")
  func copies() throws {
    let world = ErasureWorld(seed: 58)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let same = try rating(5, id: "a", of: ["email:ana@example.com"])
    let voided = try rating(1, id: "b", of: ["email:ana@example.com"])
    let other = try rating(4, id: "a", of: ["email:ana@example.com"])
    guard case .appended(let mistake, _)? = try hub.append([same, voided]).last else {
      Issue.record("the hub has nothing yet")
      return
    }
    _ = try till.append([same, voided])
    _ = try till.append([other])
    try sync(hub, till)
    try hub.retract(mistake, reason: "by mistake")
    try sync(hub, till)
    let before = hub.snapshot().highWaterMark.rawValue
    func counted(_ replica: ReplicaCore, _ moment: Moment) throws -> MetricAnswer {
      try replica.catchUp()
      return try replica.metric(MetricQuery(.csat), at: moment)
    }
    let expected = try counted(hub, .now)
    #expect(expected.rows.map(\.responses) == [1])
    #expect(try hub.erase(ana, reason: nil, request: nil).sectionCount == 5)
    try sync(hub, till)
    for replica in [hub, till] {
      #expect(try counted(replica, .now) == expected)
      #expect(try replica.replay().isEqual)
    }
    #expect(try counted(hub, Moment(lastPosition: before)) == expected)
    #expect(try hub.digest() == till.digest())
  }

  @Test("An erased message that comes again by another replica goes again, whatever its time")
  func sentAgainElsewhere() throws {
    let world = ErasureWorld(seed: 59)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let message = try rating(1, id: "a", of: ["email:ana@example.com"])
    guard case .appended(let first, _)? = try hub.append([message]).first else {
      Issue.record("the hub has nothing yet")
      return
    }
    let cut = try hub.erase(ana, reason: nil, request: nil).cutMilliseconds
    // After the cut by its own clock, and with another content: still the message that was erased.
    let again = try rating(2, id: "a", of: ["email:ana@example.com"], occurred: cut + 60_000)
    guard case .appended(let second, _)? = try till.append([again]).first else {
      Issue.record("the till has not heard of the erasure")
      return
    }
    try sync(till, hub)
    try sync(till, hub)
    for replica in [hub, till] {
      try replica.catchUp()
      #expect(try replica.profile(of: ana) == nil)
      #expect(try replica.metric(MetricQuery(.csat)).rows.map(\.responses) == [1])
      let state = try replica.bookState()
      #expect(state.rememberedKey(of: first) == state.rememberedKey(of: second))
      #expect(state.listedSections(of: second) == SectionSet(section: 1))
    }
    #expect(try hub.digest() == till.digest())
  }

  @Test("A redacted person leaves the copies of the message one")
  func redactedCopies() throws {
    let world = ErasureWorld(seed: 61)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let message = try rating(1, id: "a", of: ["email:ana@example.com"])
    guard case .appended(let first, _)? = try hub.append([message]).first else {
      Issue.record("the hub has nothing yet")
      return
    }
    _ = try till.append([message])
    try hub.redact("note", of: first, reason: nil)
    try sync(till, hub)
    for replica in [hub, till] {
      try replica.catchUp()
      #expect(try replica.metric(MetricQuery(.csat)).rows.map(\.responses) == [1])
      #expect(try replica.timeline(of: ana).count == 1)
      #expect(try replica.replay().isEqual)
    }
    #expect(try hub.digest() == till.digest())
    #expect(throws: ReplicaError(.badRequest, "")) {
      try hub.redact("@id", of: first, reason: nil)
    }
  }

  @Test("Another content under the key of an erased interaction stays, and counts as before")
  func conflictingPerson() throws {
    let world = ErasureWorld(seed: 60)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([
      rating(1, id: "a", of: ["email:ana@example.com"]),
      rating(5, id: "a", of: ["email:bo@example.com"]),
    ])
    try hub.catchUp()
    let before = try hub.metric(MetricQuery(.csat))
    #expect(try hub.erase(ana, reason: nil, request: nil).sectionCount == 1)
    try hub.catchUp()
    #expect(try hub.metric(MetricQuery(.csat)) == before)
    #expect(try hub.replay().isEqual)
  }

  @Test(
    "A late event from before the cut is erased on arrival, one from after it is a new customer")
  func late() throws {
    let world = ErasureWorld(seed: 53)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([rating(1, id: "a", of: ["email:ana@example.com"])])
    let cut = try hub.erase(ana, reason: nil, request: nil).cutMilliseconds
    let late = try rating(5, id: "b", of: ["email:ana@example.com"], occurred: cut)
    let outcome = try #require(try hub.append([late]).first)
    guard case .erased(let dot, _) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(try hub.bookState().listedSections(of: dot) == SectionSet(section: 1))
    try hub.catchUp()
    #expect(try hub.profile(of: ana) == nil)
    let twice = [late, try rating(2, id: "b", of: ["email:ana@example.com"])]
    #expect(try hub.append(twice) == [.erasedBefore, .erasedBefore])

    let back = try rating(4, id: "c", of: ["email:ana@example.com"], occurred: cut + 1)
    guard case .appended(let returned, _)? = try hub.append([back]).first else {
      Issue.record("a returning customer is new")
      return
    }
    try hub.catchUp()
    #expect(try hub.timeline(of: ana).map(\.event.dot) == [returned])
    #expect(try hub.erase(ana, reason: nil, request: nil).eventCount == 1)
  }

  @Test("An event from before the cut is erased, whatever time it claims")
  func claimedTime() throws {
    let world = ErasureWorld(seed: 60)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    try sync(hub, till)
    _ = try hub.append([rating(1, id: "a", of: ["email:ana@example.com"])])
    _ = try till.append([
      rating(5, id: "b", of: ["email:ana@example.com"], occurred: 1_900_000_000_000)
    ])
    _ = try hub.erase(ana, reason: nil, request: nil)
    try sync(hub, till)
    for replica in [hub, till] {
      try replica.catchUp()
      #expect(try replica.profile(of: ana) == nil)
    }
  }

  @Test("A correction of an event from before the cut brings nobody back, and one of a later may")
  func correctedAfterwards() throws {
    let world = ErasureWorld(seed: 61)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    try sync(hub, till)
    _ = try hub.append([rating(1, id: "a", of: ["email:ana@example.com"])])
    _ = try till.append([rating(2, id: "b", of: ["email:bo@example.com"])])
    let old = Dot(origin: till.identity.origin, sequence: 1)
    try sync(hub, till)
    let cut = try hub.erase(ana, reason: nil, request: nil).cutMilliseconds
    _ = try hub.append([
      rating(3, id: "c", of: ["email:cleo@example.com"], occurred: cut + 1_000_000)
    ])
    let origin = hub.identity.origin
    let new = Dot(origin: origin, sequence: hub.snapshot().held[origin].highest)
    let persons = [Section([.init("@identifiers", .array(["email:ana@example.com"]))])]
    let facts = Section([.init("rating", 4), .init("survey", "csat")])
    for dot in [old, new] {
      let fix = try hub.correct(dot, facts: facts, persons: persons, reason: nil)
      let isListed = try !hub.bookState().listedSections(of: fix).isEmpty
      #expect(isListed == (dot == old))
    }
    try hub.catchUp()
    #expect(try hub.timeline(of: ana).map(\.event.dot) == [new])
    try sync(hub, till)
    #expect(try till.replay().isEqual)
  }

  @Test("Without the book's secret nothing is erased or extended, and what is listed is hidden")
  func withoutSecret() throws {
    let world = ErasureWorld(seed: 54)
    let hub = try world.makeReplica("hub")
    let till = try world.withoutSecret(world.join("till", hub), "till")
    try sync(hub, till)
    _ = try hub.append([rating(1, id: "a", of: ["email:ana@example.com"])])
    _ = try till.append([rating(1, id: "b", of: ["email:ana@example.com"])])
    _ = try hub.erase(ana, reason: nil, request: nil)
    // The till's own event reaches the hub, which lists it for the till.
    try sync(hub, till)
    for replica in [hub, till] { #expect(try replica.profile(of: ana) == nil) }
    let state = try till.bookState()
    let erasure = try #require(state.erasures.first)
    #expect(state.acknowledgements(ofErasure: erasure.reference.dot) == [hub.identity.origin])
    try hub.grant([RoleSet(.append), RoleSet(.erase)], to: till.identity.origin.key, label: nil)
    try sync(hub, till)
    #expect(throws: ReplicaError(.noBookSecret, "")) {
      try till.erase(ana, reason: nil, request: nil)
    }
    #expect(try till.replay().isEqual)
  }

  @Test("Without the role a replica lists its own events only")
  func withoutRole() throws {
    let world = ErasureWorld(seed: 55)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let phone = try world.withoutSecret(world.join("phone", hub), "phone")
    try sync(hub, till)
    try sync(hub, phone)
    _ = try hub.append([rating(1, id: "a", of: ["email:ana@example.com"])])
    _ = try till.append([rating(1, id: "b", of: ["email:ana@example.com"])])
    _ = try phone.append([rating(1, id: "c", of: ["email:ana@example.com"])])
    _ = try hub.erase(ana, reason: nil, request: nil)
    #expect(throws: ReplicaError(.notGranted, "")) {
      try till.erase(ana, reason: nil, request: nil)
    }
    try sync(till, hub)
    try sync(till, phone)
    let own = Dot(origin: till.identity.origin, sequence: 1)
    let foreign = Dot(origin: phone.identity.origin, sequence: 1)
    let extending = try till.bookState().heldControls.filter { control in
      guard case .erasureExtended(_, let sections) = control.content else { return false }
      return control.dot.origin == till.identity.origin && sections.map(\.dot) == [own]
        && sections.allSatisfy { $0.section == 1 && $0.key != nil }
    }
    #expect(extending.count == 1)
    #expect(try till.timeline(of: ana).map(\.event.dot) == [foreign])
    try sync(till, hub)
    #expect(try till.timeline(of: ana).isEmpty)
    try sync(till, phone)
    #expect(try phone.timeline(of: ana).isEmpty)
  }

  @Test("Persons that corrections and redactions carry go as well")
  func carriers() throws {
    let world = ErasureWorld(seed: 56)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([
      rating(1, id: "a", of: ["email:bo@example.com"]),
      rating(2, id: "b", of: ["email:ana@example.com"]),
    ])
    let origin = hub.identity.origin
    let persons = [Section([.init("@identifiers", .array(["email:ana@example.com"]))])]
    let facts = Section([.init("rating", 4), .init("survey", "csat")])
    try hub.correct(Dot(origin: origin, sequence: 1), facts: facts, persons: persons, reason: nil)
    try hub.redact("note", of: Dot(origin: origin, sequence: 2), reason: nil)
    try hub.catchUp()
    #expect(try hub.timeline(of: ana).count == 2)
    #expect(try hub.erase(ana, reason: nil, request: nil).sectionCount == 3)
    try hub.catchUp()
    #expect(try hub.timeline(of: ana).isEmpty)
    #expect(try shown(hub).allSatisfy { !$0.contains("ana@") })
    #expect(try hub.replay().isEqual)
  }

  @Test("More than one event can list is erased in parts that count together")
  func parts() throws {
    let world = ErasureWorld(seed: 57)
    let hub = try world.makeReplica("hub")
    _ = try hub.append(
      (1...5_100).map { try rating(1, id: "\($0)", of: ["email:ana@example.com"]) })
    let receipt = try hub.erase(ana, reason: nil, request: "R-2")
    #expect(receipt.erasures.count == 2)
    #expect(receipt.sectionCount == 5_100)
    let requests = try hub.bookState().erasures.map(\.request)
    #expect(requests.map(\.sections.count) == [5_000, 100])
    #expect(Set(requests.map(\.cutMilliseconds)) == [receipt.cutMilliseconds])
    #expect(try hub.append([rating(1, id: "5100", of: [])]) == [.erasedBefore])
    try hub.catchUp()
    #expect(try hub.timeline(of: ana).isEmpty)
  }

  @Test("What nobody may say in the log is refused before anything is erased")
  func refused() throws {
    let world = ErasureWorld(seed: 58)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([rating(1, id: "a", of: ["email:ana@example.com", "user:null"])])
    #expect(throws: ReplicaError(.badRequest, "")) {
      try hub.erase(ana, reason: "Ana@example.com wrote", request: nil)
    }
    let nobody = CustomerName.identifier(Identifier(kind: "user", value: "null"))
    #expect(throws: ReplicaError(.badRequest, "")) { try hub.erasurePreview(of: nobody) }
    let stranger = CustomerName.identifier(Identifier(kind: "user", value: "stranger"))
    #expect(throws: ReplicaError(.notFound, "")) { try hub.erasurePreview(of: stranger) }
    #expect(try hub.bookState().erasures.isEmpty)
  }

  @Test("A crash before a match is listed is made good when the store is used again")
  func interrupted() throws {
    let world = ErasureWorld(seed: 59)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    try sync(hub, till)
    _ = try till.append([rating(1, id: "a", of: ["email:ana@example.com"])])
    _ = try hub.append([rating(1, id: "b", of: ["email:ana@example.com"])])
    _ = try hub.erase(ana, reason: nil, request: nil)
    // As if the till had stored the erasure and stopped at once: without its secret it lists nothing.
    let deaf = try world.withoutSecret(till, "till")
    var link = InProcessLink(local: deaf, remote: hub)
    _ = try link.run()
    try deaf.close()
    try world.giveSecret(from: "hub", to: "till")
    let again = try ReplicaCore.open(at: "/till", environment: world.environment)
    _ = try again.append([rating(3, id: "z", of: ["email:bo@example.com"])])
    let state = try again.bookState()
    let erasure = try #require(state.erasures.first)
    #expect(
      Set(state.acknowledgements(ofErasure: erasure.reference.dot)) == [
        hub.identity.origin, again.identity.origin,
      ])
    let own = Dot(origin: again.identity.origin, sequence: 1)
    #expect(state.listedSections(of: own) == SectionSet(section: 1))
  }
}
