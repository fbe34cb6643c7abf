internal import Foundation
internal import Testing

/// CloudEvents to feed to `append`.
enum Messages {
  /// One message of the customer `user`, on the web.
  static func cloudEvent(
    _ id: String, user: String = "u-1", type: String = "page.viewed", data: String = "{}"
  ) -> String {
    #"{"specversion":"1.0","id":"\#(id)","source":"crm","type":"\#(type)","#
      + #""time":"2026-03-01T10:00:00Z","channel":"web","subject":"user:\#(user)","data":\#(data)}"#
  }

  /// `count` messages, one a line.
  static func lines(_ count: Int) -> String {
    (1...count).map { cloudEvent("m-\($0)") }.joined(separator: "\n") + "\n"
  }
}

@Suite("Writing")
struct WritingTests {
  @Test("init prints store, book, origin and label, and a second one is refused")
  func initialise() throws {
    let scratch = try Scratch()
    let made = try scratch.daybook("init", "--label", "hub", "--json")
    #expect(made.status == 0)
    let document = try made.document()
    #expect(document.keys.sorted() == ["book", "label", "origin", "store"])
    #expect(document["label"] as? String == "hub")
    #expect((document["book"] as? String)?.count == 32)
    let again = try scratch.daybook("init", "--json")
    #expect(again.status == 2)
    #expect(try again.error()["code"] as? String == "store_exists")
  }

  @Test("append acknowledges every line with its event and position")
  func acknowledgements() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let outcome = try scratch.daybook("append", "--ndjson", input: Messages.lines(3))
    #expect(outcome.status == 0)
    let rows = try outcome.objects()
    #expect(rows.map { $0["line"] as? Int } == [1, 2, 3])
    #expect(rows.map { $0["position"] as? Int } == [1, 2, 3])
    #expect(rows.allSatisfy { $0["result"] as? String == "appended" })
    #expect(rows.allSatisfy { ($0["event"] as? String)?.contains("/") == true })
  }

  @Test("A message sent twice is a duplicate, changed content a conflict, nonsense refused")
  func results() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let input = [
      Messages.cloudEvent("m-1"), Messages.cloudEvent("m-1"),
      Messages.cloudEvent("m-1", data: #"{"mood":"changed"}"#), "{", Messages.cloudEvent("m-2"),
    ]
    let outcome = try scratch.daybook(
      "append", "--ndjson", input: input.joined(separator: "\n"))
    #expect(outcome.status == 3)
    let rows = try outcome.objects()
    #expect(
      rows.map { $0["result"] as? String } == [
        "appended", "duplicate", "conflict", "refused", "appended",
      ])
    #expect(rows[1]["event"] as? String == rows[0]["event"] as? String)
    #expect(rows[3]["reason"] is String)
    #expect(rows[3]["position"] == nil)
  }

  @Test("Without --ndjson append prints a summary, with --json the counts")
  func summaries() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let first = try scratch.daybook("append", input: Messages.lines(4))
    #expect(first.output == "4 appended\n")
    let second = try scratch.daybook("append", "--json", input: Messages.lines(5))
    let counts = try second.document()
    #expect(counts["appended"] as? Int == 1)
    #expect(counts["duplicates"] as? Int == 4)
  }

  @Test("import --json has the promised fields, and a second import appends nothing")
  func importTwice() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let file = try scratch.write("in.ndjson", Messages.lines(250))
    let arguments = ["import", file.path, "--format", "cloudevents", "--json"]
    let environment = ["DAYBOOK_STORE": scratch.path("store")]
    let first = try DaybookProcess.run(arguments, environment: environment)
    #expect(first.status == 0)
    let document = try first.document()
    #expect(
      document.keys.sorted() == [
        "appended", "bytes_in", "bytes_stored", "conflicts", "duplicates", "erased",
        "kept_back", "read", "refused", "seconds",
      ])
    #expect(document["appended"] as? Int == 250)
    let second = try DaybookProcess.run(arguments, environment: environment).document()
    #expect(second["appended"] as? Int == 0)
    #expect(second["duplicates"] as? Int == 250)
  }

  @Test("Facts that look personal are kept back and counted; vouched for, doctor lists them")
  func personalFacts() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let rows = try scratch.write("calls.csv", "seat\n600111222\n600111223\n")
    func importRows(_ seat: String, id: String) throws -> [String: Any] {
      let mapping = try scratch.write(
        "\(id).yaml",
        """
        source: \(id)
        events:
          - type: call.ended
            facts: {agent: \(seat)}
        """)
      return try scratch.daybook(
        "import", rows.path, "--format", "csv", "--map", mapping.path, "--json"
      ).document()
    }
    func warnings() throws -> [[String: Any]] {
      let outcome = try scratch.daybook("doctor", "--json")
      #expect(outcome.status == 0)
      #expect(!outcome.output.contains("600111222"))
      let checks = try #require(try outcome.document()["checks"] as? [[String: Any]])
      return checks.flatMap { $0["warnings"] as? [[String: Any]] ?? [] }
    }
    let kept = try #require(try importRows("seat", id: "once")["kept_back"] as? [[String: Any]])
    #expect(kept.map { $0["field"] as? String } == ["agent"])
    #expect(kept.map { $0["count"] as? Int } == [2])
    #expect(try warnings().isEmpty)

    let seat = "{column: seat, not_personal: numbers of our seats}"
    #expect((try importRows(seat, id: "twice")["kept_back"] as? [Any])?.isEmpty == true)
    let found = try warnings()
    #expect(found.map { $0["type"] as? String } == ["call.ended"])
    #expect(found.map { $0["looks_like"] as? String } == ["phone"])
    #expect(found.map { $0["count"] as? Int } == [2])
  }

  @Test("Refused lines are listed, shown with their bytes, and gone after a discard")
  func deadLetters() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let input = Messages.cloudEvent("m-1") + "\n{\"broken\n" + Messages.cloudEvent("m-2") + "\n"
    let file = try scratch.write("in.ndjson", input)
    #expect(try scratch.daybook("import", file.path, "--format", "cloudevents").status == 3)
    #expect(try scratch.daybook("import", file.path, "--format", "cloudevents").status == 3)
    let listed = try scratch.daybook("dead-letters", "list", "--ndjson").objects()
    #expect(listed.count == 1)
    #expect(listed[0]["line"] as? Int == 2)
    let number = try #require(listed[0]["number"] as? Int)
    let shown = try scratch.daybook("dead-letters", "show", "\(number)")
    #expect(shown.output.contains("{\"broken"))
    #expect(try scratch.daybook("dead-letters", "discard", "--all").status == 0)
    #expect(try scratch.daybook("dead-letters", "list", "--ndjson").output == "")
  }

  @Test("generate writes the same bytes for the same seed, and append takes them all")
  func generate() throws {
    let first = try DaybookProcess.run(["generate", "--events", "300", "--seed", "7"])
    let second = try DaybookProcess.run(["generate", "--events", "300", "--seed", "7"])
    let other = try DaybookProcess.run(["generate", "--events", "300", "--seed", "8"])
    #expect(first.lines.count == 300)
    #expect(first.output == second.output)
    #expect(first.output != other.output)
    let scratch = try Scratch()
    try scratch.makeStore()
    let appended = try scratch.daybook("append", input: first.output)
    #expect(appended.status == 0)
    #expect(appended.output == "300 appended\n")
  }
}
