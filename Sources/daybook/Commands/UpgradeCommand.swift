internal import ArgumentParser
internal import EventModel
internal import EventStorage
internal import InteractionLog

/// `daybook upgrade`.
struct UpgradeCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "upgrade",
    abstract: "Bring a store to the format version of this program.",
    discussion: """
      A program opens stores of its own format version only, and says so when it meets another. \
      This changes an older store in place, in one step that a crash leaves done or undone. Older \
      programs do not open it any more: make a backup first.

      Example:
        daybook upgrade --store ./hub
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    let report = try ReplicaCore.upgrade(at: store.directory, environment: .thisMachine)
    if output.isForPrograms {
      console.output.line(
        .object([
          Value.Field("from", .text(report.from.versionText)),
          Value.Field("to", .text(report.to.versionText)),
          Value.Field("upgraded", .boolean(!report.wasCurrent)),
        ]))
    } else if report.wasCurrent {
      console.output.line("The store has version \(report.to.versionText) already.")
    } else {
      console.output.line(
        "Upgraded the store from version \(report.from.versionText) to \(report.to.versionText).")
    }
    return .done
  }
}

extension UInt32 {
  /// A format version as people write it: that of the events, a point, that of the files.
  fileprivate var versionText: String { "\(self >> 16).\(self & 0xffff)" }
}
