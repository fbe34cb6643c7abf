import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import SyncProtocol
import SyncTransport
import Testing

@Suite("Stores that were copied and both write")
struct ForkTests {
  @Test("A fork is proved, reported by every witness, and stops nobody else")
  func forked() throws {
    let world = TestWorld(seed: 81)
    let hub = try world.makeReplica("hub")
    let phone = try world.join("phone", hub)
    var till = try world.join("till", hub)
    for replica in [till, phone] { try sync(replica, hub) }
    _ = try till.append(makeDrafts(3, seed: 1))
    try till.close()
    // The same machine, path and file number: nothing tells the copy that it is one.
    let disk = world.disk.copy(machine: "machine")
    till = try ReplicaCore.open(at: "/till", environment: world.environment)
    let copy = try ReplicaCore.open(
      at: "/till", environment: world.environment(disk: disk) { $0 })
    let forked = till.identity.origin
    #expect(copy.identity.origin == forked)
    _ = try till.append(makeDrafts(4, seed: 2))
    _ = try copy.append(makeDrafts(2, seed: 3))
    _ = try phone.append(makeDrafts(5, seed: 4))
    try sync(till, hub)

    var link = InProcessLink(local: copy, remote: hub)
    let result = try link.run().result
    #expect(result.forkedOrigins == [forked])
    #expect(result.disagreements.contains(.forked(forked)))
    #expect(copy.identity.origin != forked)
    #expect(copy.identity.origin.key == forked.key)
    let sizes = try [hub, copy].map { replica in
      let standing = try #require(try replica.replicas().first { $0.origin == forked })
      let fork = try #require(standing.fork)
      #expect(standing.value["forked"] == true)
      return [fork.smallerSize, fork.largerSize]
    }
    #expect(sizes == [[5, 7], [5, 7]])
    #expect(try hub.replicas().filter { $0.fork != nil }.count == 1)
    for files in [("/hub", world.disk), ("/till", disk)] {
      let report = try verify(directory: files.0, fileSystem: files.1)
      #expect(report.isSound)
      #expect(report.forks.map(\.origin) == [forked])
    }

    // Everybody goes on, the copy under its new name.
    _ = try copy.append(makeDrafts(6, seed: 5))
    try sync(phone, hub)
    for _ in 0..<2 {
      link = InProcessLink(local: copy, remote: hub)
      let again = try link.run().result
      #expect(again.disagreements == [.forked(forked)])
    }
    let others = { (replica: ReplicaCore) in
      let held = replica.snapshot().held
      return held.origins.filter { $0 != forked }.map { [$0: held[$0]] }
    }
    try sync(phone, hub)
    #expect(others(copy) == others(hub))
    #expect(others(phone) == others(hub))
    #expect(hub.snapshot().held[copy.identity.origin].count == 6)
    // The original, whose history the hub has, goes on under the old one.
    _ = try till.append(makeDrafts(3, seed: 6))
    try sync(till, hub)
    #expect(hub.snapshot().held[forked] == till.snapshot().held[forked])
    #expect(hub.snapshot().held[forked].count == 10)
  }
}
