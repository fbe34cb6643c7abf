import CustomerProfiles
import DurableFiles
import EventModel
import EventStorage
import InteractionLog
import SyncProtocol
import SyncTransport
import SyntheticWorkload
import Testing

@Suite("A replica joins log, answers and sync")
struct ReplicaCoreTests {
  @Test("What was acknowledged is there after reopening, under the same identity")
  func reopen() throws {
    let world = TestWorld(seed: 1)
    let replica = try world.makeReplica("store")
    let outcomes = try replica.append(makeDrafts(300, seed: 1))
    let identity = replica.identity
    let root = try replica.digest().setRoot
    try replica.close()

    let again = try ReplicaCore.open(at: "/store", environment: world.environment)
    #expect(again.identity == identity)
    #expect(try again.digest().setRoot == root)
    #expect(again.snapshot().highWaterMark.rawValue == UInt64(outcomes.filter(\.isNew).count))
  }

  @Test("A second opening of one store is refused, with the place and the remedy")
  func alreadyOpen() throws {
    let world = TestWorld(seed: 2)
    let replica = try world.makeReplica("store")
    let error = #expect(throws: ReplicaError.self) {
      try ReplicaCore.open(at: "/store", environment: world.environment)
    }
    #expect(error?.code == .storeInUse)
    #expect(error?.message.contains("store") == true)
    try replica.close()
  }

  @Test("Where there is no store, the error says how to make one")
  func noStore() throws {
    let error = #expect(throws: ReplicaError.self) {
      try ReplicaCore.open(at: "nowhere", environment: TestWorld(seed: 3).environment)
    }
    #expect(error?.code == .noStore)
    #expect(error?.message.contains("daybook init") == true)
  }

  @Test("A store is not made over another")
  func storeExists() throws {
    let world = TestWorld(seed: 4)
    try world.makeReplica("store").close()
    let error = #expect(throws: ReplicaError.self) { try world.makeReplica("store") }
    #expect(error?.code == .storeExists)
  }

  @Test("Lost power loses nothing that was acknowledged", arguments: 0..<12)
  func powerLoss(seed: UInt64) throws {
    let world = TestWorld(seed: seed)
    var replica: ReplicaCore? = try world.makeReplica("store")
    var acknowledged = 0
    for round in 0..<4 {
      let batch = makeDrafts(40, seed: seed &* 31 &+ UInt64(round))
      acknowledged += try #require(replica).append(batch).filter(\.isNew).count
    }
    replica = nil
    world.disk.crash(.someOf(seed: seed))

    let again = try ReplicaCore.open(at: "/store", environment: world.environment)
    #expect(again.snapshot().highWaterMark.rawValue == UInt64(acknowledged))
    try again.catchUp()
    #expect(try again.replay().isEqual)
  }
}

extension AppendOutcome {
  /// Whether the draft is in the log under a new name.
  var isNew: Bool {
    switch self {
    case .duplicate, .erasedBefore: false
    case .appended, .conflict, .erased: true
    }
  }
}
