import EventModel
import EventStorage
import InteractionLog
import Testing

@Suite("The actor over a replica")
struct ReplicaTests {
  @Test("Many writers at once are each told what became of their own interactions")
  func manyWriters() async throws {
    let world = TestWorld(seed: 20)
    try world.makeReplica("store").close()
    let replica = try Replica.open(at: "/store", environment: world.environment)
    let drafts = makeDrafts(128, seed: 20)
    let results = try await withThrowingTaskGroup(
      of: (Int, [Replica.AppendResult]).self
    ) { group in
      for (index, draft) in drafts.enumerated() {
        group.addTask { (index, try await replica.append([draft])) }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    try await replica.close()

    #expect(results.values.allSatisfy { $0.count == 1 })
    let core = try ReplicaCore.open(at: "/store", environment: world.environment)
    for (index, draft) in drafts.enumerated() {
      guard case .appended(let dot)? = results[index]?.first else { continue }
      #expect(try core.event(dot)?.draft == draft)
    }
    let acknowledged = results.values.joined().filter {
      if case .duplicate = $0 { false } else { true }
    }
    #expect(core.snapshot().highWaterMark.rawValue == UInt64(acknowledged.count))
  }

  @Test("A replica that is kept open compacts what is due without being asked")
  func tends() async throws {
    let world = TestWorld(seed: 21)
    let core = try world.makeReplica("store")
    for draft in makeDrafts(8, seed: 21) {
      _ = try core.append([draft])
      try core.seal()
    }
    #expect(core.snapshot().statistics.segments == 8)
    try core.close()
    let system = world.environment
    let replica = try Replica.open(
      at: "/store",
      environment: ReplicaEnvironment(
        fileSystem: system.fileSystem, wallMilliseconds: system.wallMilliseconds,
        randomWord: system.randomWord, views: .inMemory, compactionSchedule: .atOnce))
    // Its turn comes behind the first tending.
    _ = try await replica.append(makeDrafts(1, seed: 22))
    try await replica.close()
    let again = try ReplicaCore.open(at: "/store", environment: world.environment)
    #expect(again.snapshot().statistics.segments == 1)
  }
}
