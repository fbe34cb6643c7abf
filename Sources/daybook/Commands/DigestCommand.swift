internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
internal import InteractionLog

/// `daybook digest`.
struct DigestCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "digest",
    abstract: "Print digests of what a replica holds and answers.",
    discussion: """
      Two replicas that hold the same events print the same set root and the same digest for \
      each projection, however the events reached them. Projection digests cover answers alone, \
      so two books that took in the same input in the same order agree on them too.

      Example:
        diff <(daybook digest --store hub) <(daybook digest --store till)
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.openForAnswers(on: console)
    let digest = try replica.digest().value
    try replica.close()
    if output.isForPrograms {
      console.output.line(digest)
    } else {
      for line in Self.lines(digest) { console.output.line(line) }
    }
    return .done
  }

  /// A digest for people: a line for each part.
  static func lines(_ digest: Value) -> [String] {
    var lines: [String] = []
    for field in digest.fields where field.name != "projections" {
      let text = field.value.integer.map { Amounts.count($0) } ?? field.value.brief
      lines.append(field.name.replacingUnderscores.padded(to: 16) + text)
    }
    for projection in digest["projections"]?.fields ?? [] {
      lines.append(projection.name.padded(to: 16) + (projection.value["digest"]?.brief ?? ""))
    }
    return lines
  }
}
