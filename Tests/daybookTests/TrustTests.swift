internal import Foundation
internal import Testing

@Suite("Joining, and what is proved of others")
struct TrustTests {
  private func join(_ scratch: Scratch, _ name: String, _ options: String...) throws
    -> DaybookProcess.Outcome
  {
    try DaybookProcess.run(
      ["init", "--join", scratch.path("hub"), "--json"] + options,
      environment: ["DAYBOOK_STORE": scratch.path(name)], in: scratch.directory)
  }

  @Test("What a new replica writes counts in its own answers at once, without another sync")
  func firstSync() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    #expect(try scratch.daybook("append", store: "hub", input: Messages.lines(3)).status == 0)
    let made = try join(scratch, "till")
    #expect(made.status == 0)
    #expect(made.errors == "")
    let document = try made.document()
    // Three events and the grant.
    #expect(document["received"] as? Int == 4)
    #expect(document["granted"] as? Bool == true)
    #expect(document["label"] as? String == "till")
    let message = Messages.cloudEvent("t-1", user: "only-here")
    #expect(try scratch.daybook("append", store: "till", input: message + "\n").status == 0)
    #expect(try scratch.daybook("profile", "user:only-here", store: "till").status == 0)
    #expect(try scratch.daybook("profile", "user:u-1", store: "till").status == 0)
  }

  @Test("Without rights to grant, a replica is made all the same and copies what is there")
  func ungranted() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    #expect(try scratch.daybook("append", store: "hub", input: Messages.lines(3)).status == 0)
    #expect(try join(scratch, "till").status == 0)
    let made = try scratch.daybook("init", "--join", scratch.path("till"), "--json", store: "kiosk")
    #expect(made.status == 0)
    #expect(try made.document()["granted"] as? Bool == false)
    #expect(made.errors.contains("replicas grant"))
    #expect(try scratch.daybook("profile", "user:u-1", store: "kiosk").status == 0)
    for arguments in [["--roles", "append"], ["--invitation", "X"]] {
      let alone = try DaybookProcess.run(
        ["init"] + arguments, environment: ["DAYBOOK_STORE": scratch.path("alone")])
      #expect(alone.status == 2)
      #expect(alone.errors.contains("--join"))
    }
  }

  @Test("An invitation lets one device in, and is then used up")
  func invitation() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    let invited = try scratch.daybook(
      "replicas", "invite", "--roles", "append,identity", "--expires", "2h", "--json", store: "hub")
    #expect(invited.status == 0)
    let document = try invited.document()
    #expect(document["roles"] as? [String] == ["append", "identity"])
    let code = try #require(document["code"] as? String)
    #expect(
      document.keys.sorted() == ["book", "code", "expires", "invitation", "roles"])
    let made = try join(scratch, "till", "--invitation", code.lowercased())
    #expect(made.status == 0, "\(made.errors)")
    #expect(try made.document()["granted"] as? Bool == true)
    #expect(try scratch.daybook("append", store: "till", input: Messages.lines(1)).status == 0)
    #expect(try scratch.daybook("profile", "user:u-1", store: "till").status == 0)

    for (name, wrong, word) in [
      ("again", code, "used"), ("typo", String(code.dropLast()) + "*", "damaged"),
    ] {
      let refused = try join(scratch, name, "--invitation", wrong)
      #expect(refused.status == 2)
      let error = try refused.error()
      #expect(error["code"] as? String == "bad_invitation")
      #expect((error["message"] as? String)?.contains(word) == true)
      // A code is a secret, also a mistyped one.
      #expect(!refused.errors.contains(code.prefix(20)))
      #expect(!FileManager.default.fileExists(atPath: scratch.path(name)))
    }
    let kept = FileManager.default
    let attributes = try kept.attributesOfItem(atPath: scratch.path("hub/keys/invitations"))
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  @Test("Invitations are listed and withdrawn by name")
  func withdrawing() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    let code = try #require(
      try scratch.daybook("replicas", "invite", store: "hub").lines.first.map(String.init))
    let listed = try scratch.daybook("replicas", "invite", "--list", "--ndjson", store: "hub")
    let name = try #require(try listed.objects().first?["invitation"] as? String)
    #expect(!listed.output.contains(code))
    #expect(
      try scratch.daybook("replicas", "invite", "--withdraw", name, store: "hub").status == 0)
    #expect(
      try scratch.daybook("replicas", "invite", "--list", "--ndjson", store: "hub").output == "")
    #expect(try join(scratch, "till", "--invitation", code).status == 2)
    let again = try scratch.daybook("replicas", "invite", "--withdraw", name, store: "hub")
    #expect(again.status == 1)
    let odd = try scratch.daybook("replicas", "invite", "--expires", "soon", store: "hub")
    #expect(odd.status == 2)
  }

  @Test("A copied store says once that it goes on under a new incarnation")
  func copied() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    #expect(try scratch.daybook("append", store: "hub", input: Messages.lines(2)).status == 0)
    try FileManager.default.copyItem(
      atPath: scratch.path("hub"), toPath: scratch.path("copy"))
    let first = try scratch.daybook("stats", "--json", store: "copy")
    #expect(first.status == 0)
    #expect(first.errors.contains("incarnation"))
    #expect(first.errors.split(separator: "\n").count == 1)
    #expect(try scratch.daybook("stats", "--json", store: "copy").errors == "")
    #expect(try scratch.daybook("stats", "--json", store: "hub").errors == "")
  }

  /// Puts back what a store held, but not the file by which it knows its place.
  private func restore(_ store: String, from saved: String) throws {
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: store) where name != "LOCK" {
      try files.removeItem(atPath: store + "/" + name)
    }
    for name in try files.contentsOfDirectory(atPath: saved) where name != "LOCK" {
      try files.copyItem(atPath: saved + "/" + name, toPath: store + "/" + name)
    }
  }

  @Test("A fork is reported by sync, replicas and verify, is no damage, and all others go on")
  func forked() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    let origin = try #require(try join(scratch, "till").document()["origin"] as? String)
    #expect(try scratch.daybook("append", store: "till", input: Messages.lines(2)).status == 0)
    try FileManager.default.copyItem(
      atPath: scratch.path("till"), toPath: scratch.path("saved"))
    func append(_ id: String) throws {
      let line = Messages.cloudEvent(id, user: id) + "\n"
      #expect(try scratch.daybook("append", store: "till", input: line).status == 0)
    }
    try append("one")
    #expect(try scratch.daybook("sync", scratch.path("hub"), store: "till").status == 0)
    try restore(scratch.path("till"), from: scratch.path("saved"))
    try append("other")
    let synced = try scratch.daybook("sync", scratch.path("hub"), "--json", store: "till")
    #expect(synced.status == 1)
    #expect(try synced.document()["forked_origins"] as? [String] == [origin])
    #expect(synced.errors.contains(origin))

    for store in ["hub", "till"] {
      let replicas = try scratch.daybook("replicas", "--json", store: store).document()
      let standings = try #require(replicas["replicas"] as? [[String: Any]])
      let forked = standings.filter { $0["forked"] as? Bool == true }
      #expect(forked.map { $0["origin"] as? String } == [origin])
      #expect(forked.first?["heads"] as? [Int] == [3, 3])
      let verified = try scratch.daybook("verify", "--json", store: store)
      #expect(verified.status == 0)
      let report = try verified.document()
      #expect(report["sound"] as? Bool == true)
      #expect((report["heads"] as? Int ?? 0) >= 2)
      let forks = try #require(report["forks"] as? [[String: Any]])
      #expect(forks.map { $0["origin"] as? String } == [origin])
      let lines = try scratch.daybook("verify", store: store).lines
      #expect(lines.filter { $0.contains("forked") }.count == 1)
      #expect(try scratch.daybook("replicas", store: store).output.contains("forked"))
    }

    // What is written from now on, under another origin, arrives.
    try append("third")
    let people = try scratch.daybook("sync", scratch.path("hub"), store: "till")
    #expect(people.status == 1)
    #expect(people.output.contains("forked"))
    #expect(people.output.contains("daybook help replicas"))
    #expect(try scratch.daybook("profile", "user:third", store: "hub").status == 0)
    #expect(try scratch.daybook("profile", "user:other", store: "hub").status == 1)
    // What the help says to do with the rest.
    let export = try scratch.daybook("events", "--format", "cloudevents", store: "till")
    #expect(try scratch.daybook("append", store: "hub", input: export.output).status == 0)
    #expect(try scratch.daybook("profile", "user:other", store: "hub").status == 0)
  }
}
