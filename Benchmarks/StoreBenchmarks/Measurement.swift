internal import Foundation

/// Measures a store from within one process, for `tools/bench`: each command prints one line of
/// JSON. Times are in microseconds unless their names say otherwise.
@main
enum Measurement {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard let command = arguments.first else { return fail("no command") }
    do {
      try await run(command, Array(arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(_ command: String, _ rest: [String]) async throws {
    switch (command, rest.count) {
    case ("sync", 2): try measureSyncs(in: rest[0], seconds: try number(rest[1]))
    case ("append", 4):
      try await measureAppends(
        to: rest[0], writers: try number(rest[1]), batch: try number(rest[2]),
        seconds: try number(rest[3]))
    case ("interference", 3):
      try await measureInterference(
        in: rest[0], segments: try number(rest[1]), seconds: try number(rest[2]))
    case ("open", 2): try measureOpening(rest[0], rounds: try number(rest[1]))
    case ("points", 2): try measurePoints(rest[0], rounds: try number(rest[1]))
    case ("identifiers", 3):
      try measureIdentifiers(rest[0], names: rest[1], limit: try number(rest[2]))
    case ("scan", 1): try measureScan(rest[0])
    case ("count", 2): try measureCount(rest[0], rounds: try number(rest[1]))
    default: fail("unknown command or number of arguments")
    }
  }

  private static func fail(_ problem: String) {
    FileHandle.standardError.write(
      Data(
        """
        \(problem); one of
          sync FILE SECONDS, append STORE WRITERS BATCH SECONDS,
          interference STORE SEGMENTS SECONDS, open STORE ROUNDS, points STORE ROUNDS,
          identifiers STORE FILE LIMIT, scan STORE, count STORE ROUNDS\n
        """.utf8))
    exit(2)
  }

  private static func number(_ text: String) throws -> Int {
    guard let number = Int(text), number > 0 else { throw Malformed(argument: text) }
    return number
  }

  private struct Malformed: Error { let argument: String }

  /// Prints a result.
  static func report(_ fields: [String: Double]) {
    let inner = fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    print("{" + inner.joined(separator: ",") + "}")
  }

  /// Microseconds of some percentile.
  static func percentile(_ durations: [Duration], _ percent: Int) -> Double {
    let sorted = durations.sorted()
    guard !sorted.isEmpty else { return 0 }
    return microseconds(sorted[min(sorted.count - 1, sorted.count * percent / 100)])
  }

  static func microseconds(_ duration: Duration) -> Double {
    (duration / .microseconds(1) * 10).rounded() / 10
  }
}
