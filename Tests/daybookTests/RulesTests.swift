internal import Foundation
internal import Testing

@Suite("Granting and taking back")
struct RulesTests {
  private let survey = """
    {"specversion":"1.0","id":"s-1","source":"forms","type":"survey.answered",\
    "time":"2026-03-04T05:06:07Z","channel":"email","data":{"survey":"csat","rating":1,\
    "note":"4111 1111 1111 1111","identifiers":["email:ana@example.com"]}}

    """

  private func csat(_ scratch: Scratch, _ store: String) throws -> [String] {
    let rows = try scratch.daybook("metrics", "csat", "--json", store: store).document()["rows"]
    return (rows as? [[String: Any]] ?? []).map { "\($0["responses"] ?? "") \($0["score"] ?? "")" }
  }

  @Test("An event is corrected, redacted and retracted, and every reader sees it")
  func takingBack() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    #expect(try scratch.daybook("append", store: "hub", input: survey).status == 0)
    let listed = try scratch.daybook("events", "--ndjson", store: "hub")
    let event = try #require(try listed.objects().first?["event"] as? String)
    #expect(listed.output.contains("4111"))
    #expect(try csat(scratch, "hub") == ["1 0.00"])
    let corrected = try scratch.daybook(
      "correct", event, "--set", "rating=5", "--reason", "typed 1 for 5", store: "hub")
    #expect(corrected.status == 0)
    #expect(try csat(scratch, "hub") == ["1 100.00"])
    #expect(try scratch.daybook("redact", event, "note", store: "hub").status == 0)
    for arguments in [["events", "--ndjson"], ["event", event, "--json"], ["events"]] {
      let shown = try DaybookProcess.run(arguments + ["--store", scratch.path("hub")])
      #expect(shown.status == 0)
      #expect(!shown.output.contains("4111"))
    }
    #expect(try scratch.daybook("retract", event, "--reason", "test", store: "hub").status == 0)
    let answers = try csat(scratch, "hub").filter { !$0.hasPrefix("0 ") }
    #expect(answers == [])
    #expect(try scratch.daybook("replay", "--compare", store: "hub").status == 0)
    #expect(try scratch.daybook("verify", store: "hub").status == 0)
    let wrong = try scratch.daybook(
      "correct", event, "--set", "rating=high", "--json", store: "hub")
    #expect(wrong.status == 2)
  }

  @Test("A run is taken back up to its last event")
  func takingRunBack() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    #expect(try scratch.daybook("append", store: "hub", input: survey).status == 0)
    let listed = try scratch.daybook("events", "--ndjson", store: "hub")
    let event = try #require(try listed.objects().first?["event"] as? String)
    let parts = event.split(separator: "/").map(String.init)
    let run = ["retract", "--origin", parts[0], "--from", parts[1]]
    func retract(last: Int) throws -> DaybookProcess.Outcome {
      try DaybookProcess.run(run + ["--last", "\(last)", "--store", scratch.path("hub")])
    }
    let sequence = try #require(Int(parts[1]))
    #expect(try retract(last: sequence - 1).status == 2)
    #expect(try DaybookProcess.run(["retract", event, "--last", "3"]).status == 2)
    #expect(try csat(scratch, "hub") == ["1 0.00"])
    #expect(try retract(last: sequence).status == 0)
    #expect(try csat(scratch, "hub").filter { !$0.hasPrefix("0 ") } == [])
    let later = survey.replacing("s-1", with: "s-2")
    #expect(try scratch.daybook("append", store: "hub", input: later).status == 0)
    #expect(try csat(scratch, "hub") == ["1 0.00"])
  }

  @Test("A replica without the role is told so, and the owner's grant mends it")
  func granting() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    #expect(try scratch.daybook("init", "--join", scratch.path("hub"), store: "till").status == 0)
    #expect(try scratch.daybook("append", store: "hub", input: survey).status == 0)
    #expect(try scratch.daybook("sync", scratch.path("hub"), store: "till").status == 0)
    let listed = try scratch.daybook("events", "--ndjson", store: "till")
    let event = try #require(try listed.objects().first?["event"] as? String)
    let refused = try scratch.daybook("retract", event, "--json", store: "till")
    #expect(refused.status == 2)
    #expect(try refused.error()["code"] as? String == "not_granted")
    let replicas = try scratch.daybook("replicas", "--json", store: "till").document()["replicas"]
    let till = try #require(
      (replicas as? [[String: Any]])?.first { $0["this"] as? Bool == true })
    #expect(till["roles"] as? [String] == ["append"])
    let key = try #require(till["key"] as? String)
    let grant = try scratch.daybook("replicas", "grant", key, "--roles", "configure", store: "hub")
    #expect(grant.status == 0)
    #expect(try scratch.daybook("sync", scratch.path("hub"), store: "till").status == 0)
    #expect(try scratch.daybook("retract", event, store: "till").status == 0)
    #expect(try scratch.daybook("sync", scratch.path("hub"), store: "till").status == 0)
    #expect(try csat(scratch, "hub").filter { !$0.hasPrefix("0 ") } == [])
    let unknown = try scratch.daybook("replicas", "revoke", "ffff", "--from", "1", store: "hub")
    #expect(unknown.status == 1)
  }
}
