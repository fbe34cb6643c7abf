internal import Foundation
internal import Testing

@Suite("Reading")
struct ReadingTests {
  /// A store with made-up interactions.
  private func populated(_ count: Int = 400) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeStore()
    let generated = try DaybookProcess.run(["generate", "--events", "\(count)", "--customers", "9"])
    #expect(try scratch.daybook("append", input: generated.output).status == 0)
    return scratch
  }

  @Test("events --ndjson lists each interaction once, as an object of the promised shape")
  func eventObjects() throws {
    let scratch = try populated()
    let rows = try scratch.daybook("events", "--ndjson").objects()
    #expect(rows.count == 400)
    #expect(rows.map { $0["position"] as? Int } == (1...400).map(Optional.some))
    let keys: Set = [
      "event", "position", "recorded", "occurred", "channel", "type", "source", "id",
      "identifiers", "facts", "fields",
    ]
    #expect(rows.allSatisfy { keys.isSubset(of: $0.keys) })
  }

  @Test("Filters select, and --reverse with --limit gives the newest")
  func filters() throws {
    let scratch = try populated()
    let all = try scratch.daybook("events", "--ndjson").objects()
    let store = try scratch.daybook("events", "--ndjson", "--channel", "store").objects()
    #expect(store.count == all.count { $0["channel"] as? String == "store" })
    #expect(!store.isEmpty)
    let orders = try scratch.daybook("events", "--ndjson", "--type", "order.*").objects()
    #expect(orders.count == all.count { ($0["type"] as? String)?.hasPrefix("order.") == true })
    let newest = try scratch.daybook("events", "--ndjson", "--reverse", "--limit", "3").objects()
    #expect(newest.map { $0["position"] as? Int } == [400, 399, 398])
    let middle = try #require(all[200]["occurred"] as? String)
    let since = try scratch.daybook("events", "--ndjson", "--since", middle).objects()
    let until = try scratch.daybook("events", "--ndjson", "--until", middle).objects()
    #expect(since.count + until.count == 400)
    #expect(since.allSatisfy { ($0["occurred"] as? String ?? "") >= middle })
    let subject = try #require((all[5]["identifiers"] as? [String])?.first)
    let about = try scratch.daybook("events", "--ndjson", "--subject", subject).objects()
    #expect(
      about.count == all.count { ($0["identifiers"] as? [String])?.contains(subject) == true })
  }

  @Test("An export in CloudEvents, appended to an empty book, gives the same answers")
  func exportRoundTrip() throws {
    let scratch = try populated()
    let export = try scratch.daybook("events", "--format", "cloudevents")
    #expect(export.lines.count == 400)
    try scratch.makeStore("copy")
    #expect(try scratch.daybook("append", store: "copy", input: export.output).status == 0)
    let one = try scratch.daybook("digest", "--json").document()
    let other = try scratch.daybook("digest", "--json", store: "copy").document()
    let projections = try #require(one["projections"] as? NSDictionary)
    #expect(projections == other["projections"] as? NSDictionary)
    #expect(one["set_root"] as? String != other["set_root"] as? String)
  }

  @Test("CSV has a heading, one row an event, and quotes what must be quoted")
  func csv() throws {
    let scratch = try populated(50)
    let rows = try scratch.daybook("events", "--format", "csv").lines
    #expect(rows.first?.hasPrefix("event,position,recorded,occurred,channel,type") == true)
    #expect(rows.count == 51)
    #expect(rows.dropFirst().allSatisfy { $0.contains("\"{\"\"") || $0.contains("{}") })
  }

  @Test("One event is shown by a shortened name, with its id; an unknown one is not found")
  func oneEvent() throws {
    let scratch = try populated(20)
    let first = try #require(
      try scratch.daybook("events", "--ndjson", "--limit", "1").objects().first)
    let dot = try #require(first["event"] as? String)
    let short = dot.prefix(4) + "/1"
    let shown = try scratch.daybook("event", String(short), "--json").document()
    #expect(shown["event"] as? String == dot)
    #expect((shown["event_id"] as? String)?.count == 64)
    let missing = try scratch.daybook("event", "\(dot.prefix(16))/999999", "--json")
    #expect(missing.status == 1)
    #expect(try missing.error()["code"] as? String == "not_found")
  }

  @Test("Profile, timeline, metrics, stats and digest have the promised shapes")
  func shapes() throws {
    let scratch = try populated()
    let all = try scratch.daybook("events", "--ndjson").objects()
    let users = all.compactMap { row in
      (row["identifiers"] as? [String])?.first { $0.hasPrefix("user:") }
    }
    let name = try #require(users.first)
    let profile = try scratch.daybook("profile", name, "--json").document()
    for key in ["profile", "identifiers", "attributes", "channels", "metrics", "last_interactions"]
    {
      #expect(profile[key] != nil, "profile has no \(key)")
    }
    let timeline = try scratch.daybook("timeline", name, "--ndjson", "--limit", "1000").objects()
    let times = timeline.compactMap { $0["occurred"] as? String }
    #expect(times.count == timeline.count)
    #expect(times == times.sorted(by: >))
    let metrics = try scratch.daybook("metrics", "nps", "--by", "channel", "--json").document()
    #expect(metrics["rows"] is [[String: Any]])
    let stats = try scratch.daybook("stats", "--json").document()
    #expect(stats["events"] as? Int == 400)
    for key in ["control_events", "origins", "segments", "bytes", "channels"] {
      #expect(stats[key] != nil, "stats has no \(key)")
    }
    let digest = try scratch.daybook("digest", "--json").document()
    #expect(digest["events"] as? Int == 400)
    #expect((digest["set_root"] as? String)?.count == 64)
  }

  @Test("Nobody by that name is an answer, not a crash, and is not repeated")
  func unknownCustomer() throws {
    let scratch = try populated(10)
    let outcome = try scratch.daybook("profile", "email:nobody@example.com", "--json")
    #expect(outcome.status == 1)
    #expect(try outcome.error()["code"] as? String == "not_found")
    #expect(!outcome.errors.contains("nobody@example.com"))
  }

  @Test("Every reading command has a form for people that is not empty")
  func textForms() throws {
    let scratch = try populated(60)
    for command in ["events", "metrics", "stats", "digest", "verify", "replay", "doctor"] {
      let outcome = try scratch.daybook(command)
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
      #expect(!outcome.output.isEmpty)
      #expect(!outcome.output.contains("\u{1b}"))
    }
  }

  @Test("A reader that stops reading ends the command quietly")
  func brokenPipe() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let scratch = try Scratch()
    let errorFile = try scratch.write("stderr", "")
    let outputFile = try scratch.write("stdout", "")
    process.arguments = [
      "-c", "{ \"$0\" generate --events 200000 2>\"$1\"; } | head -n 1", DaybookProcess.binary.path,
      errorFile.path,
    ]
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try String(contentsOf: errorFile, encoding: .utf8) == "")
    #expect(try String(contentsOf: outputFile, encoding: .utf8).split(separator: "\n").count == 1)
  }
}
