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
}
