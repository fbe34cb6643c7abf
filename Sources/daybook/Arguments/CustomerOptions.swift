internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
internal import EventStorage
internal import InteractionLog

/// A customer on the command line: one of their identifiers, or a profile's id.
struct CustomerArgument: ExpressibleByArgument {
  /// The customer meant.
  let name: CustomerName

  /// Reads `KIND:VALUE` or `profile:ID`, or nothing when the text is neither.
  init?(argument: String) {
    if argument.hasPrefix("profile:") {
      guard let name = CustomerName(profileID: String(argument.dropFirst(8))) else { return nil }
      self.name = name
    } else {
      guard let identifier = IdentifierArgument(argument: argument)?.identifier else { return nil }
      name = .identifier(identifier)
    }
  }
}

/// From which moment a reading command answers.
struct MomentOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What this replica knew at a time, or up to a position of its log.", valueName: "T|POSITION"))
  var asOf: AsOf?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What was true at a time, as known now.", valueName: "T"))
  var effectiveAt: TimeArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only events recorded by then, by their origins' clocks.", valueName: "T"))
  var recordedUntil: TimeArgument?

  /// A time or a position.
  enum AsOf: ExpressibleByArgument {
    case time(TimeArgument)
    case position(LogPosition)

    init?(argument: String) {
      if let position = UInt64(argument) {
        self = .position(LogPosition(rawValue: position))
      } else if let time = TimeArgument(argument: argument) {
        self = .time(time)
      } else {
        return nil
      }
    }
  }
}
