internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import InteractionLog

/// `daybook backup`.
struct BackupCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Save the log to a directory, copying only what is new.",
    discussion: """
      Each run makes a generation: a list of files, of which those that TARGET has already are not \
      copied again. A crash leaves the generations that were there. TARGET keeps no device key, \
      no read models and no dead letters.

      TARGET/ledger says who was erased, and every run adds to it: 'daybook restore' removes them \
      from whatever it restores. TARGET/secrets holds the salts and the book's secret as they are \
      now; keep it as safe as the store itself.

      Examples:
        daybook backup /mnt/backups/hub
        daybook backup /mnt/backups/hub --keep 14 --check
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The directory with the backups; made if it is missing.")
  var target: String

  @Option(help: "Remove all but the newest N generations. (default: keep all)")
  var keep: Int?

  @Flag(help: "Read the files that TARGET has already, and copy again those that are damaged.")
  var check = false

  func validate() throws {
    guard keep.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--keep takes a number from 1 on")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let directory = target.withoutTrailingSlashes
    let replica = try store.open(on: console)
    var options = BackupOptions()
    options.keptGenerationCount = keep
    options.isChecked = check
    let report = try replica.backup(to: directory, options: options)
    try replica.close()
    if output.isForPrograms {
      console.output.line(report.value(target: directory))
    } else {
      for line in report.lines(target: directory) { console.output.line(line) }
    }
    return .done
  }
}

extension BackupReport {
  /// The report as the command prints it.
  fileprivate func value(target: String) -> Value {
    .object([
      Value.Field("target", .text(target)),
      Value.Field("generation", .integer(Int64(clamping: generation))),
      Value.Field("events", .integer(Int64(events))),
      Value.Field("files", .integer(Int64(files))),
      Value.Field("bytes", .integer(Int64(clamping: byteCount))),
      Value.Field("copied_files", .integer(Int64(copiedFiles))),
      Value.Field("copied_bytes", .integer(Int64(clamping: copiedByteCount))),
      Value.Field("erased_sections", .integer(Int64(erasedSections))),
      Value.Field("pruned", .integer(Int64(prunedGenerations))),
      Value.Field("generations", .integer(Int64(generations))),
    ])
  }

  /// The report for people.
  fileprivate func lines(target: String) -> [String] {
    var lines = [
      "Saved \(Amounts.count(events, "event")) as generation \(generation) in \(target): "
        + "\(Amounts.count(files, "file")) of \(Amounts.bytes(byteCount)), of which "
        + "\(Amounts.bytes(copiedByteCount)) were new."
    ]
    if erasedSections > 0 {
      lines.append("Its ledger names \(Amounts.count(erasedSections, "erased section")).")
    }
    if prunedGenerations > 0 {
      lines.append(
        "Removed \(Amounts.count(prunedGenerations, "generation")), \(generations) are left.")
    }
    return lines
  }
}
