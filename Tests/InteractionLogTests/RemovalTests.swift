import BookRules
import CustomerProfiles
import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import Testing

@Suite("Removing what was erased from the disk")
struct RemovalTests {
  private let ana = ErasureWorld.ana
  private let mail = "email:ana@example.com"

  /// Whether a file of a replica holds this text as it is; segments of so few events are not sealed yet,
  /// or hold it in the clear.
  private func holds(_ text: String, _ world: ErasureWorld, _ name: String) -> Bool {
    let wanted = Array(text.utf8)
    return world.disk.namedContents.contains { path, bytes in
      path.hasPrefix("/\(name)/") && bytes.firstRange(of: wanted) != nil
    }
  }

  /// What a replica holds and answers.
  private func digest(_ replica: ReplicaCore) throws -> ReplicaDigest {
    try replica.catchUp()
    return try replica.digest()
  }

  @Test("Nothing is shown, counted or proved otherwise than where the bytes are still")
  func equalAnswers() throws {
    let world = ErasureWorld(seed: 151)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    _ = try hub.append([
      rating(5, id: "a", of: [mail]), rating(1, id: "b", of: [mail, "user:u-1"]),
      rating(4, id: "c", of: ["user:u-1"]), rating(2, id: "d", of: ["email:bo@example.com"]),
    ])
    try sync(hub, till)
    #expect(holds("ana@example.com", world, "hub"), "the proof sees it beforehand")
    var receipt = try hub.erase(ana, reason: "asked", request: nil)
    #expect(receipt.value["physical"]?.text == "pending")
    #expect(receipt.value["deadline"]?.text != nil)
    try sync(hub, till)
    #expect(try hub.erasedSectionCountLeft() == 3)
    let before = try digest(hub)
    let removal = try hub.removeErased()
    receipt.removal = removal
    #expect(receipt.value["physical"]?.text == "removed")
    #expect(removal.sections == 3)
    #expect(try hub.erasedSectionCountLeft() == 0)
    #expect(!holds("ana@example.com", world, "hub"))
    #expect(holds("ana@example.com", world, "till"))
    #expect(try digest(hub) == before)
    #expect(try digest(till) == before)
    #expect(try hub.replay().isEqual)
    #expect(try hub.removeErased() == RemovalReport())

    // Neither who has the bytes nor who comes later brings them back.
    try sync(till, hub)
    let phone = try world.join("phone", hub)
    try sync(phone, hub)
    #expect(try phone.erasedSectionCountLeft() == 0)
    #expect(!holds("ana@example.com", world, "phone"))
    try sync(phone, till)
    try sync(hub, till)
    #expect(!holds("ana@example.com", world, "hub"))
    #expect(!holds("ana@example.com", world, "phone"))
    #expect(try digest(phone) == digest(till))
    #expect(try till.removeErased().sections == 3)
    #expect(!holds("ana@example.com", world, "till"))
    #expect(try digest(phone) == digest(till))
    #expect(try world.isSound("hub"))
    #expect(try world.isSound("till"))
  }

  @Test("What is met after the removal is refused, listed and removed as before it")
  func metAgain() throws {
    let world = ErasureWorld(seed: 152)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let drafts = try ["a", "b"].map { try rating(1, id: $0, of: [mail]) }
    _ = try hub.append(drafts)
    _ = try till.append([drafts[0], rating(2, id: "late", of: [mail])])
    _ = try hub.erase(ana, reason: nil, request: nil)
    _ = try hub.removeErased()
    #expect(try hub.append(drafts) == [.erasedBefore, .erasedBefore])
    try sync(hub, till)
    #expect(try hub.erasedSectionCountLeft() == 2)
    #expect(try hub.removeErased().sections == 2)
    #expect(!holds("ana@example.com", world, "hub"))
    #expect(try till.removeErased().sections > 0)
    try sync(hub, till)
    #expect(try digest(hub) == digest(till))
    let reopened = try world.reopened(hub, "hub")
    #expect(try reopened.append(drafts) == [.erasedBefore, .erasedBefore])
    #expect(try digest(reopened) == digest(till))
  }

  @Test("A redacted field leaves the disk, what survives beside it stays")
  func redaction() throws {
    let world = ErasureWorld(seed: 153)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    guard case .appended(let dot, _)? = try hub.append([rating(3, id: "a", of: [mail])]).first
    else {
      Issue.record("not appended")
      return
    }
    try sync(hub, till)
    try hub.redact("note", of: dot, reason: "card")
    #expect(holds("far too slow", world, "hub"))
    #expect(try hub.erasedSectionCountLeft() == 1)
    #expect(try hub.removeErased().sections == 1)
    #expect(!holds("far too slow", world, "hub"))
    try sync(hub, till)
    #expect(try digest(hub) == digest(till))
    #expect(try hub.profile(of: ana) != nil)
    #expect(try shown(hub).contains { $0.contains("ana@example.com") })
    #expect(try shown(hub) == shown(till))
  }

  @Test("Refused messages that name an erased person go, those of others stay")
  func deadLetters() throws {
    let world = ErasureWorld(seed: 154)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([rating(3, id: "a", of: [mail, "phone:+491701234567", "user:7"])])
    let now = world.environment.wallMilliseconds()
    let raws = [
      "{\"email\":\"Ana@Example.com\",", "{\"email\":\"bo@example.com\",\"user\":\"7\"",
      "3;+49 (170) 123-4567;x", "{\"who\":\"email:ana@example.com\"", "nonsense",
    ]
    let letters = raws.enumerated().map { line, raw in
      DeadLetter(
        file: "in", line: line + 1, format: "segment", source: "", channel: "", code: "malformed",
        reason: "not JSON", remedy: "send JSON", raw: Array(raw.utf8), milliseconds: now)
    }
    _ = try hub.deadLetters.add(letters)
    _ = try hub.erase(ana, reason: nil, request: nil)
    let freed = world.disk.freedContents
    let report = try hub.removeErased()
    #expect(report.deadLetters == 3)
    #expect(hub.deadLetters.numbers == [2, 5])
    for text in ["ana@example.com", "Ana@Example.com", "123-4567"] {
      #expect(!holds(text, world, "hub"))
      let rest = world.disk.freedContents.filter { !freed.contains($0) }
      #expect(!rest.contains { $0.firstRange(of: Array(text.utf8)) != nil })
    }
    #expect(try world.reopened(hub, "hub").deadLetters.numbers == [2, 5])
  }

  @Test("Without the book's secret nothing is removed, and it is said what is left")
  func withoutSecret() throws {
    let world = ErasureWorld(seed: 155)
    let hub = try world.makeReplica("hub")
    let till = try world.withoutSecret(try world.join("till", hub), "till")
    _ = try hub.append([rating(3, id: "a", of: [mail])])
    try sync(hub, till)
    _ = try hub.erase(ana, reason: nil, request: nil)
    try sync(hub, till)
    #expect(try till.removeErased() == RemovalReport())
    #expect(try till.erasedSectionCountLeft() == 1)
    #expect(try till.statistics().value["pending_sections"]?.integer == 1)
  }

  @Test(
    "Power lost at any call of a removal costs another removal and nothing else", arguments: 0..<6)
  func powerLoss(slice: Int) throws {
    let callCount = try makeErased().callCount
    #expect(callCount > 50)
    for call in stride(from: 1 + slice, through: callCount, by: 6) {
      let (world, hub, digest, _) = try makeErased(removing: false)
      world.disk.inject(.stop(atCall: world.disk.callCount + call))
      _ = try? hub.removeErased()
      world.disk.crash(call % 2 == 0 ? .nothing : .someOf(seed: UInt64(call)))
      let again = try ReplicaCore.open(at: "/hub", environment: world.environment)
      #expect(try self.digest(again) == digest, "stopped at call \(call)")
      if try again.erasedSectionCountLeft() == 0 { try expectGone(world) }
      _ = try again.removeErased()
      #expect(try again.erasedSectionCountLeft() == 0)
      try expectGone(world)
      #expect(try self.digest(again) == digest, "stopped at call \(call)")
    }
  }

  private func expectGone(_ world: ErasureWorld) throws {
    #expect(!holds("ana@example.com", world, "hub"))
    #expect(try world.isSound("hub"))
  }

  private func makeErased(
    removing: Bool = true
  ) throws -> (world: ErasureWorld, hub: ReplicaCore, digest: ReplicaDigest, callCount: Int) {
    let world = ErasureWorld(seed: 156)
    let hub = try world.makeReplica("hub")
    _ = try hub.append([
      rating(5, id: "a", of: [mail]), rating(2, id: "d", of: ["email:bo@example.com"]),
    ])
    _ = try hub.deadLetters.add([
      DeadLetter(
        file: "in", line: 1, format: "segment", source: "", channel: "", code: "malformed",
        reason: "not JSON", remedy: "send JSON", raw: Array("{\"ana@example.com\"".utf8),
        milliseconds: world.environment.wallMilliseconds())
    ])
    try hub.seal()
    _ = try hub.append([rating(1, id: "b", of: [mail])])
    _ = try hub.erase(ana, reason: nil, request: nil)
    let digest = try digest(hub)
    let before = world.disk.callCount
    if removing { _ = try hub.removeErased() }
    return (world, hub, digest, world.disk.callCount - before)
  }
}
