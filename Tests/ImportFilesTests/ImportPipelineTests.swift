import ChannelAdapters
import EventModel
import ImportFiles
import InteractionLog
import Testing

@Suite("Import pipeline")
struct ImportPipelineTests {
  private func run(
    _ paths: [String], _ format: ImportFormat, batches: inout [ImportBatch]
  ) throws -> (drafts: [EventDraft], lines: [Int], letters: [DeadLetter]) {
    let pipeline = ImportPipeline(
      format: format, context: AdapterContext(), wallMilliseconds: 7)
    try pipeline.run(paths: paths) { batches.append($0) }
    return (batches.flatMap(\.drafts), batches.flatMap(\.lines), batches.flatMap(\.deadLetters))
  }

  private func run(
    _ text: String, _ format: ImportFormat, name: String = "in.ndjson"
  ) throws -> (drafts: [EventDraft], lines: [Int], letters: [DeadLetter]) {
    let directory = try TemporaryDirectory()
    var batches: [ImportBatch] = []
    return try run([try directory.file(name, text)], format, batches: &batches)
  }

  private func page(_ id: Int) -> String {
    #"{"type":"page","messageId":"\#(id)","userId":"u"}"#
  }

  @Test("Bad messages go to the dead letters with line and reason, all others come out")
  func badMessages() throws {
    let bad = [
      "{", "{\"a\":\"\u{1}\"}", #"{"a":1,"a":2}"#, String(repeating: "[", count: 10_000),
      #"{"type":"page","userId":"u","x":"\ud800"}"#, String(repeating: "x", count: 10 << 20),
    ]
    var lines = [page(1)]
    for (index, line) in bad.enumerated() { lines += [line, page(index + 2)] }
    let (drafts, draftLines, letters) = try run(lines.joined(separator: "\n"), .segment)
    #expect(drafts.count == bad.count + 1)
    #expect(draftLines == Array(stride(from: 1, through: 13, by: 2)))
    #expect(letters.map(\.line) == [2, 4, 6, 8, 10, 12])
    #expect(
      letters.map(\.code)
        == ["malformed", "malformed", "malformed", "malformed", "malformed", "too_large"])
    #expect(letters[0].raw == Array("{".utf8))
    #expect(letters[5].rawByteCount == 10 << 20)
    #expect(letters.allSatisfy { $0.file == "in.ndjson" && $0.milliseconds == 7 })
  }

  @Test(
    "Values kept out of the facts are counted, unless the mapping says twice that they are facts")
  func keptBack() throws {
    let table = "seat,topic\n600111222,+34 600 111 222\n600111223,delivery\n"
    for (reason, count) in [("", 2), (", not_personal: numbers of our seats", 0)] {
      let mapping = try MappingFile.parse(
        """
        source: pbx
        events:
          - type: call.ended
            facts: {agent: {column: seat\(reason)}, topic: topic}
        """)
      let directory = try TemporaryDirectory()
      var batches: [ImportBatch] = []
      let path = try directory.file("calls.csv", table)
      let (drafts, _, _) = try run([path], .csv(mapping), batches: &batches)
      #expect(drafts.count == 2)
      let counts = batches.flatMap(\.keptBack).map { "\($0.key.field) \($0.value)" }.sorted()
      #expect(counts == (count > 0 ? ["agent \(count)", "topic 1"] : ["topic 1"]))
    }
  }

  @Test("Numbers beyond 64 bits are kept exactly")
  func numbers() throws {
    let digits = String(repeating: "9", count: 40)
    let (drafts, _, _) = try run(
      #"{"type":"page","messageId":"1","userId":"u","properties":{"n":\#(digits)}}"#, .segment)
    #expect(try #require(drafts.first).sections[1].value("n") == .number(digits))
  }

  @Test(
    "A truncated file is reported after everything before it is out", arguments: ["gzip", "zstd"])
  func truncated(tool: String) throws {
    let directory = try TemporaryDirectory()
    let text = (1...20_000).map(page).joined(separator: "\n")
    let packed = try directory.compressed(try directory.file("plain", text), by: tool)
    let cut = try directory.file("cut", [UInt8](packed.prefix(packed.count / 2)))
    var batches: [ImportBatch] = []
    let fault = #expect(throws: InputFault.self) {
      _ = try run([cut], .segment, batches: &batches)
    }
    #expect(fault == .truncated(tool == "gzip" ? .gzip : .zstd))
    let drafts = batches.flatMap(\.drafts)
    #expect(drafts.count > 1_000 && drafts.count < 20_000)
    #expect(batches.flatMap(\.lines) == Array(1...drafts.count))
    #expect(batches.flatMap(\.deadLetters).count <= 1, "the line it broke off in")
  }

  @Test("An error of the consumer ends the import")
  func consumerFails() throws {
    struct Full: Error {}
    let directory = try TemporaryDirectory()
    let path = try directory.file("in", (1...100_000).map(page).joined(separator: "\n"))
    let pipeline = ImportPipeline(format: .segment, context: .init(), wallMilliseconds: 0)
    var count = 0
    #expect(throws: Full.self) {
      try pipeline.run(paths: [path]) { _ in
        count += 1
        if count == 2 { throw Full() }
      }
    }
    #expect(count == 2)
  }

  private let till = """
    source: till
    defaults: {channel: store, zone: Europe/Madrid, format: "%d/%m/%Y %H:%M", currency: EUR}
    events:
      - type: product.purchased
        when: {column: qty, at_least: 0}
        occurred: when
        identifiers: {loyalty: card}
        facts: {sku: sku, quantity: qty, price: {column: cents, times: 0.01}}
      - type: product.returned
        when: {column: qty, below: 0}
        occurred: when
        facts: {sku: sku, quantity: qty}
        rest: drop
    """

  @Test("Rows of a table make events; equal rows are as many sales; again gives the same keys")
  func table() throws {
    let csv = """
      when,card,sku,qty,cents,clerk
      01/07/2024 10:30,c-1,a,1,1250,Ann
      01/07/2024 10:30,c-1,a,1,1250,Ann
      01/01/2024 10:30,,b,-1,5,
      ,,a,x,1,
      31/02/2024 10:30,c-2,a,1,1,
      """
    let format = ImportFormat.csv(try MappingFile.parse(till))
    let (drafts, lines, letters) = try run(csv, format, name: "till.csv")
    #expect(lines == [2, 3, 4])
    #expect(
      drafts.map(\.type.name) == ["product.purchased", "product.purchased", "product.returned"])
    #expect(Set(drafts.map(\.idempotencyKey)).count == 3)
    #expect(drafts[0].sections[0].integer(ReservedName.occurred) == 1_719_822_600_000)
    #expect(drafts[2].sections[0].integer(ReservedName.occurred) == 1_704_101_400_000)
    #expect(
      drafts[0].sections[0].value("price")
        == .decimal(try #require(Decimal64(coefficient: 1250, scale: 2))))
    #expect(drafts[0].sections[0].text("currency") == "EUR")
    #expect(drafts[0].sections[1].text("clerk") == "Ann")
    #expect(drafts[0].sections[1].text("when") == "01/07/2024 10:30", "the raw time is kept")
    #expect(drafts[0].sections[1].identifiers.map(\.description) == ["loyalty:c-1"])
    #expect(letters.map(\.line) == [5, 6])
    #expect(letters.map(\.code) == ["invalid", "invalid"])
    #expect(try run(csv, format, name: "till.csv").drafts == drafts)
    let retried = try run(String(decoding: letters[1].raw, as: UTF8.self), format)
    #expect(retried.letters.map(\.reason) == [letters[1].reason], "a letter can be tried by itself")
  }

  @Test("Paths reach into JSON rows")
  func jsonRows() throws {
    let mapping = """
      source: app
      events:
        - type: survey.answered
          id: "{id}"
          channel: {column: from.medium, map: {tel: phone}, otherwise: web}
          identifiers: {email: from.mail}
          facts: {survey: {value: ces}, score: answers.effort}
          fields: {note: {text: "{from.medium}/{id}"}}
      """
    let (drafts, _, letters) = try run(
      #"""
      {"id":7,"from":{"mail":"A@B.c","medium":"tel"},"answers":{"effort":6}}
      {"id":null,"from":{"mail":"A@B.c","medium":"tel"}}
      """#, .ndjson(try MappingFile.parse(mapping)))
    let draft = try #require(drafts.first)
    #expect(draft.channel == .phone)
    #expect(draft.sections[0].integer("score") == 6)
    #expect(draft.sections[1].text("note") == "tel/7")
    #expect(draft.sections[1].identifiers.map(\.description) == ["email:a@b.c"])
    #expect(letters.map(\.code) == ["missing"])
  }

  @Test("An unknown column is said with the line of the mapping and the columns there are")
  func unknownColumn() throws {
    let fault = #expect(throws: MappingFault.self) {
      try run("when,sku\n", .csv(try MappingFile.parse(till)))
    }
    #expect(fault?.line == 5)
    #expect(fault?.message == "there is no column 'qty'; the file has when, sku")
  }

  @Test("Dead letters can be read again after the mapping is mended")
  func retry() throws {
    let csv = "when;card;sku;qty;cents\n1.7.2024;c;a;1;5\n1.7.2024;c;a;1;5\n"
    let broken = "separator: ;\n" + till
    let letters = try run(csv, .csv(try MappingFile.parse(broken))).letters
    #expect(letters.count == 2)
    let mended = broken.replacing("%d/%m/%Y %H:%M", with: "%d.%m.%Y")
    var retry = DeadLetterRetry(format: .csv(try MappingFile.parse(mended)))
    var drafts: [EventDraft] = []
    for letter in letters {
      guard case .accepted(let made) = retry.read(letter) else {
        Issue.record("the letter is refused again")
        continue
      }
      drafts += made
    }
    #expect(drafts == (try run(csv, .csv(try MappingFile.parse(mended))).drafts))
    #expect(drafts.count == 2)
  }
}
