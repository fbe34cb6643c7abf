internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import InteractionLog

/// `daybook compact`.
struct CompactCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Rewrite segments smaller, and remove what was erased or redacted.",
    discussion: """
      Appends write segments of rows, which are quick to write. This rewrites them as columns, \
      which take less space and are read by block all the same. Events, positions and proofs \
      stay as they are; a crash leaves the old segments or the new ones. An application that keeps \
      a store open does this by itself, beside appends; after an import, run this command.

      First the bytes of what was erased or redacted are removed from this disk: from segments, \
      indexes, salts, read models and refused messages. Where the book's secret is missing that \
      is left out.

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
    let removal = try replica.removeErased()
    let report = try replica.compact(all: all)
    let pendingCount = try replica.erasedSectionCountLeft()
    try replica.close()
    if output.isForPrograms {
      console.output.line(report.value(after: removal, pendingCount: pendingCount))
    } else {
      if removal.sections > 0 { console.output.line("Removed \(removal.summary).") }
      if pendingCount > 0 {
        console.remark(
          "\(Amounts.count(pendingCount, "erased section")) cannot be removed without the book's"
            + " secret")
      }
      console.output.line(
        "Rewrote \(report.rewritten) segments as \(report.written): \(report.byteCountBefore) bytes"
          + " before, \(report.byteCountAfter) after.")
    }
    return .done
  }
}

extension CompactionReport {
  /// The report as the command prints it.
  fileprivate func value(after removal: RemovalReport, pendingCount: Int) -> Value {
    .object([
      Value.Field("rewritten", .integer(Int64(rewritten))),
      Value.Field("written", .integer(Int64(written))),
      Value.Field("bytes_before", .integer(Int64(clamping: byteCountBefore))),
      Value.Field("bytes_after", .integer(Int64(clamping: byteCountAfter))),
      Value.Field("removed_sections", .integer(Int64(removal.sections))),
      Value.Field("removed_letters", .integer(Int64(removal.deadLetters))),
      Value.Field("pending_sections", .integer(Int64(pendingCount))),
    ])
  }
}

extension RemovalReport {
  /// What was removed, for people.
  var summary: String {
    let letters =
      deadLetters > 0 ? ", and \(Amounts.count(deadLetters, "refused message"))" : ""
    return "\(Amounts.count(sections, "section")) of \(Amounts.count(events, "event"))\(letters); "
      + "\(Amounts.count(rewritten, "segment")) rewritten"
  }
}
