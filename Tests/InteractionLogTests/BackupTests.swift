import BookRules
import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import Testing

@Suite("A restored replica is another replica of the book")
struct BackupTests {
  private func restore(
    _ world: ErasureWorld, generation: UInt64? = nil, keys: String? = nil
  ) throws -> (ReplicaCore, RestoreReport) {
    var request = RestoreRequest(directory: "/restored")
    request.generation = generation
    request.keys = keys
    let report = try ReplicaCore.restore(
      from: "/backup", request, environment: world.environment)
    return (try ReplicaCore.open(at: "/restored", environment: world.environment), report)
  }

  @Test("It answers like the one that was saved, and syncs and writes once its key is granted")
  func answers() throws {
    let world = ErasureWorld(seed: 31)
    let hub = try world.makeReplica("hub")
    _ = try hub.append(makeDrafts(80, seed: 1))
    let saved = try hub.backup(to: "/backup")
    #expect(saved.events == 80)
    _ = try hub.append(makeDrafts(20, seed: 2))
    let (restored, report) = try restore(world)
    #expect(report.events == 80)
    #expect(report.isNewDevice)
    #expect(report.hasBookSecret)
    #expect(restored.identity.book == hub.identity.book)
    #expect(restored.identity.origin.key != hub.identity.origin.key)
    #expect(try !restored.ownRoles().contains(.append))
    try hub.grant(RoleSet(.append), to: restored.identity.origin.key, label: nil)
    try sync(restored, hub)
    #expect(try restored.ownRoles().contains(.append))
    _ = try restored.append(makeDrafts(10, seed: 3))
    try sync(restored, hub)
    #expect(try restored.digest() == hub.digest())
  }

  @Test("With the old keys it is the same device under a new incarnation")
  func sameDevice() throws {
    let world = ErasureWorld(seed: 32)
    let hub = try world.makeReplica("hub")
    _ = try hub.append(makeDrafts(30, seed: 1))
    _ = try hub.backup(to: "/backup")
    let later = try world.join("till", hub)
    _ = try hub.append(makeDrafts(10, seed: 2))
    try sync(hub, later)
    try hub.close()
    let (restored, report) = try restore(world, keys: "/hub/keys")
    #expect(!report.isNewDevice)
    #expect(restored.identity.origin.key == hub.identity.origin.key)
    #expect(restored.identity.origin != hub.identity.origin)
    #expect(try restored.ownRoles().contains(.append))
    // What the old incarnation wrote after the backup comes back.
    try sync(restored, later)
    #expect(
      restored.snapshot().held[hub.identity.origin].count
        == later.snapshot()
        .held[hub.identity.origin].count)
    _ = try restored.append(makeDrafts(5, seed: 3))
    try sync(restored, later)
  }

  @Test("Who was erased after a generation was made is not in the store restored from it")
  func erasedLater() throws {
    let world = ErasureWorld(seed: 33)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([
      rating(2, id: "1", of: ["email:ana@example.com"]),
      rating(4, id: "2", of: ["email:bo@example.com"]),
    ])
    _ = try hub.backup(to: "/backup")
    _ = try hub.erase(ErasureWorld.ana, reason: nil, request: nil)
    let second = try hub.backup(to: "/backup")
    #expect(second.erasedSections == 1)
    let (restored, report) = try restore(world, generation: 1)
    #expect(report.events == 2)
    #expect(report.erasedSections == 1)
    #expect(try shown(restored).contains { $0.contains("bo@example.com") })
    #expect(try !shown(restored).contains { $0.contains("ana@example.com") })
    try sync(restored, hub)
  }

  @Test("Without a ledger a restore is refused, with what to do")
  func noLedger() throws {
    let world = TestWorld(seed: 34)
    let hub = try world.makeReplica("hub")
    _ = try hub.backup(to: "/backup")
    for name in ["ledger", "ledger.bak"] { try world.disk.remove("/backup/" + name) }
    let error = #expect(throws: ReplicaError.self) {
      try ReplicaCore.restore(
        from: "/backup", RestoreRequest(directory: "/restored"), environment: world.environment)
    }
    #expect(error?.code == .noLedger)
    #expect(error?.message.contains("--without-ledger") == true)
  }
}
