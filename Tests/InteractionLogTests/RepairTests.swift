import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import SyncProtocol
import SyncTransport
import Testing

@Suite("A repaired replica gets back what it lost")
struct RepairTests {
  /// Two replicas that hold the same, in several segments each; they are closed.
  private func makeReplicas(_ world: TestWorld) throws {
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    for (replica, seed) in [(hub, 1), (till, 2), (hub, 3), (till, 4)] {
      _ = try replica.append(makeDrafts(60, seed: UInt64(seed)))
      try replica.seal()
    }
    try sync(hub, till)
    try till.seal()
    _ = try till.append(makeDrafts(5, seed: 9))
    try sync(hub, till)
    try hub.close()
    try till.close()
  }

  private func segments(of store: String, _ world: TestWorld) throws -> [String] {
    try world.disk.list("/\(store)/log").filter { $0.hasSuffix(".seg") }
      .map { "/\(store)/log/\($0)" }
  }

  private func repair(_ store: String, _ world: TestWorld) throws -> RepairReport {
    try ReplicaCore.repair(at: "/" + store, isDryRun: false, environment: world.environment)
  }

  private func open(_ store: String, _ world: TestWorld) throws -> ReplicaCore {
    try ReplicaCore.open(at: "/" + store, environment: world.environment)
  }

  @Test("Whichever segment is damaged, one sync makes both replicas equal again")
  func damagedSegments() throws {
    let count = 3
    for index in 0..<count {
      let world = TestWorld(seed: 21)
      try makeReplicas(world)
      let files = try segments(of: "till", world)
      #expect(files.count == count)
      world.disk.flipBits(of: files[index], at: 120, mask: 8)
      let report = try repair("till", world)
      #expect(report.lostPositionCount > 0)
      #expect(report.remaining.isEmpty)
      let hub = try open("hub", world)
      let till = try open("till", world)
      try sync(till, hub)
      #expect(till.snapshot().held.count == hub.snapshot().held.count)
      #expect(try till.digest() == hub.digest())
      #expect(try till.replay().isEqual)
      _ = try till.append(makeDrafts(5, seed: 10))
      try sync(hub, till)
      try hub.close()
      try till.close()
      #expect(try verify(directory: "/till", fileSystem: world.disk).isSound)
    }
  }

  @Test("A replica with a hole passes on what it can prove, and the rest comes from another")
  func passingOn() throws {
    let world = TestWorld(seed: 22)
    try makeReplicas(world)
    world.disk.flipBits(of: try segments(of: "till", world)[0], at: 120, mask: 8)
    _ = try repair("till", world)
    let till = try open("till", world)
    let phone = try world.join("phone", till)
    var link = InProcessLink(local: phone, remote: till)
    #expect(try !link.run().result.isInSync)
    let hub = try open("hub", world)
    try sync(phone, hub)
    try sync(till, phone)
    try sync(till, hub)
    #expect(try Set([hub, till, phone].map { try $0.digest().setRoot }).count == 1)
  }

  @Test("A dry run leaves the store as it is")
  func dryRun() throws {
    let world = TestWorld(seed: 23)
    try makeReplicas(world)
    world.disk.flipBits(of: try segments(of: "till", world)[0], at: 120, mask: 8)
    let syncs = world.disk.syncCount
    let report = try ReplicaCore.repair(
      at: "/till", isDryRun: true, environment: world.environment)
    #expect(report.lostPositionCount > 0)
    #expect(!report.lostEvents.isEmpty)
    #expect(world.disk.syncCount == syncs)
  }
}
