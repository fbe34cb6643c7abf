internal import Foundation
internal import Testing

/// The page `docs/guide/own-event-types.md`, its files and its commands.
@Suite("Own event types")
struct DocumentsTests {
  private static let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../docs/guide").standardized

  private func example(_ name: String) -> String {
    Self.guide.appendingPathComponent("own-event-types").appendingPathComponent(name).path
  }

  private func csat(_ scratch: Scratch) throws -> [String] {
    let rows = try scratch.daybook("metrics", "csat", "--json").document()["rows"]
    return (rows as? [[String: Any]] ?? []).map { "\($0["responses"] ?? "") \($0["score"] ?? "")" }
  }

  @Test("The guide's type, scale, table and upcast work as the page says")
  func guide() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let trial = try scratch.daybook(
      "documents", "activate", example("visit-rated.schema"), "--dry-run")
    #expect(trial.status == 0, "\(trial.errors)")
    #expect(try scratch.daybook("documents").output.contains("what is built in holds"))
    for name in ["visit-rated.schema", "smiles.scales"] {
      let done = try scratch.daybook(
        "documents", "activate", example(name), "--since", "2026-01-01", "--json")
      #expect(done.status == 0, "\(done.errors)")
      #expect(try done.document()["declared"] as? Bool == true)
    }
    let taken = try scratch.daybook(
      "import", example("exit-terminal.csv"), "--format", "csv", "--map",
      example("exit-terminal.yaml"), "--json")
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(try taken.document()["appended"] as? Int == 3)
    #expect(try csat(scratch) == ["3 66.67"])
    let timeline = try scratch.daybook("timeline", "loyalty:card-7", "--json")
    #expect(timeline.output.contains("\"stage\":\"advocacy\""))
    let next = try scratch.daybook(
      "documents", "activate", example("visit-rated-2.schema"), "--since", "2026-01-01")
    #expect(next.status == 0, "\(next.errors)")
    let events = try scratch.daybook("events", "--ndjson", "--type", "visit.rated").output
    #expect(events.contains("\"store_id\":\"s1\"") && !events.contains("\"shop_id\""))
    #expect(try csat(scratch) == ["3 66.67"])
    #expect(try scratch.daybook("replay", "--compare").status == 0)
    let listed = try scratch.daybook("documents", "--ndjson").objects()
    #expect(listed.map { $0["in_force"] as? Bool } == [true, false, true])
    let gone = try scratch.daybook(
      "documents", "deactivate", "metric-scales", "--since", "2026-01-01")
    #expect(gone.status == 0, "\(gone.errors)")
    #expect(try csat(scratch) == [])
  }

  @Test("What is shown can be activated again, and built-in schemas are shown")
  func shown() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let scales = try scratch.daybook("documents", "show", "metric-scales")
    #expect(scales.output.hasPrefix("daybook metric-scales 0\n"))
    try scratch.write("scales.txt", scales.output)
    #expect(try scratch.daybook("documents", "activate", "scales.txt").status == 0)
    let order = try scratch.daybook("documents", "show", "schema", "order.completed", "--json")
    let digest = try #require(try order.document()["digest"] as? String)
    let same = try scratch.daybook("documents", "show", String(digest.prefix(12)))
    #expect(same.output == (try order.document()["content"] as? String))
    #expect(try scratch.daybook("documents", "show", "schema", "visit.rated").status == 1)
    #expect(try scratch.daybook("documents", "show", "ffffffffffff").status == 1)
    #expect(try scratch.daybook("documents", "show", "schema").status == 2)
  }

  @Test(
    "A file that is no document is refused with its line, and nothing is appended",
    arguments: [
      ("daybook schema 0\nvisit.rated\nmood number\n", ":3"),
      ("daybook identity-rules 0\n", ":1"), ("daybook projection 0\n", ":1"), ("", ":1"),
    ])
  func refused(content: String, place: String) throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    try scratch.write("wrong.txt", content)
    let outcome = try scratch.daybook("documents", "activate", "wrong.txt", "--json")
    #expect(outcome.status == 2)
    #expect(try outcome.error()["location"] as? String == "wrong.txt" + place)
    #expect(try outcome.error()["code"] as? String == "document")
    #expect(try scratch.daybook("documents", "activate", "absent.txt").status == 2)
    #expect(try scratch.daybook("documents", "--json").document()["documents"] as? [Int] == [])
  }
}
