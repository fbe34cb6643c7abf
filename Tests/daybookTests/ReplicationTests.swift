internal import Foundation
internal import Testing

@Suite("Replicating and proving")
struct ReplicationTests {
  @Test("Replicas that were apart hold the same after syncing, whoever starts")
  func syncing() throws {
    let scratch = try Scratch()
    try scratch.makeStore("hub")
    for name in ["till", "phone"] {
      #expect(try scratch.daybook("init", "--join", scratch.path("hub"), store: name).status == 0)
    }
    for (index, name) in ["hub", "till", "phone"].enumerated() {
      let generated = try DaybookProcess.run(
        ["generate", "--events", "120", "--seed", "\(index)", "--customers", "5"])
      #expect(try scratch.daybook("append", store: name, input: generated.output).status == 0)
    }
    for (own, peer) in [("till", "hub"), ("hub", "phone"), ("hub", "till")] {
      let report = try scratch.daybook("sync", scratch.path(peer), "--json", store: own)
      #expect(report.status == 0)
      let document = try report.document()
      #expect(document["in_sync"] as? Bool == true)
      #expect(document["projections_agree"] as? Bool == true)
    }
    let digests = try ["hub", "till", "phone"].map {
      try scratch.daybook("digest", "--json", store: $0).output
    }
    #expect(Set(digests).count == 1)
    let again = try scratch.daybook("sync", scratch.path("hub"), "--json", store: "phone")
    #expect(try again.document()["path"] as? String == "equal")
    for name in ["hub", "till", "phone"] {
      #expect(try scratch.daybook("replay", "--compare", store: name).status == 0)
      #expect(try scratch.daybook("verify", store: name).status == 0)
    }
  }

  @Test("A store of another book is refused with exit 5, and nothing is exchanged")
  func otherBook() throws {
    let scratch = try Scratch()
    try scratch.makeStore("ours")
    try scratch.makeStore("theirs")
    #expect(try scratch.daybook("append", store: "theirs", input: Messages.lines(3)).status == 0)
    let outcome = try scratch.daybook("sync", scratch.path("theirs"), "--json", store: "ours")
    #expect(outcome.status == 5)
    #expect(try outcome.error()["code"] as? String == "other_book")
    #expect(try scratch.daybook("events", "--ndjson", store: "ours").output == "")
  }

  @Test("A store that is open elsewhere is not opened")
  func storeInUse() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let holder = Process()
    let input = Pipe()
    let output = Pipe()
    holder.executableURL = DaybookProcess.binary
    holder.arguments = ["append", "--ndjson", "--store", scratch.path("store")]
    holder.standardInput = input
    holder.standardOutput = output
    try holder.run()
    // Its acknowledgement shows that it has the store open and now waits for more.
    try input.fileHandleForWriting.write(contentsOf: Data(Messages.lines(1).utf8))
    #expect(try #require(try output.fileHandleForReading.read(upToCount: 1)).count == 1)
    let outcome = try scratch.daybook("stats", "--json")
    #expect(outcome.status == 2)
    #expect(try outcome.error()["code"] as? String == "store_in_use")
    try input.fileHandleForWriting.close()
    holder.waitUntilExit()
    #expect(holder.terminationStatus == 0)
    #expect(try scratch.daybook("stats", "--json").status == 0)
  }

  @Test("Damage in a segment or log is found by verify with its extent, exit 4")
  func damage() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let generated = try DaybookProcess.run(["generate", "--events", "500"])
    #expect(try scratch.daybook("append", input: generated.output).status == 0)
    let log = scratch.directory.appendingPathComponent("store/log")
    let names = try FileManager.default.contentsOfDirectory(atPath: log.path).sorted()
    let file = log.appendingPathComponent(
      try #require(names.first { $0.hasSuffix(".seg") || $0.hasPrefix("wal") }))
    var bytes = try Data(contentsOf: file)
    let middle = bytes.count / 4
    bytes[middle] ^= 0x10
    try bytes.write(to: file)
    let outcome = try scratch.daybook("verify", "--json")
    #expect(outcome.status == 4)
    #expect(outcome.output.contains(file.lastPathComponent))
  }

  @Test("A manifest of another version is refused with what to do")
  func otherVersion() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: scratch.path("store"))
    where name.hasPrefix("MANIFEST") {
      try Data("not a manifest of this version".utf8)
        .write(to: URL(fileURLWithPath: scratch.path("store/\(name)")))
    }
    let outcome = try scratch.daybook("stats", "--json")
    #expect([2, 4].contains(outcome.status))
    let code = try outcome.error()["code"] as? String
    #expect(["store_version", "store_damaged"].contains(code))
  }

  @Test("inspect describes each file of a store and shows nothing personal")
  func inspecting() throws {
    let scratch = try Scratch()
    try scratch.makeStore()
    let input = Messages.cloudEvent("m-1", user: "very-personal-name") + "\n"
    #expect(try scratch.daybook("append", input: input).status == 0)
    let log = try FileManager.default.contentsOfDirectory(atPath: scratch.path("store/log"))
    let files =
      ["store/MANIFEST"] + log.sorted().filter { $0.hasPrefix("wal") }.map { "store/log/\($0)" }
    for file in files {
      let outcome = try scratch.daybook("inspect", scratch.path(file))
      #expect(outcome.status == 0, "\(file): \(outcome.errors)")
      #expect(!outcome.output.isEmpty)
      #expect(!outcome.output.contains("very-personal-name"))
    }
  }
}

@Suite("Demo")
struct DemoTests {
  @Test("The demo ends well, and the stores it keeps agree")
  func demo() throws {
    let scratch = try Scratch()
    let outcome = try DaybookProcess.run(
      ["demo", "--keep", scratch.path("marina")], in: scratch.directory)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Lena Ortiz"))
    let digests = try ["hub", "till", "phone"].map {
      try scratch.daybook("digest", "--json", store: "marina/\($0)").output
    }
    #expect(Set(digests).count == 1)
    let timeline = try scratch.daybook(
      "timeline", "loyalty:L-5501", "--ndjson", store: "marina/till")
    let channels = Set(try timeline.objects().compactMap { $0["channel"] as? String })
    #expect(channels.isSuperset(of: ["web", "mobile", "store", "social", "email", "phone"]))
  }
}
