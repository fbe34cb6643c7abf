internal import ArgumentParser
internal import EventModel
internal import ImportFiles
internal import InteractionLog

/// `daybook import`.
struct ImportCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take in files of raw messages or rows.",
    discussion: """
      Files may be compressed with gzip or zstd; '-' is standard input. An import may be \
      interrupted and run again: what is in already is not appended twice. Rows that are \
      refused go to the dead letters with the reason, all others are in, and the exit code is 3.

      Examples:
        daybook import clicks.ndjson.gz --format segment
        daybook import sales.csv --format csv --map docs/guide/mappings/pos-online-retail.yaml
        zstdcat export.zst | daybook import - --format cloudevents --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var input: InputOptions

  @Argument(help: ArgumentHelp("Files, or - for standard input.", valueName: "FILE"))
  var files: [String]

  func validate() throws { try input.validateMapping() }

  mutating func perform(on console: Console) throws -> ExitStatus {
    var work = FileImport(options: input)
    work.stages = true
    let replica = try store.open(on: console)
    let progress = ProgressLine("import", on: console)
    defer { progress.end() }
    var rows: UInt64 = 0
    let outcome = try work.run(paths: files, into: replica) { batch, _ in
      rows += UInt64(batch.messageCount)
      progress.update(
        done: UInt64(batch.bytesRead), of: batch.byteCount.map { UInt64($0) }, rows: rows,
        unit: "messages")
    }
    progress.end()
    try replica.close()
    if output.isForPrograms {
      console.output.line(outcome.value)
    } else {
      show(outcome, on: console)
    }
    return outcome.refused == 0 ? .done : .refusedInPart
  }

  private func show(_ outcome: FileImport.Outcome, on console: Console) {
    console.output.line(
      "Read \(Amounts.count(outcome.read, "message")) in "
        + "\(Amounts.seconds(milliseconds: outcome.milliseconds)) s, "
        + "\(Amounts.count(Amounts.rate(outcome.read, milliseconds: outcome.milliseconds)))/s.")
    for (name, count) in outcome.counts where count > 0 {
      console.output.line("  " + name.padded(to: 11) + Amounts.count(count).padded(to: 12, .right))
    }
    console.output.line(
      "  " + "bytes in".padded(to: 11) + Amounts.bytes(outcome.bytesIn).padded(to: 12, .right)
        + "  stored as \(Amounts.bytes(outcome.bytesStored))")
    for field in outcome.keptBackFields {
      console.remark("Kept out of the facts: \(field.text).")
    }
    if outcome.refused > 0 {
      console.remark("Refused input is kept: 'daybook dead-letters' says why and how to repair it.")
    }
  }
}
