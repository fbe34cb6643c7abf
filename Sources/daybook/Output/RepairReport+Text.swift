internal import EventModel
internal import EventStorage
internal import HybridTime

extension RepairReport {
  /// `{"dry_run","sound","damages":[…],"lost_positions":[{"first","last"}],"lost_events":[{"origin",
  /// "first","last"}],"written_segments","kept_files":[…],"new_incarnation","remaining":[…]}`.
  var value: Value {
    .object([
      Value.Field("dry_run", .boolean(isDryRun)),
      Value.Field("sound", .boolean(wasSound)),
      Value.Field("damages", .array(damages.map(\.value))),
      Value.Field(
        "lost_positions",
        .array(
          lostPositions.map { range in
            .object([
              Value.Field("first", .integer(Int64(clamping: range.lowerBound))),
              Value.Field("last", .integer(Int64(clamping: range.upperBound))),
            ])
          })),
      Value.Field("lost_events", .array(lostEvents.map(\.value))),
      Value.Field("written_segments", .integer(Int64(writtenSegments))),
      Value.Field("kept_files", .array(keptFiles.map(Value.text))),
      Value.Field("new_incarnation", .boolean(didDrawIncarnation)),
      Value.Field("remaining", .array(remaining.map(\.value))),
    ])
  }

  /// The report for people.
  var lines: [String] {
    guard !wasSound else { return ["Everything is sound; there is nothing to repair."] }
    var lines = ["\(Amounts.count(damages.count, "damage")) found:"]
    lines += damages.map { "  \($0)" }
    lines += lossLines
    if isDryRun { return lines + ["Nothing was changed: run 'daybook repair' without --dry-run."] }
    if writtenSegments > 0 {
      lines.append("Wrote \(Amounts.count(writtenSegments, "segment")) from what was whole.")
    }
    if !keptFiles.isEmpty {
      lines.append("The damaged files are kept: \(keptFiles.joined(separator: ", ")).")
    }
    if didDrawIncarnation {
      lines.append(
        "The store goes on under a new incarnation, since events of its own may be lost.")
    }
    guard !remaining.isEmpty else { return lines + ["Everything is sound now."] }
    lines.append("\(Amounts.count(remaining.count, "damage")) could not be repaired:")
    return lines + remaining.map { "  \($0)" }
  }

  private var lossLines: [String] {
    guard lostPositionCount > 0 else { return ["No event is lost."] }
    let verb = isDryRun ? "would be left" : "are left"
    var lines = ["\(Amounts.count(lostPositionCount, "position")) \(verb) empty:"]
    lines += lostPositions.map { "  \($0.lowerBound) to \($0.upperBound)" }
    guard !lostEvents.isEmpty else { return lines }
    lines.append("Events that are not held, for 'daybook sync' to fetch:")
    return lines
      + lostEvents.map { "  \($0.origin)/\($0.sequences.lowerBound) to \($0.sequences.upperBound)" }
  }
}

extension RepairReport.LostRun {
  fileprivate var value: Value {
    .object([
      Value.Field("origin", .text("\(origin)")),
      Value.Field("first", .integer(Int64(clamping: sequences.lowerBound))),
      Value.Field("last", .integer(Int64(clamping: sequences.upperBound))),
    ])
  }
}
