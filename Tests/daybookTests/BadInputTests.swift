internal import Foundation
internal import Testing

/// Input that is wrong in one line: that line is refused with a reason, all others are in.
@Suite("Bad input")
struct BadInputTests {
  static let lines: [(name: String, line: String)] = [
    ("broken JSON", #"{"specversion":"1.0","id":"x","#),
    ("duplicate keys", #"{"specversion":"1.0","id":"x","id":"y","source":"s","type":"a.b"}"#),
    ("a 10 MiB line", String(repeating: "x", count: 10 << 20)),
    (
      "10,000 nested arrays",
      Messages.cloudEvent(
        "deep",
        data: #"{"a":"#
          + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}")
    ),
    ("a lone surrogate", Messages.cloudEvent("x", data: #"{"a":"\ud800"}"#)),
    ("a control type", Messages.cloudEvent("x", type: "grant.given")),
    ("not an object", "42"),
  ]

  @Test("One bad line is refused and sinks nothing else", arguments: lines)
  func refused(name: String, line: String) throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let file = try scratch.write(
      "in.ndjson",
      [Messages.cloudEvent("m-1"), line, Messages.cloudEvent("m-2")].joined(separator: "\n"))
    let outcome = try scratch.daybook("import", file.path, "--format", "cloudevents", "--json")
    #expect(outcome.status == 3)
    let counts = try outcome.document()
    #expect(counts["appended"] as? Int == 2)
    #expect(counts["refused"] as? Int == 1)
    let letters = try scratch.daybook("dead-letters", "--ndjson").objects()
    #expect(letters.count == 1)
    #expect(letters.first?["line"] as? Int == 2)
    #expect((letters.first?["remedy"] as? String)?.isEmpty == false)
  }

  @Test("Invalid UTF-8 is refused, and the lines around it are in")
  func invalidUTF8() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    var bytes = Data((Messages.cloudEvent("m-1") + "\n").utf8)
    bytes += Data(#"{"specversion":"1.0","id":"x","source":"s","type":"a.b","data":{"t":""#.utf8)
    bytes += Data([0xff, 0xfe]) + Data("\"}}\n".utf8)
    bytes += Data(Messages.cloudEvent("m-2").utf8)
    let file = scratch.directory.appendingPathComponent("in.ndjson")
    try bytes.write(to: file)
    let outcome = try scratch.daybook("import", file.path, "--format", "cloudevents", "--json")
    #expect(outcome.status == 3)
    #expect(try outcome.document()["appended"] as? Int == 2)
  }

  @Test("Numbers beyond 64 bits and the years 0001 and 9999 are kept exactly")
  func extremes() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let number = "123456789012345678901234567890"
    let early = Messages.cloudEvent("early", data: #"{"n":\#(number)}"#)
      .replacingOccurrences(of: "2026-03-01", with: "0001-01-01")
    let late = Messages.cloudEvent("late").replacingOccurrences(
      of: "2026-03-01", with: "9999-12-31")
    let outcome = try scratch.daybook("append", input: early + "\n" + late + "\n")
    #expect(outcome.status == 0)
    let events = try scratch.daybook("events", "--ndjson").output
    #expect(events.contains(number))
    #expect(events.contains("0001-01-01T10:00:00.000Z"))
    #expect(events.contains("9999-12-31T10:00:00.000Z"))
  }

  @Test("A row without an id is its content and its number: twice imported, once held")
  func missingID() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let row = #"{"type":"track","event":"Product Viewed","userId":"u-1","properties":{"sku":"A"}}"#
    let file = try scratch.write("in.ndjson", row + "\n" + row + "\n")
    let first = try scratch.daybook("import", file.path, "--format", "segment", "--json")
    #expect(try first.document()["appended"] as? Int == 2)
    let second = try scratch.daybook("import", file.path, "--format", "segment", "--json")
    #expect(try second.document()["appended"] as? Int == 0)
  }

  @Test("A mapping that names an unknown column says which columns there are")
  func unknownColumn() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    try scratch.write("in.csv", "id,who\n1,u-1\n")
    try scratch.write(
      "map.yaml",
      """
      source: test
      defaults: {channel: web}
      events:
        - type: page.viewed
          id: "{nummer}"
          identifiers: {user: who}
      """)
    let outcome = try scratch.daybook(
      "import", scratch.path("in.csv"), "--format", "csv", "--map", scratch.path("map.yaml"))
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("nummer"))
    #expect(outcome.errors.contains("who"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("A truncated zstd file is an error that says what is in")
  func truncatedInput() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let file = scratch.directory.appendingPathComponent("in.zst")
    try Data([0x28, 0xb5, 0x2f, 0xfd, 0x04]).write(to: file)
    let outcome = try scratch.daybook("import", file.path, "--format", "cloudevents", "--json")
    #expect(outcome.status == 2)
    #expect(try outcome.error()["code"] as? String == "input")
  }

  @Test("A file that is not there is an error that names it")
  func missingFile() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let outcome = try scratch.daybook("import", "nowhere.ndjson", "--format", "segment")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("nowhere.ndjson"))
  }
}
