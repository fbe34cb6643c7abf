internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

extension VerificationReport {
  /// `{"sound","events","segments","blocks","frames","heads","unacknowledged_bytes","forks":[{"origin",
  /// "heads"}],"damages":[{"file","offset","bytes","first_position","last_position","problem"}],
  /// "views"}`.
  func value(with views: ViewsReport) -> Value {
    .object([
      Value.Field("sound", .boolean(isSound && views.isSound)),
      Value.Field("events", .integer(Int64(events))),
      Value.Field("segments", .integer(Int64(segments))),
      Value.Field("blocks", .integer(Int64(blocks))),
      Value.Field("frames", .integer(Int64(frames))),
      Value.Field("heads", .integer(Int64(heads))),
      Value.Field("unacknowledged_bytes", .integer(Int64(clamping: unacknowledgedByteCount))),
      Value.Field("forks", .array(forks.map(\.value))),
      Value.Field("damages", .array(damages.map(\.value))),
      Value.Field("views", views.value),
    ])
  }

  /// The report for people.
  func lines(with views: ViewsReport) -> [String] {
    var lines = [
      "Read \(Amounts.count(events, "event")) in \(Amounts.count(segments, "segment")), "
        + "\(Amounts.count(blocks, "block")), \(Amounts.count(frames, "log frame")) and "
        + "\(Amounts.count(heads, "signed head"))."
    ]
    if unacknowledgedByteCount > 0 {
      lines.append(
        "\(Amounts.bytes(unacknowledgedByteCount)) at the end were never acknowledged; opening the "
          + "store cuts them off.")
    }
    lines += forks.map(\.line)
    lines += views.lines
    guard !isSound else { return lines + (views.isSound ? ["Everything is sound."] : []) }
    lines.append("\(Amounts.count(damages.count, "damage")) found, nothing was changed:")
    return lines + damages.map { "  \($0)" }
  }
}

extension ViewsReport {
  /// What is wrong or not known, for people.
  fileprivate var lines: [String] {
    guard isSound else {
      let what = damaged.isEmpty ? "its pages" : "the rows of \(damaged.joined(separator: ", "))"
      return [
        "\(Self.file): \(what) are not what was folded from the log; remove the file, and the next "
          + "question folds it again."
      ]
    }
    guard !unchecked.isEmpty else { return [] }
    return [
      "\(Self.file): no digest of \(unchecked.joined(separator: ", ")) was taken since the last "
        + "fold; 'daybook verify --deep' folds the log again and compares."
    ]
  }
}

extension ForkedOrigin {
  fileprivate var value: Value {
    .object([
      Value.Field("origin", .text(origin.description)), Value.Field("heads", headSizes),
    ])
  }

  /// What was proved, for people.
  fileprivate var line: String {
    "\(origin) forked: its device signed heads of \(Amounts.count(smallerSize, "event")) and of "
      + "\(Amounts.count(largerSize, "event")) that exclude each other. No damage of this store; "
      + "see 'daybook help replicas'."
  }
}

extension StoreDamage {
  /// `{"file","offset","bytes","first_position","last_position","problem"}`.
  var value: Value {
    .object([
      Value.Field("file", .text(file)), Value.Field("offset", .integer(Int64(clamping: offset))),
      Value.Field("bytes", .integer(Int64(clamping: byteCount))),
      Value.Field(
        "first_position", positions.map { .integer(Int64(clamping: $0.lowerBound)) } ?? .null),
      Value.Field(
        "last_position", positions.map { .integer(Int64(clamping: $0.upperBound)) } ?? .null),
      Value.Field("problem", .text(problem)),
    ])
  }
}
