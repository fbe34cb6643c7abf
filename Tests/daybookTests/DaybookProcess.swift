internal import Foundation
internal import Testing

/// Runs the built `daybook` as a process of its own, as a script would.
struct DaybookProcess {
  /// What a run left behind.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// The lines of the output.
    var lines: [Substring] { output.split(separator: "\n") }

    /// The output as a JSON object.
    func document() throws -> [String: Any] {
      try #require(
        try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }

    /// Each line of the output as a JSON object.
    func objects() throws -> [[String: Any]] {
      try lines.map { line in
        try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
    }

    /// The error that was reported as JSON.
    func error() throws -> [String: Any] {
      let whole = try #require(
        try JSONSerialization.jsonObject(with: Data(errors.utf8)) as? [String: Any])
      return try #require(whole["error"] as? [String: Any])
    }
  }

  /// The binary, which is built beside the bundle of tests.
  static let binary: URL = {
    let here = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    var directory = here.deletingLastPathComponent()
    while directory.path != "/" {
      let candidate = directory.appendingPathComponent("daybook")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      directory = directory.deletingLastPathComponent()
    }
    return URL(fileURLWithPath: ".build/debug/daybook")
  }()

  /// Runs `daybook` with `arguments` and waits for its end.
  ///
  /// - Parameters:
  ///   - arguments: The arguments.
  ///   - input: What it reads from standard input.
  ///   - environment: Variables beside those that keep the output plain.
  ///   - directory: Where it runs.
  /// - Returns: Its status and what it wrote.
  /// - Throws: What starting a process throws.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    in directory: URL? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = binary
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.environment = ["NO_COLOR": "1", "COLUMNS": "80", "PATH": "/usr/bin:/bin"]
      .merging(environment) { $1 }
    // Files take any amount without anybody reading meanwhile.
    let scratch = try Scratch()
    let inputFile = try scratch.write("stdin", input)
    let outputFile = try scratch.write("stdout", "")
    let errorFile = try scratch.write("stderr", "")
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: try String(contentsOf: outputFile, encoding: .utf8),
      errors: try String(contentsOf: errorFile, encoding: .utf8))
  }
}

/// A directory of one test, gone when the test is.
final class Scratch {
  let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("daybook-test-\(UUID().uuidString)").resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// The path of `name` in the directory.
  func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

  /// Writes a file and returns where it is.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> URL {
    let file = directory.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file
  }

  /// Whether a file of a store holds this text as it is.
  func holds(_ text: String, in store: String) throws -> Bool {
    let root = directory.appendingPathComponent(store)
    for name in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
      let data = try? Data(contentsOf: root.appendingPathComponent(name))
      if data?.range(of: Data(text.utf8)) != nil { return true }
    }
    return false
  }

  /// Runs `daybook` on the store `store` in the directory.
  func daybook(
    _ arguments: String..., store: String = "store", input: String = ""
  ) throws -> DaybookProcess.Outcome {
    try DaybookProcess.run(
      arguments, input: input, environment: ["DAYBOOK_STORE": path(store)], in: directory)
  }

  /// Makes a book in `store`.
  func makeStore(_ store: String = "store") throws {
    let made = try daybook("init", store: store)
    try #require(made.status == 0, "\(made.errors)")
  }
}
