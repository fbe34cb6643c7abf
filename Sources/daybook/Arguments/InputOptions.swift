internal import ArgumentParser
internal import EventModel

/// What the input is and what is said about all of it.
struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the input is: cloudevents, segment, csv or ndjson; see 'daybook formats'.",
      valueName: "F"))
  var format = InputFormat.cloudevents

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "The mapping file that says what columns mean, for csv and ndjson.", valueName: "MAP"))
  var mapping: String?

  @Option(help: ArgumentHelp("The name of the source system.", valueName: "NAME"))
  var source: String?

  @Option(help: ArgumentHelp("The channel of messages that do not say theirs.", valueName: "C"))
  var channel: ChannelArgument?

  /// Checks that a mapping file is given where one is needed, and only there.
  ///
  /// - Throws: `ValidationError`.
  func validateMapping() throws {
    guard format.needsMapping == (mapping != nil) else {
      throw ValidationError(
        format.needsMapping
          ? "--format \(format.rawValue) needs --map with a mapping file; docs/guide/importing.md "
            + "explains how to write one"
          : "--map goes with --format csv or ndjson, not with \(format.rawValue)")
    }
  }
}
