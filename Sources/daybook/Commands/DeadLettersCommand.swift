internal import ArgumentParser
internal import EventModel
internal import InteractionLog

/// `daybook dead-letters`.
struct DeadLettersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "Look at refused input, repair it, take it in after all, or give it up.",
    discussion: """
      Nothing that is refused is lost: it is kept with its file, line, the reason and the \
      remedy, and once, however often the file is imported.

      Examples:
        daybook dead-letters
        daybook dead-letters show 3
        daybook dead-letters retry
        daybook dead-letters retry 3 --repaired fixed.json
        daybook dead-letters discard 3
      """,
    subcommands: [
      DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersRetryCommand.self,
      DeadLettersDiscardCommand.self,
    ],
    defaultSubcommand: DeadLettersListCommand.self)
}

/// `daybook dead-letters list`.
struct DeadLettersListCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List refused input without showing it.",
    discussion: """
      Example:
        daybook dead-letters list --ndjson
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let queue = replica.deadLetters
    let letters = try queue.numbers.compactMap { try queue.letter($0)?.summary }
    try replica.close()
    if output.ndjson {
      for letter in letters { console.output.line(letter) }
    } else if output.json {
      console.output.line(.object([Value.Field("dead_letters", .array(letters))]))
    } else if letters.isEmpty {
      console.output.line("No dead letters: everything that came is in.")
    } else {
      show(letters, on: console)
    }
    return .done
  }

  private func show(_ letters: [Value], on console: Console) {
    var table = TextTable(">NUMBER", "FILE", ">LINE", "FORMAT", "WHY")
    for letter in letters {
      table.add(["number", "file", "line", "format", "reason"].map { letter[$0]?.brief ?? "" })
    }
    table.write(to: console)
  }
}

/// `daybook dead-letters show`.
struct DeadLettersShowCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one refused message as it was sent, and what to do about it.",
    discussion: """
      Example:
        daybook dead-letters show 3 --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The letter's number.", valueName: "N"))
  var number: UInt64

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    guard let letter = try replica.deadLetters.letter(number) else {
      throw CommandError.unknownLetter(number)
    }
    try replica.close()
    let raw = String(decoding: letter.raw, as: UTF8.self)
    if output.isForPrograms {
      console.output.line(
        .object(
          letter.summary.fields + [
            Value.Field("raw", .text(raw)),
            Value.Field("raw_bytes", .integer(Int64(letter.rawByteCount))),
          ]))
    } else {
      for field in letter.summary.fields {
        console.output.line("\(field.name.padded(to: 8))  \(field.value.brief.singleLine)")
      }
      console.output.line()
      console.output.line(raw.singleLine)
    }
    return .done
  }
}

/// `daybook dead-letters discard`.
struct DeadLettersDiscardCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard",
    abstract: "Give up refused messages: they are removed for good.",
    discussion: """
      Examples:
        daybook dead-letters discard 3
        daybook dead-letters discard --all
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The letters' numbers.", valueName: "N"))
  var numbers: [UInt64] = []

  @Flag(help: "Give up every one.")
  var all = false

  func validate() throws {
    guard all == numbers.isEmpty else {
      throw ValidationError("name the letters to discard, or --all")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let queue = replica.deadLetters
    let held = Set(queue.numbers)
    if let unknown = numbers.first(where: { !held.contains($0) }) {
      throw CommandError.unknownLetter(unknown)
    }
    let discarded = all ? held : Set(numbers)
    try queue.remove(discarded)
    try replica.close()
    if output.isForPrograms {
      console.output.line(
        .object([Value.Field("discarded", .integer(Int64(discarded.count)))]))
    } else {
      console.output.line("Discarded \(Amounts.count(discarded.count, "dead letter")).")
    }
    return .done
  }
}

extension CommandError {
  /// No dead letter has the number.
  static func unknownLetter(_ number: UInt64) -> CommandError {
    CommandError(
      code: "not_found",
      "no dead letter has the number \(number); 'daybook dead-letters' lists them",
      status: .negative)
  }
}

extension DeadLetter {
  /// Everything but the message itself.
  var summary: Value {
    .object([
      Value.Field("number", .integer(Int64(clamping: number))), Value.Field("file", .text(file)),
      Value.Field("line", .integer(Int64(line))), Value.Field("format", .text(format)),
      Value.Field("source", source.isEmpty ? .null : .text(source)),
      Value.Field("channel", channel.isEmpty ? .null : .text(channel)),
      Value.Field("code", .text(code)), Value.Field("reason", .text(reason)),
      Value.Field("remedy", .text(remedy)),
      Value.Field("time", .text(CivilTime.text(milliseconds: milliseconds))),
    ])
  }
}
