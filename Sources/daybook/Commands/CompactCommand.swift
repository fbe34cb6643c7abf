internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import InteractionLog

/// `daybook compact`.
struct CompactCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Rewrite segments smaller: as columns, and small ones together.",
    discussion: """
      Appends write segments of rows, which are quick to write. This rewrites them as columns, \
      which take less space and are read by block all the same. Events, \
      positions and proofs stay as they are, bytes of what was erased or redacted included; a \
      crash leaves the old segments or the new ones. \
      It takes memory for the records of one new segment, up to 128 MiB, and a few times as much \
      for its columns.

      Examples:
        daybook compact
        daybook compact --all --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Rewrite every segment, also those that gain nothing by it.")
  var all = false

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let report = try replica.compact(all: all)
    try replica.close()
    if output.isForPrograms {
      console.output.line(report.value)
    } else {
      console.output.line(
        "Rewrote \(report.rewritten) segments as \(report.written): \(report.byteCountBefore) bytes"
          + " before, \(report.byteCountAfter) after.")
    }
    return .done
  }
}

extension CompactionReport {
  /// The report as the command prints it.
  fileprivate var value: Value {
    .object([
      Value.Field("rewritten", .integer(Int64(rewritten))),
      Value.Field("written", .integer(Int64(written))),
      Value.Field("bytes_before", .integer(Int64(clamping: byteCountBefore))),
      Value.Field("bytes_after", .integer(Int64(clamping: byteCountAfter))),
    ])
  }
}
