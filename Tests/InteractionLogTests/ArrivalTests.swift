import BookRules
import CustomerProfiles
import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import SyncProtocol
import SyncTransport
import SyntheticWorkload
import Testing

@Suite("Events from clocks that run ahead")
struct ArrivalTests {
  private static let year: Int64 = 366 * 86_400_000
  private static let ana = Identifier(kind: "email", value: "ana@example.com")

  private let world: TestWorld
  private let hub: ReplicaCore

  init() throws {
    world = TestWorld(seed: 71)
    hub = try world.makeReplica("hub")
  }

  /// A replica whose clock makes something else of the time, after its first sync.
  private func join(
    _ name: String, roles: RoleSet = RoleSet(.append),
    reading: @escaping @Sendable (Int64) -> Int64 = { $0 }
  ) throws -> ReplicaCore {
    let replica = try ReplicaCore.join(
      at: "/" + name, label: name, peer: hub, roles: roles,
      environment: world.environment(disk: world.disk, reading: reading))
    try sync(replica, hub)
    return replica
  }

  /// Ana lives in a city, as a device without a time of the source hears it.
  private func lives(in city: String, occurred: Int64? = nil) throws -> EventDraft {
    let type = try #require(EventType("page.viewed"))
    return EventDraft(
      channel: .web, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
      sections: [
        Section(occurred.map { [.init("@occurred", .integer($0))] } ?? []),
        Section([
          .init("@identifiers", .array([.text(Self.ana.description)])), .init("@source", "crm"),
          .init("@traits", .object([.init("city", .text(city))])),
        ]),
      ])
  }

  private func city(_ replica: ReplicaCore) throws -> Value? {
    try replica.catchUp()
    let profile = try replica.profile(of: .identifier(Self.ana))
    return profile?.value(nowMilliseconds: 0, asOf: "")["attributes"]?["city"]?["value"]
  }

  private func timeline(_ replica: ReplicaCore) throws -> [Dot] {
    try replica.catchUp()
    return try replica.timeline(of: .identifier(Self.ana), limit: 1000).map(\.event.dot)
  }

  private func attestations(in replica: ReplicaCore) throws -> [AttestedArrival] {
    try replica.bookState().heldControls.compactMap { control in
      guard case .arrivalAttested(let arrival) = control.content else { return nil }
      return arrival
    }
  }

  private func expectEqual(_ replicas: [ReplicaCore]) throws {
    let digests = try replicas.map { try $0.digest() }
    for digest in digests { #expect(digest == digests[0]) }
    for replica in replicas { #expect(try replica.replay().isEqual) }
    #expect(Set(try replicas.map { try timeline($0) }).count == 1)
  }

  @Test("A till a year ahead is bounded by the hub's clock everywhere, and does not win for ever")
  func yearAhead() throws {
    let till = try join("till") { $0 + Self.year }
    let phone = try join("phone")
    _ = try till.append([try lives(in: "Oslo")])
    let first = Dot(
      origin: till.identity.origin, sequence: till.snapshot().held[till.identity.origin].highest)
    try sync(till, hub)
    let arrival = try #require(try attestations(in: hub).first)
    #expect(arrival.origin == till.identity.origin)
    #expect(arrival.run == IntervalSet.Run(first: first.sequence, last: first.sequence))
    #expect(try city(hub) == "Oslo")
    world.advance(milliseconds: 6 * 60_000)
    _ = try phone.append([try lives(in: "Lima")])
    try sync(phone, hub)
    try sync(till, hub)
    for replica in [hub, till, phone] {
      #expect(try city(replica) == "Lima")
      let effective = try replica.bookState().effectiveMilliseconds(
        of: first, occurredMilliseconds: .max)
      #expect(effective == arrival.arrivedMilliseconds + FoldKey.aheadMillisecondsMax)
    }
    #expect(try attestations(in: hub).count == 1)
    try expectEqual([hub, till, phone])
  }

  @Test("What folds took in before somebody could attest it is dated again when somebody has")
  func datedAgain() throws {
    let till = try join("till") { $0 + Self.year }
    let phone = try join("phone")
    _ = try till.append([try lives(in: "Oslo")])
    try sync(till, phone)
    world.advance(milliseconds: 6 * 60_000)
    _ = try phone.append([try lives(in: "Lima")])
    #expect(try city(phone) == "Oslo")
    #expect(try attestations(in: phone).isEmpty)
    try sync(phone, hub)
    world.advance(milliseconds: 6 * 60_000)
    _ = try hub.append([try lives(in: "Pune")])
    try sync(phone, hub)
    try sync(till, hub)
    for replica in [hub, till, phone] { #expect(try city(replica) == "Pune") }
    try expectEqual([hub, till, phone])
  }

  @Test("A run is attested once: not by a second attester, and not when it comes again")
  func once() throws {
    let till = try join("till") { $0 + Self.year }
    let backup = try join("backup", roles: RoleSet([.append, .attest]))
    _ = try till.append(["Oslo", "Lima", "Pune"].map { try lives(in: $0) })
    try sync(till, hub)
    try sync(backup, hub)
    try sync(backup, till)
    #expect(try attestations(in: backup).map(\.run.count) == [3])
    #expect(backup.causedEventCount == 0)
    // The other way round as well: who meets it first attests it.
    _ = try till.append([try lives(in: "Rome")])
    try sync(till, backup)
    try sync(backup, hub)
    #expect(backup.causedEventCount == 1)
    #expect(hub.causedEventCount == 1)
    try expectEqual([hub, till, backup])
  }

  @Test("One attestation spans what one origin brought at once, and only from the first ahead")
  func spans() throws {
    let till = try join("till")
    let start = world.advance(milliseconds: 0)
    let drafts = try [0, 1, 0, 1, 0].enumerated().map { index, years in
      try lives(in: "city \(index)", occurred: start + years * Self.year)
    }
    _ = try till.append(drafts)
    let first = till.snapshot().held[till.identity.origin].highest - 4
    try sync(till, hub)
    let runs = try attestations(in: hub).map(\.run)
    #expect(runs == [IntervalSet.Run(first: first + 1, last: first + 3)])
    try expectEqual([hub, till])
  }

  @Test("A correction that moves an event ahead is bounded too")
  func corrected() throws {
    let till = try join("till")
    _ = try till.append([try lives(in: "Oslo")])
    let own = till.identity.origin
    let dot = Dot(origin: own, sequence: till.snapshot().held[own].highest)
    let ahead = world.advance(milliseconds: 0) + Self.year
    try till.correct(
      dot, facts: Section([.init("@occurred", .integer(ahead))]), persons: nil, reason: nil)
    try sync(till, hub)
    #expect(try attestations(in: hub).map(\.run.first) == [dot.sequence])
    let effective = try till.bookState().effectiveMilliseconds(
      of: dot, occurredMilliseconds: ahead)
    #expect(effective < ahead)
    try expectEqual([hub, till])
  }

  /// A hub on a disk of its own, and a till a year ahead that has something to bring.
  private func makeCrashWorld(
    _ world: TestWorld, _ disk: MemoryFileSystem
  ) throws -> (hub: ReplicaCore, till: ReplicaCore, dot: Dot) {
    let hub = try ReplicaCore.create(
      at: "/hub", label: "hub", environment: world.environment(disk: disk) { $0 })
    let till = try ReplicaCore.join(
      at: "/till", label: "till", peer: hub,
      environment: world.environment(disk: world.disk) { $0 + Self.year })
    try sync(till, hub)
    _ = try till.append([try lives(in: "Oslo")])
    return (hub, till, Dot(origin: till.identity.origin, sequence: 1))
  }

  @Test("Wherever the hub crashes, it holds no event ahead of its clock that it has not attested")
  func crash() throws {
    var call = 0
    var outcomes: Set<Bool> = []
    var isThrough = false
    while !isThrough {
      call += 1
      let world = TestWorld(seed: 72)
      let disk = MemoryFileSystem()
      let (first, till, dot) = try makeCrashWorld(world, disk)
      disk.inject(.stop(atCall: disk.callCount + call))
      var link = InProcessLink(local: till, remote: first)
      isThrough = (try? link.run()) != nil
      disk.crash(.someOf(seed: UInt64(call)))
      let hub = try ReplicaCore.open(at: "/hub", environment: world.environment(disk: disk) { $0 })
      let holds = hub.snapshot().held.contains(dot)
      outcomes.insert(holds)
      let arrival = try hub.bookState().arrival(of: dot)
      #expect(!holds || arrival != nil, "stopped at call \(call)")
      try sync(till, hub)
      #expect(try hub.bookState().arrival(of: dot) != nil)
      try expectEqual([hub, till])
    }
    #expect(outcomes == [false, true])
  }

  @Test("A book whose clocks are right, or behind, gets no attestation")
  func none() throws {
    let till = try join("till") { $0 - Self.year }
    let phone = try join("phone") { $0 + FoldKey.aheadMillisecondsMax / 2 }
    for replica in [till, phone] {
      _ = try replica.append(makeDrafts(60, seed: 5) + [try lives(in: "Oslo")])
      try sync(replica, hub)
    }
    for replica in [hub, till, phone] {
      #expect(try attestations(in: replica).isEmpty)
      #expect(replica.causedEventCount == 0)
    }
  }

  @Test(
    "With clocks frozen, a year off or jumping, replicas agree, and nothing they attest lies ahead",
    arguments: UInt64(0)..<6)
  func badClocks(seed: UInt64) throws {
    let replicas = [
      hub, try join("till") { $0 + Self.year }, try join("frozen") { _ in 1_790_000_000_000 },
      try join("jumping", roles: RoleSet([.append, .attest])) { time in
        time / 1000 % 3 == 0 ? time + Self.year : time / 1000 % 3 == 1 ? time - Self.year : time
      },
    ]
    var chance = SeededGenerator(seed: seed)
    for index in 0..<60 {
      _ = try chance.pick(replicas).append([try lives(in: "city \(index)")])
      world.advance(milliseconds: Int64.random(in: 0..<600_000, using: &chance))
      if chance.oneIn(6) { try sync(chance.pick(replicas), chance.pick(replicas)) }
    }
    for _ in 0..<2 { for replica in replicas.dropFirst() { try sync(replica, hub) } }
    try expectEqual(replicas)
    let now = world.advance(milliseconds: 0)
    let state = try hub.bookState()
    try hub.snapshot().forEachEvent(from: .start, through: hub.snapshot().highWaterMark) {
      _, event in
      guard let placement = event.placement else { return true }
      let effective = state.effectiveMilliseconds(
        of: placement.dot, occurredMilliseconds: placement.occurredMilliseconds)
      #expect(effective <= now + FoldKey.aheadMillisecondsMax)
      return true
    }
    // However bad the clocks, there are far fewer attestations than events.
    #expect(try attestations(in: hub).count < 40)
  }
}
