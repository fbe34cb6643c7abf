import CustomerProfiles
import EventModel
import EventStorage
import InteractionLog
import SyncProtocol
import SyncTransport
import SyntheticWorkload
import Testing

@Suite("Replicas that exchange what they hold become equal")
struct ConvergenceTests {
  @Test(
    "Interactions split over three replicas, synced in any order, give one digest",
    arguments: UInt64(0)..<8)
  func threeReplicas(seed: UInt64) throws {
    let world = TestWorld(seed: seed)
    var chance = SeededGenerator(seed: seed)
    let hub = try world.makeReplica("hub")
    let replicas = [hub, try world.join("till", hub), try world.join("phone", hub)]
    for draft in makeDrafts(400, seed: seed) {
      _ = try chance.pick(replicas).append([draft])
      // Now and then the same message reaches a second replica, which cannot know.
      if chance.oneIn(5) { _ = try chance.pick(replicas).append([draft]) }
      if chance.oneIn(50) { try sync(chance.pick(replicas), chance.pick(replicas)) }
    }
    // Each pair in a random order, twice: enough for every event to reach everybody.
    for _ in 0..<2 {
      for (left, right) in [(0, 1), (1, 2), (0, 2)].shuffled(using: &chance) {
        try sync(replicas[left], replicas[right])
      }
    }
    let digests = try replicas.map { try $0.digest() }
    #expect(digests[0] == digests[1])
    #expect(digests[1] == digests[2])
    for replica in replicas { #expect(try replica.replay().isEqual) }
  }

  @Test("Answers of replicas equal those of one store that took in everything itself")
  func sameAsOneStore() throws {
    let world = TestWorld(seed: 9)
    let drafts = makeDrafts(500, seed: 9)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    for (index, draft) in drafts.enumerated() {
      _ = try (index % 2 == 0 ? hub : till).append([draft])
    }
    try sync(hub, till)

    let alone = try world.makeReplica("alone")
    _ = try alone.append(drafts)
    try alone.catchUp()
    #expect(try alone.digest().answers == hub.digest().answers)
    #expect(try alone.digest().interactionCount == hub.digest().interactionCount)
    #expect(try alone.digest().setRoot != hub.digest().setRoot)
  }

  @Test("One interaction that reached two offline replicas counts once after they merge")
  func twins() throws {
    let world = TestWorld(seed: 10)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let drafts = makeDrafts(50, seed: 10).filter { $0.idempotencyKey != nil }
    _ = try hub.append(drafts)
    try hub.catchUp()
    let before = try hub.digest()
    _ = try till.append(drafts)
    try sync(till, hub)
    #expect(try hub.digest().answers == before.answers)
    #expect(try hub.digest().interactionCount == before.interactionCount)
    // Both copies, and the till's grant.
    #expect(hub.snapshot().highWaterMark.rawValue == 2 * UInt64(before.interactionCount) + 1)
  }

  @Test("Equal replicas finish in one round trip and move no event")
  func equal() throws {
    let world = TestWorld(seed: 11)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try hub.append(makeDrafts(100, seed: 11))
    try sync(hub, till)
    var link = InProcessLink(local: hub, remote: till)
    let report = try link.run()
    #expect(report.result.path == .equal)
    #expect(report.roundTripCount == 1)
    #expect(report.traffic.payloadBytes == 0)
    #expect(report.result.isInSync)
  }

  @Test("A replica of another book is refused and nothing moves")
  func otherBook() throws {
    let world = TestWorld(seed: 12)
    let hub = try world.makeReplica("hub")
    let stranger = try world.makeReplica("stranger")
    _ = try hub.append(makeDrafts(20, seed: 12))
    #expect(throws: SyncFault.self) {
      var link = InProcessLink(local: stranger, remote: hub)
      _ = try link.run()
    }
    #expect(stranger.snapshot().highWaterMark == .start)
  }

  private func sync(_ left: ReplicaCore, _ right: ReplicaCore) throws {
    guard left !== right else { return }
    var link = InProcessLink(local: left, remote: right)
    let report = try link.run()
    #expect(report.result.isInSync)
    #expect(report.result.projectionsAgree)
  }
}
