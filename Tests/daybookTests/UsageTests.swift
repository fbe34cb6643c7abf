internal import Foundation
internal import Testing

@Suite("Usage")
struct UsageTests {
  @Test(
    "Wrong usage exits 2 with one line on standard error",
    arguments: [
      ["nonsense"], ["events", "--nonsense"], ["events", "--limit", "many"],
      ["events", "--since", "yesterday"], ["event", "no-dot"], ["profile", "lena"],
      ["metrics", "smiles"], ["metrics", "nps", "--by", "weather"], ["import"],
      ["import", "file.csv", "--format", "csv"], ["import", "x", "--map", "m.yaml"],
      ["append", "--format", "csv", "--map", "m.yaml"], ["timeline", "user:u", "--limit", "0"],
      ["sync", "grpc://hub:7070"], ["completions", "tcsh"], ["generate", "--events", "-1"],
    ])
  func wrongUsage(arguments: [String]) throws {
    let outcome = try DaybookProcess.run(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.errors.hasPrefix("daybook: "))
    #expect(outcome.errors.contains("daybook help"))
  }

  @Test("With --json a usage error is an object")
  func usageErrorAsJSON() throws {
    let outcome = try DaybookProcess.run(["events", "--json", "--limit", "many"])
    #expect(outcome.status == 2)
    let error = try outcome.error()
    #expect(error["code"] as? String == "usage")
    #expect(error["message"] is String)
    #expect(error.keys.sorted() == ["code", "location", "message"])
  }

  @Test(
    "Every command that needs a store says how to make one",
    arguments: [
      ["append"], ["import", "-"], ["events"], ["event", "ab/1"], ["profile", "user:u-1"],
      ["timeline", "user:u-1"], ["metrics"], ["stats"], ["digest"], ["replay"], ["verify"],
      ["sync", "elsewhere"], ["dead-letters"],
    ])
  func noStore(arguments: [String]) throws {
    let scratch = try Scratch()
    let outcome = try DaybookProcess.run(
      arguments + ["--store", scratch.path("none")], in: scratch.directory)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("daybook init"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("A missing store is an error object for scripts")
  func noStoreAsJSON() throws {
    let scratch = try Scratch()
    let outcome = try scratch.daybook("stats", "--json", store: "none")
    let error = try outcome.error()
    #expect(error["code"] as? String == "no_store")
    #expect(error["location"] as? String == scratch.path("none"))
  }

  @Test("The version is printed and nothing else")
  func version() throws {
    let outcome = try DaybookProcess.run(["--version"])
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
    #expect(outcome.output.first?.isNumber == true)
  }

  @Test("The store is named by option, environment or default, in this order")
  func storePrecedence() throws {
    let scratch = try Scratch()
    try scratch.makeStore("one")
    try scratch.makeStore("daybook-store")
    #expect(try scratch.daybook("append", store: "one", input: Messages.lines(2)).status == 0)
    let named = try scratch.daybook("events", "--ndjson", "--store", "one", store: "none")
    #expect(named.lines.count == 2)
    let before = try DaybookProcess.run(
      ["--store", "one", "--ndjson", "events"], in: scratch.directory)
    #expect(before.output == named.output)
    let variable = try scratch.daybook("events", "--ndjson", store: "one")
    #expect(variable.output == named.output)
    let standard = try DaybookProcess.run(["events", "--ndjson"], in: scratch.directory)
    #expect(standard.status == 0)
    #expect(standard.output == "")
  }
}
