internal import ArgumentParser
internal import EventModel
internal import InteractionLog

/// A customer on the command line: one of their identifiers, or a profile's id.
struct CustomerArgument: ExpressibleByArgument {
  /// The customer meant.
  let name: CustomerName

  /// Reads `KIND:VALUE` or `profile:ORIGIN/SEQUENCE#PLACE`, or nothing when the text is neither.
  init?(argument: String) {
    if argument.hasPrefix("profile:") {
      let parts = argument.dropFirst("profile:".count).split(
        separator: "#", omittingEmptySubsequences: false)
      guard parts.count == 2, let event = DotArgument(argument: String(parts[0])),
        let place = Int(parts[1]), place >= 1
      else { return nil }
      name = .node(origin: event.originPrefix, sequence: event.sequence, place: place)
    } else {
      guard let identifier = IdentifierArgument(argument: argument)?.identifier else { return nil }
      name = .identifier(identifier)
    }
  }
}
