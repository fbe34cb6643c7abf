package import BookRules
internal import CustomerProfiles
package import EventModel
internal import EventStorage
internal import HybridTime
internal import MerkleProofs
internal import ProjectionEngine

/// Documents: schemas and metric scales, declared and activated.
extension ReplicaCore {
  /// The event types with their facts, by which this replica takes in events now: what is built in,
  /// and the schemas in force.
  ///
  /// - Returns: The catalogue.
  /// - Throws: ``ReplicaError``.
  package func catalogue() throws(ReplicaError) -> EventCatalogue {
    var schemas: [EventSchema] = []
    let state = try bookState()
    for subject in state.documentSubjects where subject.kind == .schema {
      guard case .schema(let schema)? = try document(inForceFor: subject) else { continue }
      schemas.append(schema)
    }
    return schemas.isEmpty ? .builtIn : EventCatalogue.builtIn.replacing(schemas)
  }

  /// Every activation that counts, by subject and in fold order.
  ///
  /// - Returns: Listings; none where only what is built in holds.
  /// - Throws: ``ReplicaError``.
  package func documents() throws(ReplicaError) -> [DocumentListing] {
    let state = try bookState()
    var listings: [DocumentListing] = []
    for subject in state.documentSubjects {
      let activations = state.activations(of: subject)
      var readable: [Bool] = []
      for activation in activations {
        let document = try content(of: activation, subject, state)
        readable.append(document != nil || activation.digest == .zero)
      }
      let last = readable.lastIndex(of: true)
      for (index, activation) in activations.enumerated() {
        listings.append(
          DocumentListing(
            subject: subject, digest: activation.digest,
            sinceMilliseconds: activation.key.effectiveMilliseconds,
            activation: activation.key.dot, isInForce: index == last, isReadable: readable[index]))
      }
    }
    return listings
  }

  /// The document by which new events of a subject are read: the one activated last, or the built-in
  /// one; nothing where there is neither.
  ///
  /// - Parameter subject: What it is about.
  /// - Returns: The document.
  /// - Throws: ``ReplicaError``.
  package func document(
    inForceFor subject: DocumentSubject
  ) throws(ReplicaError) -> BookDocument? {
    let state = try bookState()
    for activation in state.activations(of: subject).reversed() {
      if activation.digest == .zero { break }
      if let document = try content(of: activation, subject, state) { return document }
    }
    return BookDocument.builtIn(subject)
  }

  /// A document that was activated at some time, or is built in, by its digest.
  ///
  /// - Parameter prefix: The beginning of its digest, in lowercase hexadecimal.
  /// - Returns: All documents that it abbreviates.
  /// - Throws: ``ReplicaError``.
  package func documents(digest prefix: String) throws(ReplicaError) -> [BookDocument] {
    let state = try bookState()
    var found: [Digest256: BookDocument] = [:]
    for subject in state.documentSubjects {
      for activation in state.activations(of: subject)
      where activation.digest.description.hasPrefix(prefix) {
        found[activation.digest] = try content(of: activation, subject, state)
      }
    }
    for entry in EventCatalogue.builtIn.entries
    where entry.digest.description.hasPrefix(prefix) {
      found[entry.digest] = .schema(entry.schema)
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  private func content(
    of activation: Activation, _ subject: DocumentSubject, _ state: BookState
  ) throws(ReplicaError) -> BookDocument? {
    let snapshot = snapshot()
    return try ReplicaError.translating {
      try state.content(of: activation, subject) { dot throws(StorageError) in
        guard let position = try snapshot.position(of: dot) else { return nil }
        return try snapshot.event(at: position)
      }
    }
  }

  /// Puts a document in force, declaring it first where that was not done.
  ///
  /// - Parameters:
  ///   - document: What to put in force.
  ///   - sinceMilliseconds: From when on, in milliseconds since 1970; from now if nothing is said.
  ///   - isTrial: Whether to check only, and append nothing.
  ///   - reason: Why.
  /// - Returns: What was done, or would be.
  /// - Throws: ``ReplicaError`` when this replica may not, or the document does not fit what is there.
  package func activate(
    _ document: BookDocument, sinceMilliseconds: Int64? = nil, isTrial: Bool = false,
    reason: String? = nil
  ) throws(ReplicaError) -> DocumentActivation {
    try require(.configure, to: "put documents in force")
    try check(document)
    let state = try bookState()
    let (subject, digest) = (document.subject, document.digest)
    let isNew = state.declarations(of: digest, as: subject.kind).isEmpty
    guard !isTrial else {
      return DocumentActivation(subject: subject, digest: digest, isNew: isNew, event: nil)
    }
    if isNew { try appendControl(.declaring(subject.kind, content: document.text)) }
    let event = try appendControl(
      .activating(
        subject, digest: digest, sinceMilliseconds: sinceMilliseconds, reason: reason))
    return DocumentActivation(subject: subject, digest: digest, isNew: isNew, event: event)
  }

  /// A schema in place of another one must say how what was written under that one is read.
  private func check(_ document: BookDocument) throws(ReplicaError) {
    guard case .schema(let schema) = document,
      case .schema(let earlier)? = try self.document(inForceFor: document.subject)
    else { return }
    let (digest, earlierDigest) = (schema.digest, earlier.digest)
    let isAncestor = earlier.upcasts.contains { $0.source == digest }
    guard digest != earlierDigest, !isAncestor,
      !schema.upcasts.contains(where: { $0.source == earlierDigest })
    else { return }
    throw ReplicaError(
      .badRequest,
      "events of \(schema.type) were written under another schema; say how they are read: add the"
        + " line '@from \(earlierDigest)', and below it steps, if any",
      location: schema.type.name)
  }

  /// Puts the built-in document of a subject back in force.
  ///
  /// - Parameters:
  ///   - subject: What the document is about.
  ///   - sinceMilliseconds: From when on, in milliseconds since 1970; from now if nothing is said.
  ///   - reason: Why.
  /// - Returns: What was done.
  /// - Throws: ``ReplicaError`` when this replica may not, or nothing is activated.
  package func deactivate(
    _ subject: DocumentSubject, sinceMilliseconds: Int64? = nil, reason: String? = nil
  ) throws(ReplicaError) -> DocumentActivation {
    try require(.configure, to: "put documents out of force")
    guard try bookState().activations(of: subject).contains(where: { $0.digest != .zero }) else {
      throw ReplicaError(
        .notFound, "no document of this subject was activated; 'daybook documents' lists them",
        location: subject.name.isEmpty ? subject.kind.rawValue : subject.name)
    }
    let event = try appendControl(
      .activating(
        subject, digest: .zero, sinceMilliseconds: sinceMilliseconds, reason: reason))
    return DocumentActivation(subject: subject, digest: .zero, isNew: false, event: event)
  }

  /// The digest of everything that decides answers: the identity rules, and the documents that were
  /// activated, in fold order by subject.
  ///
  /// - Returns: The digest; without documents that of the identity rules alone.
  /// - Throws: ``ReplicaError``.
  func rulesInForceDigest() throws(ReplicaError) -> Digest256 {
    let state = try bookState()
    let subjects = state.documentSubjects
    var lines: [String] = []
    for subject in subjects {
      for activation in state.activations(of: subject) {
        lines.append("\(subject.kind.rawValue) \(subject.name) \(activation.digest)\n")
      }
    }
    // A peer of a later version, to which these say something, shows another digest.
    for dot in state.notUnderstood {
      lines.append("unknown \(dot.origin.fullDescription)/\(dot.sequence)\n")
    }
    return CustomerQueries.rulesDigest(documents: lines)
  }
}
