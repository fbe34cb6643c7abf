internal import ArgumentParser
internal import EventModel

/// An identifier on the command line, normalised as adapters do: `email:` in lower case, `phone:`
/// without spaces and punctuation.
struct IdentifierArgument: ExpressibleByArgument {
  /// The identifier meant.
  let identifier: Identifier

  /// Reads `KIND:VALUE`, or nothing when the text is not of that form.
  init?(argument: String) {
    guard let written = Identifier(argument) else { return nil }
    identifier = Self.normalised(written)
  }

  private static func normalised(_ written: Identifier) -> Identifier {
    switch written.kind {
    case "email":
      return Identifier(kind: written.kind, value: written.value.lowercased())
    case "phone":
      let kept = written.value.filter { $0 == "+" || ("0"..."9").contains($0) }
      return Identifier(kind: written.kind, value: kept.isEmpty ? written.value : kept)
    default:
      return written
    }
  }
}
