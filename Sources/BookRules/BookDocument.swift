package import EventModel
package import MerkleProofs

/// A document that this version can read.
package enum BookDocument: Hashable, Sendable {
  /// What is known of an event type.
  case schema(EventSchema)
  /// Which facts are answers to which metric.
  case metricScales(MetricScales)

  /// Reads a document as people write it.
  ///
  /// - Parameter source: Its text.
  /// - Throws: `DocumentFault` when it is malformed, or of a kind that nothing reads yet.
  package init(source: String) throws(DocumentFault) {
    let lines = try DocumentLines(source).lines
    let kind = lines.first.flatMap { $0.words.count == 3 ? $0.words[1].text : nil }
    switch kind.flatMap(DocumentKind.init(rawValue:)) {
    case .schema: self = .schema(try EventSchema(document: source))
    case .metricScales: self = .metricScales(try MetricScales(document: source))
    case .identityRules, .projection:
      throw DocumentFault(
        "nothing reads documents of this kind yet, so activating one would mean nothing; schema and"
          + " metric-scales can be activated", line: lines.first?.number ?? 1)
    case nil:
      throw DocumentFault(
        "a document begins with 'daybook schema 0' or 'daybook metric-scales 0'",
        line: lines.first?.number ?? 1)
    }
  }

  /// Reads the content of a declared document that is activated for a subject: nothing when it is
  /// not canonical, about something else, or not for this version.
  ///
  /// - Parameters:
  ///   - content: What was declared.
  ///   - subject: What it was activated for.
  package init?(content: String, for subject: DocumentSubject) {
    guard let document = try? BookDocument(source: content), document.subject == subject,
      document.text == content
    else { return nil }
    self = document
  }

  /// What it is about.
  package var subject: DocumentSubject {
    switch self {
    case .schema(let schema): DocumentSubject(kind: .schema, name: schema.type.name)
    case .metricScales: DocumentSubject(kind: .metricScales)
    }
  }

  /// Its canonical form.
  package var text: String {
    switch self {
    case .schema(let schema): schema.document
    case .metricScales(let scales): scales.document
    }
  }

  /// Its content address.
  package var digest: Digest256 { Digest256.hash(Array(text.utf8)) }

  /// The document that holds for a subject where none is in force; nothing where nothing is built in.
  package static func builtIn(_ subject: DocumentSubject) -> BookDocument? {
    switch subject.kind {
    case .schema:
      guard let type = EventType(subject.name), EventCatalogue.builtIn.contains(type) else {
        return nil
      }
      return .schema(EventCatalogue.builtIn.entry(for: type).schema)
    case .metricScales: return .metricScales(.builtIn)
    case .identityRules, .projection: return nil
    }
  }
}
