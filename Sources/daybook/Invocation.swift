internal import ArgumentParser

/// A command of Daybook: it says by its result how it ended and throws what it could not do.
protocol DaybookCommand: ParsableCommand {
  /// Does the work.
  ///
  /// - Parameter console: Where data and remarks go.
  /// - Returns: How it ended; ``ExitStatus/done`` unless the answer is "no" or input was refused.
  /// - Throws: ``CommandError``, or an error of the library that ``CommandError`` translates.
  mutating func perform(on console: Console) throws -> ExitStatus
}

/// One run of the program, from its arguments to its exit status.
struct Invocation {
  /// The arguments without the program's name.
  let arguments: [String]
  /// Where data and remarks go.
  let console: Console

  /// Parses and performs the command and reports what goes wrong.
  ///
  /// - Returns: The process's exit status.
  func run() -> ExitStatus {
    do {
      let status = try parseAndPerform()
      try console.output.flush()
      return status
    } catch is ClosedPipe {
      return .done
    } catch {
      return end(with: error)
    }
  }

  private func parseAndPerform() throws -> ExitStatus {
    var command = try Daybook.parseAsRoot(Self.movingOptionsBack(arguments))
    if var command = command as? any DaybookCommand { return try command.perform(on: console) }
    try command.run()
    return .done
  }

  /// The arguments with the options that stand before the command put behind everything, where the
  /// parser looks for them.
  static func movingOptionsBack(_ arguments: [String]) -> [String] {
    var rest = arguments[...]
    var options: [String] = []
    while let first = rest.first {
      if first == "--store", rest.count > 1 {
        options += rest.prefix(2)
        rest = rest.dropFirst(2)
      } else if first.hasPrefix("--store=") || first == "--json" || first == "--ndjson" {
        options.append(first)
        rest = rest.dropFirst()
      } else {
        break
      }
    }
    guard let terminator = rest.firstIndex(of: "--") else { return rest + options }
    return rest[..<terminator] + options + rest[terminator...]
  }

  /// Ends with what the argument parser asked for (help, version, a usage error) or with an error.
  private func end(with error: any Error) -> ExitStatus {
    let code = Daybook.exitCode(for: error)
    if code.isSuccess {
      console.output.line(Daybook.fullMessage(for: error))
      // A reader who has gone away has read enough help.
      try? console.output.flush()
      return .done
    }
    let failure =
      code == .validationFailure ? usageError(Daybook.message(for: error)) : CommandError(error)
    console.report(failure, asJSON: arguments.contains("--json") || arguments.contains("--ndjson"))
    return failure.status
  }

  private func usageError(_ message: String) -> CommandError {
    let names = Daybook.configuration.subcommands.map { $0.configuration.commandName ?? "" }
    let help = arguments.first { names.contains($0) }.map { "daybook help \($0)" }
    let line = message.split(separator: "\n").first ?? "wrong usage"
    return CommandError(
      code: "usage", "\(line); see '\(help ?? "daybook help")'", status: .usage)
  }
}
