internal import ArgumentParser
internal import EventModel
internal import Foundation
internal import ImportFiles
internal import InteractionLog

/// `daybook dead-letters retry`.
struct DeadLettersRetryCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Take in refused messages after all; those that are accepted leave the list.",
    discussion: """
      After an update, or with a better mapping, what was refused may be understood. One \
      message can be repaired by hand: give the repaired text in a file. What still cannot be \
      accepted stays, and the exit code is 3.

      Examples:
        daybook dead-letters retry
        daybook dead-letters retry --map better.yaml
        daybook dead-letters retry 3 --repaired fixed.json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The letters' numbers; all of them when left out.", valueName: "N"))
  var numbers: [UInt64] = []

  @Option(
    help: ArgumentHelp("Take the message from this file instead of the letter.", valueName: "FILE"))
  var repaired: String?

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp("The mapping file, for letters of csv and ndjson.", valueName: "MAP"))
  var mapping: String?

  func validate() throws {
    guard repaired == nil || numbers.count == 1 else {
      throw ValidationError("--repaired goes with the number of the one letter it repairs")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let chosen = numbers.isEmpty ? replica.deadLetters.numbers : numbers
    var accepted: Set<UInt64> = []
    for number in chosen {
      guard let letter = try replica.deadLetters.letter(number) else {
        throw CommandError.unknownLetter(number)
      }
      if try retry(letter, in: replica, on: console) { accepted.insert(number) }
    }
    try replica.deadLetters.remove(accepted)
    try replica.close()
    let left = chosen.count - accepted.count
    if output.isForPrograms {
      console.output.line(
        .object([
          Value.Field("accepted", .integer(Int64(accepted.count))),
          Value.Field("refused", .integer(Int64(left))),
        ]))
    } else {
      console.output.line(
        "\(Amounts.count(accepted.count, "message")) taken in, \(Amounts.count(left)) still refused."
      )
    }
    return left == 0 ? .done : .refusedInPart
  }

  /// Runs the letter's message through the import again, as a file of its own.
  ///
  /// - Returns: Whether every part of it is in.
  private func retry(
    _ letter: DeadLetter, in replica: ReplicaCore, on console: Console
  ) throws -> Bool {
    guard letter.isWhole || repaired != nil, let format = InputFormat(rawValue: letter.format),
      !format.needsMapping || mapping != nil
    else {
      console.remark("letter \(letter.number): \(Self.obstacle(letter))")
      return false
    }
    var work = FileImport(format: format, mappingPath: format.needsMapping ? mapping : nil)
    work.source = letter.source.isEmpty ? nil : letter.source
    work.channel = Channel(name: letter.channel)
    work.keepsRefused = false
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("daybook-retry-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    if repaired == nil { try Data(letter.raw).write(to: file) }
    let outcome = try work.run(paths: [repaired ?? file.path], into: replica) { batch, _ in
      for refused in batch.deadLetters {
        console.remark("letter \(letter.number): \(refused.reason); \(refused.remedy)")
      }
    }
    return outcome.refused == 0 && outcome.read > 0
  }

  private static func obstacle(_ letter: DeadLetter) -> String {
    letter.isWhole
      ? "it needs --map with a mapping file"
      : "only the beginning of it is kept; import the whole message again"
  }
}
