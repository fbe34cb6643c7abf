internal import Foundation
internal import Testing

@Suite("Erasing")
struct ErasureTests {
  private func survey(_ id: String, _ email: String, time: String = "2026-03-04T05:06:07Z")
    -> String
  {
    """
    {"specversion":"1.0","id":"\(id)","source":"forms","type":"survey.answered",\
    "time":"\(time)","channel":"email","data":{"survey":"csat","rating":1,\
    "note":"call \(email)","identifiers":["email:\(email)"]}}

    """
  }

  @Test("A person is looked up, erased, and met again without being shown")
  func erased() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    let messages = survey("1", "ana@example.com") + survey("2", "bo@example.com")
    try scratch.write("messages.ndjson", messages)
    #expect(try scratch.daybook("append", store: "hub", input: messages).status == 0)
    let look = ["erase", "email:ana@example.com", "--dry-run", "--json"]
    let preview = try DaybookProcess.run(look + ["--store", scratch.path("hub")]).document()
    #expect(preview["sections"] as? Int == 1)
    #expect(preview["dry_run"] as? Bool == true)
    let done = try scratch.daybook(
      "erase", "email:ana@example.com", "--reason", "asked", "--request-id", "R-1", "--json",
      store: "hub")
    #expect(done.status == 0)
    let receipt = try done.document()
    #expect(receipt["physical"] as? String == "pending")
    #expect(receipt["hidden"] as? Bool == true)
    #expect((receipt["acknowledged_by"] as? [String])?.count == 1)
    #expect(!done.output.contains("ana"))
    let erasure = try #require((receipt["erasures"] as? [String])?.first)

    for arguments in [["events", "--all", "--ndjson"], ["events"], ["events", "--format", "csv"]] {
      let shown = try DaybookProcess.run(arguments + ["--store", scratch.path("hub")])
      #expect(shown.status == 0)
      #expect(!shown.output.contains("ana@"))
    }
    let first = try #require(
      try scratch.daybook("events", "--ndjson", store: "hub").objects().first?["event"] as? String)
    let event = try scratch.daybook("event", first, "--json", store: "hub").document()
    let gone = try #require(event["erased"] as? [[String: Any]])
    #expect(gone.map { $0["section"] as? Int } == [1])
    #expect(gone.map { $0["erasure"] as? String } == [erasure])
    #expect(try scratch.daybook("profile", "email:ana@example.com", store: "hub").status == 1)
    let again = try scratch.daybook(
      "import", "messages.ndjson", "--format", "cloudevents", "--json", store: "hub")
    let counts = try again.document()
    #expect(counts["erased"] as? Int == 1)
    #expect(counts["duplicates"] as? Int == 1)
    #expect(counts["appended"] as? Int == 0)
    let late = try scratch.daybook(
      "append", "--ndjson", store: "hub", input: survey("3", "ana@example.com")
    ).objects()
    #expect(late.first?["result"] as? String == "erased")
    #expect(late.first?["event"] is String)
    let back = try scratch.daybook(
      "append", "--ndjson", store: "hub",
      input: survey("4", "ana@example.com", time: "2999-01-01T00:00:00Z")
    ).objects()
    #expect(back.first?["result"] as? String == "appended")
    #expect(try scratch.daybook("profile", "email:ana@example.com", store: "hub").status == 0)
    #expect(try scratch.daybook("replay", "--compare", store: "hub").status == 0)
    #expect(try scratch.daybook("verify", store: "hub").status == 0)
  }

  @Test("What cannot be done is refused with a word for it")
  func refused() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    let input = survey("1", "ana@example.com")
    #expect(try scratch.daybook("append", store: "hub", input: input).status == 0)
    let ana = "email:ana@example.com"
    let now = try scratch.daybook("erase", ana, "--dry-run", "--now", store: "hub")
    #expect(now.status == 2)
    #expect(now.errors.contains("leave --now out"))
    #expect(try scratch.daybook("erase", ana, store: "hub").status == 2)
    let nobody = try scratch.daybook("erase", "user:nobody-here", "--reason", "r", store: "hub")
    #expect(nobody.status == 1)
    #expect(!nobody.errors.contains("nobody-here"))
    let said = try scratch.daybook(
      "erase", ana, "--reason", "ana@example.com asked", "--json", store: "hub")
    #expect(said.status == 2)
    #expect(try said.error()["code"] as? String == "bad_request")

    #expect(try scratch.daybook("init", "--join", scratch.path("hub"), store: "till").status == 0)
    let secret = scratch.directory.appendingPathComponent("till/keys/book").path
    let mode = try FileManager.default.attributesOfItem(atPath: secret)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try scratch.daybook("sync", scratch.path("hub"), store: "till").status == 0)
    let role = try scratch.daybook("erase", ana, "--reason", "r", "--json", store: "till")
    #expect(try role.error()["code"] as? String == "not_granted")
    try FileManager.default.removeItem(atPath: scratch.path("hub/keys/book"))
    let missing = try scratch.daybook("erase", ana, "--reason", "r", "--json", store: "hub")
    #expect(missing.status == 2)
    #expect(try missing.error()["code"] as? String == "no_book_secret")
  }

  @Test("Bytes leave the disk at once, or with the next compaction, and the receipt says which")
  func removed() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    let people = ["ana", "bo", "cy"].map { "\($0)@example.com" }
    let messages = people.enumerated().map { survey("\($0)", $1) }.joined()
    #expect(try scratch.daybook("append", store: "hub", input: messages).status == 0)
    let later = try scratch.daybook(
      "erase", "email:ana@example.com", "email:bo@example.com", "--reason", "asked", "--json",
      store: "hub"
    ).document()
    #expect(later["physical"] as? String == "pending")
    #expect(later["deadline"] as? String != nil)
    #expect(later["sections"] as? Int == 2)
    #expect((later["erasures"] as? [String])?.count == 1)
    #expect(try scratch.holds("ana@example.com", in: "hub"))
    let stats = try scratch.daybook("stats", "--json", store: "hub").document()
    #expect(stats["pending_sections"] as? Int == 2)
    let compact = try scratch.daybook("compact", "--json", store: "hub").document()
    #expect(compact["removed_sections"] as? Int == 2)
    #expect(compact["pending_sections"] as? Int == 0)
    #expect(try !scratch.holds("ana@example.com", in: "hub"))
    let now = try scratch.daybook(
      "erase", "email:cy@example.com", "--reason", "asked", "--now", "--json", store: "hub"
    ).document()
    #expect(now["physical"] as? String == "removed")
    #expect(now["deadline"] is NSNull)
    #expect(try !scratch.holds("cy@example.com", in: "hub"))
    #expect(try scratch.daybook("verify", store: "hub").status == 0)
    let missing = try scratch.daybook(
      "erase", "email:cy@example.com", "user:x", "--reason", "r", store: "hub")
    #expect(missing.status == 1)
    #expect(missing.errors.contains("person 1 of 2"))
  }

  @Test("An erasure reaches another replica with the next sync")
  func synced() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    #expect(try scratch.daybook("init", "--join", scratch.path("hub"), store: "till").status == 0)
    #expect(try scratch.daybook("sync", scratch.path("hub"), store: "till").status == 0)
    let own = survey("1", "ana@example.com")
    #expect(try scratch.daybook("append", store: "till", input: own).status == 0)
    let other = survey("2", "ana@example.com")
    #expect(try scratch.daybook("append", store: "hub", input: other).status == 0)
    let erased = try scratch.daybook(
      "erase", "email:ana@example.com", "--reason", "asked", store: "hub")
    #expect(erased.status == 0)
    #expect(erased.output.contains("pending"))
    let sync = try scratch.daybook("sync", scratch.path("hub"), "--json", store: "till")
    #expect(sync.status == 0, "\(sync.output)")
    for store in ["hub", "till"] {
      let listed = try scratch.daybook("events", "--all", "--ndjson", store: store)
      #expect(!listed.output.contains("ana@"))
      #expect(listed.output.contains("erasure.acknowledged"))
    }
  }
}
