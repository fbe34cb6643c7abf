import BookRules
import CustomerProfiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import SyncProtocol
import SyncTransport
import SyntheticWorkload
import Testing

@Suite("Documents on replicas")
struct DocumentTests {
  private static let since: Int64 = 1_700_000_000_000

  private func schema(_ lines: String...) throws -> EventSchema {
    try EventSchema(
      document: "daybook schema 0\nvisit.rated\n" + lines.joined(separator: "\n") + "\n")
  }

  private func visit(
    _ schema: EventSchema, id: String, at offset: Int64 = 0, _ facts: Value.Field...
  ) -> EventDraft {
    EventDraft(
      channel: .store, type: schema.type, schema: schema.digest,
      sections: [
        Section([.init("@occurred", .integer(Self.since + offset))] + facts),
        Section([
          .init("@id", .text(id)), .init("@identifiers", .array(["email:ana@example.com"])),
          .init("@source", "exit"),
        ]),
      ])
  }

  private func csat(_ replica: ReplicaCore, at moment: Moment = .now) throws -> [String] {
    try replica.catchUp()
    let answer = try replica.metric(MetricQuery(.csat), at: moment)
    return answer.rows.filter { $0.responses > 0 }.map { "\($0.responses) \($0.score)" }
  }

  private func stage(_ replica: ReplicaCore) throws -> JourneyStage? {
    try replica.catchUp()
    let ana = CustomerName.identifier(Identifier(kind: "email", value: "ana@example.com"))
    return try replica.timeline(of: ana).first?.stage
  }

  private func sync(_ one: ReplicaCore, _ other: ReplicaCore) throws {
    var link = InProcessLink(local: one, remote: other)
    let report = try link.run()
    #expect(report.result.isInSync)
    #expect(report.result.projectionsAgree)
  }

  private func expectEqual(_ replicas: [ReplicaCore]) throws {
    let digests = try replicas.map { replica in
      try replica.catchUp()
      return try replica.digest()
    }
    for digest in digests { #expect(digest == digests[0]) }
    for replica in replicas { #expect(try replica.replay().isEqual) }
  }

  private func scales(_ line: String) throws -> BookDocument {
    .metricScales(try MetricScales(document: "daybook metric-scales 0\n" + line + "\n"))
  }

  @Test("Events of an unknown schema wait for it, and then count on every replica")
  func unknown() throws {
    let world = TestWorld(seed: 61)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    let rated = try schema("face integer 1..3", "survey text", "@stage advocacy")
    // The till is told of the schema by other means than the book.
    _ = try till.append([
      visit(rated, id: "a", .init("survey", "csat"), .init("rating", 5)),
      visit(rated, id: "b", .init("survey", "csat"), .init("rating", 1)),
    ])
    try sync(hub, till)
    for replica in [hub, till] {
      #expect(try csat(replica) == [])
      #expect(try stage(replica) == nil)
      #expect(try replica.digest().interactionCount == 2)
    }
    let before = hub.snapshot().highWaterMark.rawValue
    _ = try hub.activate(.schema(rated))
    #expect(try csat(hub) == ["2 50.00"])
    #expect(try stage(hub) == .advocacy)
    #expect(try csat(hub, at: Moment(lastPosition: before)) == [])
    try sync(hub, till)
    #expect(try csat(till) == ["2 50.00"])
    try expectEqual([hub, till])
  }

  @Test("Declared scales count since the time they are activated for, until they are put back")
  func declaredScales() throws {
    let world = TestWorld(seed: 62)
    let hub = try world.makeReplica("hub")
    let rated = try schema("face integer", "survey text")
    _ = try hub.activate(.schema(rated))
    _ = try hub.append([
      visit(rated, id: "a", at: 0, .init("survey", "smile"), .init("face", 3)),
      visit(rated, id: "b", at: 2000, .init("survey", "smile"), .init("face", 3)),
      visit(rated, id: "c", at: 4000, .init("survey", "csat"), .init("rating", 1)),
    ])
    #expect(try csat(hub) == ["1 0.00"])
    let rules = try hub.digest().rules
    _ = try hub.activate(
      scales("csat smile face 1=1 2=3 3=5"), sinceMilliseconds: Self.since + 1000)
    #expect(try csat(hub) == ["1 100.00"])
    #expect(try hub.digest().rules != rules)
    _ = try hub.deactivate(
      DocumentSubject(kind: .metricScales), sinceMilliseconds: Self.since + 3000)
    #expect(try csat(hub) == ["2 50.00"])
    let listed = try hub.documents().filter { $0.subject.kind == .metricScales }
    #expect(listed.map(\.isInForce) == [false, true])
    #expect(listed.map(\.isBuiltIn) == [false, true])
    try expectEqual([hub])
  }

  @Test("Activating asks for the role, for what came before, and appends nothing on trial")
  func refusals() throws {
    let world = TestWorld(seed: 63)
    let hub = try world.makeReplica("hub")
    let till = try world.join("till", hub)
    try sync(hub, till)
    let one = try schema("feeling integer")
    let two = try schema("mood integer")
    let next = try schema("mood integer", "@from \(one.digest)", "rename feeling mood")
    #expect(throws: ReplicaError(.notGranted, "")) { try till.activate(.schema(one)) }
    #expect(throws: ReplicaError(.notFound, "")) {
      try hub.deactivate(DocumentSubject(kind: .schema, name: "visit.rated"))
    }
    let mark = hub.snapshot().highWaterMark
    let trial = try hub.activate(.schema(one), isTrial: true)
    #expect(trial.isNew && trial.event == nil)
    #expect(hub.snapshot().highWaterMark == mark)
    #expect(try hub.activate(.schema(one)).isNew)
    #expect(try hub.activate(.schema(one)).isNew == false)
    #expect(throws: ReplicaError(.badRequest, "")) { try hub.activate(.schema(two)) }
    _ = try hub.activate(.schema(next))
    #expect(try hub.catalogue().entry(for: one.type).schema == next)
    #expect(try hub.documents(digest: String("\(one.digest)".prefix(10))) == [.schema(one)])
    let type = try #require(EventType("order.completed"))
    let order = try EventSchema(document: "daybook schema 0\norder.completed\ntotal money\n")
    #expect(throws: ReplicaError(.badRequest, "")) { try hub.activate(.schema(order)) }
    #expect(
      try hub.catalogue().entry(for: type).digest == EventCatalogue.builtIn.entry(for: type).digest)
  }

  @Test("A schema of a type nobody has used changes no view")
  func unused() throws {
    let world = TestWorld(seed: 64)
    let hub = try world.makeReplica("hub")
    _ = try hub.append(makeDrafts(40, seed: 64))
    try hub.catchUp()
    _ = try hub.activate(.schema(schema("face integer")))
    #expect(try hub.catchUp() == [])
    _ = try hub.activate(scales("csat smile face 1=1"))
    #expect(try hub.catchUp().count == 1)
  }

  /// Three schemas of one type, in line, and what each calls the answer.
  private func line() throws -> [(schema: EventSchema, field: String)] {
    let one = try schema("survey text", "feeling integer")
    let two = try schema(
      "survey text", "mood integer", "@from \(one.digest)", "rename feeling mood")
    let three = try schema(
      "survey text", "rating integer", "@from \(two.digest)", "rename mood rating",
      "multiply rating 2/1")
    return [(one, "feeling"), (two, "mood"), (three, "rating")]
  }

  @Test(
    "Replicas that write, activate and sync in any order end with equal answers",
    arguments: 1...12)
  func anyOrder(seed: Int) throws {
    var chance = SeededGenerator(seed: UInt64(seed))
    let world = TestWorld(seed: UInt64(100 + seed))
    let hub = try world.makeReplica("hub")
    var replicas = [hub]
    for name in ["till", "desk"] {
      let replica = try world.join(name, hub)
      try hub.grant(RoleSet([.append, .configure]), to: replica.identity.origin.key, label: nil)
      try sync(hub, replica)
      replicas.append(replica)
    }
    let line = try line()
    let scaled = try scales("csat csat rating 1=1 2=2 3=5 4=5")
    for step in 0..<30 {
      let replica = try #require(replicas.randomElement(using: &chance))
      let other = try #require(replicas.randomElement(using: &chance))
      let offset = Int64.random(in: 0...10_000, using: &chance)
      switch Int.random(in: 0..<6, using: &chance) {
      case 0...2:
        let (schema, field) = try #require(line.randomElement(using: &chance))
        let rating = Value.integer(.random(in: 1...5, using: &chance))
        _ = try replica.append([
          visit(schema, id: "\(step)", at: offset, .init("survey", "csat"), .init(field, rating))
        ])
      case 3:
        let document = try #require(line.randomElement(using: &chance))
        // What does not fit what is there is refused; the others go on.
        _ = try? replica.activate(
          .schema(document.schema), sinceMilliseconds: Self.since + offset)
      case 4:
        _ = try replica.activate(scaled, sinceMilliseconds: Self.since + offset)
      default:
        if replica !== other { try sync(replica, other) }
      }
      if step % 7 == 0 { try replica.catchUp() }
    }
    for replica in replicas.dropFirst() { try sync(hub, replica) }
    for replica in replicas.dropFirst() { try sync(hub, replica) }
    try expectEqual(replicas)
    let late = try world.join("late", hub)
    try sync(hub, late)
    try sync(hub, replicas[1])
    try sync(hub, replicas[2])
    try expectEqual(replicas + [late])
    #expect(try csat(late) == csat(hub))
  }
}
