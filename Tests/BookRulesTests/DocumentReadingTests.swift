import BookRules
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Reading by documents")
struct DocumentReadingTests {
  var book: TestBook
  let office: OriginID
  let type: EventType
  let subject = DocumentSubject(kind: .schema, name: "visit.rated")

  init() throws {
    book = try TestBook()
    office = try makeOrigin(key: 2)
    type = try #require(EventType("visit.rated"))
    book.grant(RoleSet([.configure, .append]), to: office)
  }

  private func schema(_ lines: String...) throws -> EventSchema {
    try EventSchema(
      document: "daybook schema 0\nvisit.rated\n" + lines.joined(separator: "\n") + "\n")
  }

  /// Declares and activates a schema, at a time of its own.
  private mutating func activate(_ schema: EventSchema, at milliseconds: Int64) {
    book.append(.declaring(.schema, content: schema.document), by: office)
    book.append(
      .activating(subject, digest: schema.digest, sinceMilliseconds: milliseconds), by: office)
  }

  private mutating func visit(
    _ schema: EventSchema, at milliseconds: Int64, _ facts: Value.Field...
  ) -> Event {
    book.append(
      EventDraft(
        channel: .store, type: type, schema: schema.digest,
        sections: [Section([.init("@occurred", .integer(milliseconds))] + facts)]), by: office)
  }

  private func folded(_ event: Event) throws -> [Value.Field] {
    let documents = DocumentsInForce.activated(in: book.state) { book.event($0) }
    let effective = documents.folding(EffectiveEvent(asStored: event))
    return effective.event.facts.fields.filter { !$0.name.hasPrefix("@") }
  }

  @Test("A chain of upcasts reads as the direct way does")
  mutating func chain() throws {
    let one = try schema("feeling integer")
    let two = try schema("mood integer", "@from \(one.digest)", "rename feeling mood")
    let three = try schema(
      "mood text", "@from \(two.digest)", "map mood 1 \"sad\"", "map mood 2 \"glad\"")
    let direct = try schema(
      "mood text", "@from \(one.digest)", "rename feeling mood", "map mood 1 \"sad\"",
      "map mood 2 \"glad\"")
    let event = visit(one, at: 5000, .init("feeling", 2))
    let missing = visit(one, at: 5001)
    #expect(try folded(event) == [])
    activate(one, at: 1000)
    #expect(try folded(event) == [.init("feeling", 2)])
    activate(two, at: 2000)
    #expect(try folded(event) == [.init("mood", 2)])
    activate(three, at: 3000)
    #expect(try folded(event) == [.init("mood", "glad")])
    #expect(try folded(missing) == [])
    activate(direct, at: 4000)
    #expect(try folded(event) == [.init("mood", "glad")])
    #expect(try folded(visit(two, at: 3500, .init("mood", 1))) == [.init("mood", "sad")])
  }

  @Test("An event is read by the schema in force at its own place")
  mutating func places() throws {
    let one = try schema("feeling integer", "@stage support")
    let two = try schema(
      "mood integer", "@stage advocacy", "@from \(one.digest)", "rename feeling mood")
    activate(one, at: 1000)
    activate(two, at: 2000)
    book.append(.activating(subject, digest: .zero, sinceMilliseconds: 3000), by: office)
    let early = visit(one, at: 500, .init("feeling", 2))
    let first = visit(one, at: 1500, .init("feeling", 2))
    let second = visit(one, at: 2500, .init("feeling", 2))
    let third = visit(one, at: 3500, .init("feeling", 2))
    for event in [early, first, third] { #expect(try folded(event) == [.init("feeling", 2)]) }
    #expect(try folded(second) == [.init("mood", 2)])
    let documents = DocumentsInForce.activated(in: book.state) { book.event($0) }
    #expect(documents.stage(of: first, at: FoldKey(first)) == .support)
    #expect(documents.stage(of: second, at: FoldKey(second)) == .advocacy)
  }

  @Test("Facts of an unknown schema are not folded; reserved ones always are")
  mutating func unknown() throws {
    let one = try schema("feeling integer")
    let event = visit(one, at: 1500, .init("feeling", 2))
    let stored = EffectiveEvent(asStored: event)
    let folded = DocumentsInForce.builtIn.folding(stored)
    #expect(folded.event.facts == Section([.init("@occurred", 1500)]))
    #expect(folded.key == stored.key)
    #expect(DocumentsInForce.builtIn.stage(of: event, at: stored.key) == nil)
    let undeclared = visit(.undeclared(type), at: 1500, .init("feeling", 2))
    #expect(try self.folded(undeclared) == [.init("feeling", 2)])
  }

  @Test("Content that is not canonical, of another subject or unreadable is passed over")
  mutating func unreadable() throws {
    let one = try schema("feeling integer")
    activate(one, at: 1000)
    let contents = [
      one.document + "\n", "# remark\n" + one.document, "daybook schema 7\nvisit.rated\n",
      "daybook schema 0\nvisit.counted\n", "daybook metric-scales 0\n", "",
    ]
    for content in contents {
      book.append(.declaring(.schema, content: content), by: office)
      let digest = Digest256.hash(Array(content.utf8))
      book.append(.activating(subject, digest: digest, sinceMilliseconds: 2000), by: office)
      let event = visit(one, at: 2500, .init("feeling", 2))
      #expect(try folded(event) == [.init("feeling", 2)])
    }
  }

  @Test("Ways in a circle end")
  mutating func circle() throws {
    let one = try schema("a integer")
    let two = try schema("b integer", "@from \(one.digest)", "rename a b")
    // Nobody can write a circle, since digests name content; the same schema twice is the nearest.
    activate(one, at: 1000)
    activate(two, at: 2000)
    activate(one, at: 3000)
    activate(two, at: 4000)
    #expect(try folded(visit(one, at: 4500, .init("a", 2))) == [.init("b", 2)])
    #expect(try folded(visit(two, at: 3500, .init("b", 2))) == [.init("b", 2)])
  }
}

@Suite("Metric scales")
struct MetricScalesTests {
  private let smile = """
    daybook metric-scales 0
    nps nps score 0=0 10=10
    csat smile face 1=1 2=3 3=5

    """

  private func facts(_ survey: Value, _ field: String, _ answer: Value) -> Section {
    Section([.init("survey", survey), .init(field, answer)])
  }

  @Test("The built-in scales are a document that reads back equal")
  func builtIn() throws {
    #expect(try MetricScales(document: MetricScales.builtIn.document) == .builtIn)
    #expect(
      MetricScales.builtIn.document == """
        daybook metric-scales 0
        ces ces score 1=1 2=2 3=3 4=4 5=5 6=6 7=7
        csat csat rating 1=1 2=2 3=3 4=4 5=5
        nps nps score 0=0 1=1 2=2 3=3 4=4 5=5 6=6 7=7 8=8 9=9 10=10

        """)
    for metric in ExperienceMetric.allCases {
      let field = metric == .csat ? "rating" : "score"
      for answer in Int64(-2)...12 {
        let score = MetricScales.builtIn.score(facts(.text(metric.name), field, .integer(answer)))
        #expect(score?.value == (metric.scale.contains(answer) ? answer : nil))
      }
    }
  }

  @Test("A declared answer counts as its value, and nothing else counts")
  func declared() throws {
    let scales = try MetricScales(document: smile)
    #expect(scales.document == smile)
    let score = scales.score(facts("smile", "face", 2))
    #expect(score?.metric == .csat)
    #expect(score?.value == 3)
    #expect(scales.score(facts("smile", "face", 4)) == nil)
    #expect(scales.score(facts("smile", "face", "2")) == nil)
    #expect(scales.score(facts("smile", "score", 2)) == nil)
    #expect(scales.score(facts("csat", "rating", 5)) == nil)
    #expect(scales.score(facts(7, "face", 2)) == nil)
  }

  @Test(
    "A mistake is told with its line",
    arguments: [
      "smile smile face 1=1", "csat smile face", "csat smile face 1=6", "csat smile face 1=1 1=2",
      "csat smile face one=1", "csat smile face 01=1", "csat smile", "csat s@ face 1=1",
      "csat \"smile\" face 1=1", "csat nps score 1=1\nnps nps score 1=1",
    ])
  func mistakes(lines: String) {
    #expect {
      try MetricScales(document: "daybook metric-scales 0\n" + lines + "\n")
    } throws: { error in
      (error as? DocumentFault)?.line == (lines.contains("\n") ? 3 : 2)
    }
  }

  @Test("Damaged documents are read or refused", arguments: 1...3)
  func noise(seed: Int) {
    var chance = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<2_000 {
      var bytes = Array(smile.utf8)
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &chance)] = .random(
          in: 0...255, using: &chance)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard let scales = try? MetricScales(document: text) else { continue }
      #expect((try? MetricScales(document: scales.document)) == scales)
    }
  }
}
