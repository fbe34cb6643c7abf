internal import ArgumentParser
internal import BookRules
internal import EventModel

/// What a document is about: `schema TYPE` or `metric-scales`.
struct DocumentArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "schema or metric-scales; with show, also the beginning of a digest.", valueName: "KIND"))
  var kind: String

  @Argument(help: ArgumentHelp("The event type, of a schema.", valueName: "TYPE"))
  var name: String?

  /// What the arguments name; nothing when they name no subject.
  var subject: DocumentSubject? {
    switch (DocumentKind(rawValue: kind), name) {
    case (.schema, let name?):
      EventType(name) == nil ? nil : DocumentSubject(kind: .schema, name: name)
    case (.metricScales, nil): DocumentSubject(kind: .metricScales)
    default: nil
    }
  }

  /// What to say when the arguments name no subject.
  static let remedy = "name 'schema TYPE', such as 'schema visit.rated', or 'metric-scales'"
}
