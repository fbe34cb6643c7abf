import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import MerkleProofs
import Synchronization
import Testing

/// What a replica does in its life, in steps, and what it answers after each.
private final class ReplicaWorkload {
  static let steps = [
    "append", "stage", "seal", "sync", "append", "compact", "erase", "append", "remove", "back up",
    "seal", "reopen", "append",
  ]

  /// Whether a step is done in parts. What is appended after an erasure meets it: late events of the
  /// person are listed in a batch of their own.
  static func hasSeveralBatches(_ step: Int) -> Bool {
    ["sync", "erase"].contains(steps[step])
      || (steps[step] == "append" && steps[..<step].contains("erase"))
  }

  let world = TestWorld(seed: 161)
  var hub: ReplicaCore
  let till: ReplicaCore

  init() throws {
    hub = try world.makeReplica("hub")
    till = try world.join("till", hub)
    _ = try till.append([
      try rating(4, id: "t1", of: ["email:bo@example.com"]),
      try rating(2, id: "t2", of: ["email:ana@example.com", "user:u-3"]),
    ])
  }

  static func drafts(_ step: Int) throws -> [EventDraft] {
    try (0..<3).map { index in
      let who = ["email:ana@example.com", "user:u-\(step)", "email:bo@example.com"][index]
      return try rating(
        Int64(1 + (step + index) % 5), id: "\(step)-\(index)", of: [who],
        occurred: 1_789_000_000_000 + Int64(step))
    }
  }

  func run(_ step: Int) throws {
    switch Self.steps[step] {
    case "append": _ = try hub.append(Self.drafts(step))
    case "stage":
      _ = try hub.stage(Self.drafts(step))
      try hub.flush()
    case "seal": try hub.seal()
    case "sync": try sync(hub, till)
    case "compact": _ = try hub.compact(all: true)
    case "erase": _ = try hub.erase(ErasureWorld.ana, reason: nil, request: nil)
    case "remove": _ = try hub.removeErased()
    case "back up": _ = try hub.backup(to: "/backup")
    default:
      try hub.close()
      hub = try ReplicaCore.open(at: "/hub", environment: world.environment)
    }
  }

  /// What the hub holds and answers.
  func digest() throws -> ReplicaDigest {
    try hub.catchUp()
    return try hub.digest()
  }

  /// The disk at a moment of the workload, and how many steps were done by then.
  struct Recorded: Sendable {
    let moment: MemoryFileSystem.Moment
    let done: Int
  }

  /// Does all steps; returns the moments, and the answers after each number of steps.
  func record() throws -> (moments: [Recorded], answers: [ReplicaDigest]) {
    let kept = Mutex((done: 0, moments: [Recorded]()))
    world.disk.observe { moment in
      kept.withLock { $0.moments.append(Recorded(moment: moment, done: $0.done)) }
    }
    var answers = [try digest()]
    for step in Self.steps.indices {
      try run(step)
      kept.withLock { $0.done = step + 1 }
      answers.append(try digest())
    }
    return (kept.withLock { $0.moments }, answers)
  }
}

@Suite("A replica answers alike after every crash")
struct ReplicaCrashTests {
  private static let stateCountMax = Soak.isOn ? 2_000 : 6

  @Test("What is held and answered is that of before the step under way, or of after it")
  func referenceWorkload() throws {
    let workload = try ReplicaWorkload()
    let (moments, answers) = try workload.record()
    #expect(moments.count > 150)
    var tried: Set<[Int]> = []
    var stateCount = 0
    var betweenCount = 0
    for (index, recorded) in moments.enumerated() {
      for state in recorded.moment.crashStates(countMax: Self.stateCountMax, seed: UInt64(index)) {
        stateCount += 1
        let disk = recorded.moment.disk(after: state)
        guard tried.insert([disk.contentHash, recorded.done]).inserted else { continue }
        let comment: Comment = "moment \(index), \(recorded.done) steps done"
        let environment = workload.world.environment(disk: disk) { $0 }
        let hub = try ReplicaCore.open(at: "/hub", environment: environment)
        try hub.catchUp()
        let digest = try hub.digest()
        #expect(try hub.replay().isEqual, comment)
        let allowed = answers[recorded.done...].prefix(2)
        if !allowed.contains(digest) {
          // Steps of several batches may be done in part.
          betweenCount += 1
          #expect(ReplicaWorkload.hasSeveralBatches(recorded.done), comment)
          let counts = allowed.map(\.interactionCount)
          #expect((counts[0]...counts[1]).contains(digest.interactionCount), comment)
        }
        #expect(try verify(directory: "/hub", fileSystem: disk).damages == [], comment)
      }
    }
    print(
      "counted: crash states of a replica: \(stateCount) of \(moments.count) moments,",
      "\(tried.count) of them different, \(betweenCount) within a step of several batches")
  }

  @Test("A call that fails once, at any place, is no reason to answer otherwise")
  func oneFailure() throws {
    let expected = try ReplicaWorkload().record()
    let template = try ReplicaWorkload()
    let start = template.world.disk.callCount
    for step in ReplicaWorkload.steps.indices { try template.run(step) }
    let callCount = template.world.disk.callCount - start
    var failedCount = 0
    for call in stride(from: 1, through: callCount, by: Soak.isOn ? 1 : 5) {
      let workload = try ReplicaWorkload()
      let disk = workload.world.disk
      disk.inject(
        call % 2 == 0
          ? .inputOutputError(atCall: disk.callCount + call)
          : .diskFull(atCall: disk.callCount + call))
      for step in ReplicaWorkload.steps.indices {
        do {
          try workload.run(step)
        } catch {
          disk.crash(.everything)
          workload.hub = try ReplicaCore.open(
            at: "/hub", environment: workload.world.environment)
          // The other side of a sync died, too; an erasure may have been durable when it failed, and is
          // refused then because nobody is left to erase.
          switch ReplicaWorkload.steps[step] {
          case "sync": break
          case "erase": _ = try? workload.run(step)
          default: try workload.run(step)
          }
        }
      }
      failedCount += disk.failedCallCount
      let digest = try workload.digest()
      #expect(try workload.hub.replay().isEqual, "failed call \(call)")
      #expect(try verify(directory: "/hub", fileSystem: disk).damages == [], "failed call \(call)")
      let last = expected.answers[ReplicaWorkload.steps.count]
      let isSynced = digest.interactionCount == last.interactionCount
      if isSynced { #expect(digest.answers == last.answers, "failed call \(call)") }
    }
    #expect(failedCount > 20)
    print("counted: failed calls of a replica: \(failedCount)")
  }
}
