import DurableFiles
import EventModel
import InteractionLog
import Synchronization
import SyntheticWorkload

/// A simulated world: one disk, a clock that ticks when it is read, chance from a seed.
final class TestWorld: Sendable {
  let disk = MemoryFileSystem()
  private let clock = Mutex<Int64>(1_790_000_000_000)
  private let chance: Mutex<SeededGenerator>

  init(seed: UInt64) { chance = Mutex(SeededGenerator(seed: seed)) }

  var environment: ReplicaEnvironment {
    ReplicaEnvironment(
      fileSystem: disk,
      wallMilliseconds: { [self] in
        clock.withLock { now in
          now += 7
          return now
        }
      },
      randomWord: { [self] in chance.withLock { $0.next() } }, views: .inMemory)
  }

  func makeReplica(_ name: String) throws -> ReplicaCore {
    try ReplicaCore.create(at: "/" + name, label: name, environment: environment)
  }

  func join(_ name: String, _ peer: ReplicaCore) throws -> ReplicaCore {
    try ReplicaCore.join(at: "/" + name, label: name, peer: peer, environment: environment)
  }
}

/// Made-up interactions, the same for the same seed.
func makeDrafts(_ count: Int, seed: UInt64) -> [EventDraft] {
  var workload = CustomerWorkload(seed: seed, customerCount: 12)
  return workload.drafts(count: count)
}
