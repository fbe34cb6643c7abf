internal import Foundation
internal import Testing

/// Help is documentation: every word of it is a snapshot in `Snapshots`. To change one on purpose,
/// run the tests with `DAYBOOK_REGENERATE_SNAPSHOTS=1` and read the difference.
@Suite("Help")
struct HelpTests {
  static let commands = [
    "init", "append", "import", "dead-letters", "formats", "events", "event", "profile",
    "timeline", "metrics", "stats", "digest", "sync", "replicas", "retract", "correct", "redact",
    "erase", "documents",
    "replay", "verify", "inspect", "demo",
    "generate", "doctor", "completions",
  ]

  @Test("Each command's help is as its snapshot says", arguments: commands)
  func commandHelp(command: String) throws {
    try expectSnapshot("help-\(command).txt", of: ["help", command])
  }

  @Test("The root command's help is as its snapshot says")
  func rootHelp() throws {
    try expectSnapshot("help.txt", of: ["help"])
  }

  @Test("Help of a command and its --help are the same", arguments: ["init", "events", "sync"])
  func helpOption(command: String) throws {
    let asked = try DaybookProcess.run([command, "--help"])
    #expect(asked.output == (try DaybookProcess.run(["help", command])).output)
    #expect(asked.status == 0)
  }

  @Test("Each command's help has an example", arguments: commands)
  func example(command: String) throws {
    let help = try DaybookProcess.run(["help", command]).output
    #expect(help.contains("daybook \(command)"))
    #expect(help.contains("Example"))
  }

  @Test("Completions are written for each shell", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let script = try DaybookProcess.run(["completions", shell])
    #expect(script.status == 0)
    #expect(script.output.contains("dead-letters"))
  }

  private func expectSnapshot(_ name: String, of arguments: [String]) throws {
    let outcome = try DaybookProcess.run(arguments)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let snapshot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Snapshots").appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["DAYBOOK_REGENERATE_SNAPSHOTS"] == "1" {
      try Data(outcome.output.utf8).write(to: snapshot)
    }
    let expected = try String(contentsOf: snapshot, encoding: .utf8)
    #expect(outcome.output == expected)
  }
}
