import BookRules
import CustomerProfiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import SyntheticWorkload
import Testing

@Suite("Erasures among replicas that meet now and then")
struct ErasurePropertyTests {
  /// Persons 0 to 2; each has two identifiers, and 2 is never erased.
  private func identifiers(_ person: Int, _ random: inout SeededGenerator) -> [String] {
    let all = ["email:person\(person)@example.com", "user:person-\(person)"]
    return random.oneIn(3) ? [random.pick(all)] : all
  }

  private func name(_ person: Int) -> CustomerName {
    .identifier(Identifier(kind: "email", value: "person\(person)@example.com"))
  }

  @Test(
    "Whoever was erased is shown by nobody, whoever came back is shown by all, whoever removes",
    arguments: UInt64(200)..<212, [false, true])
  func convergence(seed: UInt64, removes: Bool) throws {
    var random = SeededGenerator(seed: seed)
    let world = ErasureWorld(seed: seed)
    let hub = try world.makeReplica("hub")
    let names = ["hub", "till", "phone", "desk"]
    var replicas = [
      hub, try world.join("till", hub), try world.join("phone", hub),
      try world.join("desk", hub, roles: [RoleSet(.append), RoleSet(.erase)]),
    ]
    // The phone was never given the secret: others list for it.
    replicas[2] = try world.withoutSecret(replicas[2], "phone")
    // Each person is known with both names, everywhere, before anybody is erased.
    for person in 0..<3 {
      let both = ["email:person\(person)@example.com", "user:person-\(person)"]
      _ = try hub.append([rating(3, id: "known-\(person)", of: both)])
    }
    for replica in replicas.dropFirst() { try sync(hub, replica) }
    var sent: [(person: Int, draft: EventDraft)] = []
    var cuts: [Int: Int64] = [:]
    var comesBack: Set<Int> = []
    for step in 0..<60 {
      let index = Int.random(in: 0..<replicas.count, using: &random)
      switch Int.random(in: 0..<12, using: &random) {
      case 0:
        let person = Int.random(in: 0...1, using: &random)
        let eraser = random.pick([replicas[0], replicas[3]])
        if let receipt = try? eraser.erase(name(person), reason: nil, request: nil) {
          cuts[person] = max(cuts[person] ?? 0, receipt.cutMilliseconds)
        }
      case 1: try sync(replicas[index], random.pick(replicas))
      case 2: replicas[index] = try world.reopened(replicas[index], names[index])
      case 3:
        if let again = sent.randomElement(using: &random) {
          _ = try replicas[index].append([again.draft])
        }
      case 4 where removes: _ = try replicas[index].removeErased()
      default:
        let person = Int.random(in: 0...2, using: &random)
        let draft = try rating(4, id: "\(step)", of: identifiers(person, &random))
        sent.append((person, draft))
        _ = try replicas[index].append([draft])
      }
    }
    for (person, cut) in cuts where person == 0 {
      let back = try rating(
        5, id: "back-\(person)", of: ["email:person\(person)@example.com"], occurred: cut + 1)
      _ = try random.pick(replicas).append([back])
      comesBack.insert(person)
    }
    try meetUntilEqual(&replicas, &random)

    if removes {
      for replica in replicas {
        _ = try replica.removeErased()
        try replica.catchUp()
      }
      let isLeft = try replicas.map { try $0.erasedSectionCountLeft() > 0 }
      // The phone has no secret.
      #expect(isLeft.enumerated().allSatisfy { !$1 || $0 == 2 })
    }
    let digests = try replicas.map { try $0.digest() }
    for digest in digests { #expect(digest == digests[0]) }
    for replica in replicas {
      for person in 0..<3 {
        let shown = try replica.timeline(of: name(person))
        if comesBack.contains(person) {
          #expect(shown.map { $0.event.facts.integer("rating") } == [5])
        } else {
          #expect(shown.isEmpty == (cuts[person] != nil), "person \(person)")
        }
      }
      #expect(try replica.replay().isEqual)
    }
    for replica in [replicas[0], replicas[1], replicas[3]] where cuts[1] != nil {
      if removes {
        // What a device without the role listed tells its key to others only once it is met again.
        for again in sent where again.person == 1 { _ = try replica.append([again.draft]) }
      }
      let end = replica.snapshot().highWaterMark
      for again in sent where again.person == 1 {
        #expect(try replica.append([again.draft]) == [.erasedBefore])
      }
      #expect(replica.snapshot().highWaterMark == end)
    }
  }

  /// Pairs in random order until a whole round changes nothing: events that were caused by a meeting
  /// travel in later ones.
  private func meetUntilEqual(
    _ replicas: inout [ReplicaCore], _ random: inout SeededGenerator
  ) throws {
    for _ in 0..<8 {
      let before = try replicas.map { try $0.digest().setRoot }
      let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)].shuffled(using: &random)
      for (left, right) in pairs { try sync(replicas[left], replicas[right]) }
      let after = try replicas.map { try $0.digest().setRoot }
      if before == after, Set(after).count == 1 { return }
    }
    Issue.record("the replicas did not come to rest")
  }
}
