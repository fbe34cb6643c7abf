internal import ArgumentParser
internal import Foundation

/// `daybook demo`.
struct DemoCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Play the whole story on made-up samples: three replicas become one.",
    discussion: """
      A shop's hub, a till without network and a telephone without signal each record some of \
      one customer's story. Then they sync, and all three know the same. Real stores are made \
      in a temporary directory and removed afterwards, unless --keep names one. Exits 1 if the \
      replicas do not agree in the end.

      Examples:
        daybook demo
        daybook demo --keep ./marina && daybook timeline loyalty:L-5501 --store ./marina/till
      """)

  @Option(
    help: ArgumentHelp("Put the stores and samples here and keep them.", valueName: "DIR"))
  var keep: String?

  mutating func perform(on console: Console) throws -> ExitStatus {
    if let keep {
      let directory = keep.withoutTrailingSlashes
      try Self.requireFree(directory)
      return try play(in: directory, on: console)
    }
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("daybook-demo-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    return try play(in: directory.path, on: console)
  }

  private func play(in directory: String, on console: Console) throws -> ExitStatus {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw CommandError(
        code: "permission_denied", "the directory cannot be made; name one where you may write",
        at: directory, status: .usage)
    }
    var story = DemoStory(directory: directory, console: console)
    return try story.tell(isKept: keep != nil)
  }

  private static func requireFree(_ directory: String) throws {
    let contents = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    guard contents.isEmpty else {
      throw CommandError(
        code: "bad_request", "the directory is not empty; name a new one", at: directory,
        status: .usage)
    }
  }
}
