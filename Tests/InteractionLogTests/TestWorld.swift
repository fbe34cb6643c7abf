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

  var environment: ReplicaEnvironment { environment(disk: disk) { $0 } }

  /// The world as a machine with another disk, or whose clock makes something else of the time, sees it.
  func environment(
    disk: MemoryFileSystem, reading: @escaping @Sendable (Int64) -> Int64
  ) -> ReplicaEnvironment {
    ReplicaEnvironment(
      fileSystem: disk, wallMilliseconds: { [self] in reading(advance(milliseconds: 7)) },
      randomWord: { [self] in chance.withLock { $0.next() } }, views: .inMemory)
  }

  /// Lets time pass.
  ///
  /// - Returns: The time it is then.
  @discardableResult
  func advance(milliseconds: Int64) -> Int64 {
    clock.withLock { now in
      now += milliseconds
      return now
    }
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
