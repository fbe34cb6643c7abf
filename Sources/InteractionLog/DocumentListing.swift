package import BookRules
package import EventModel
package import HybridTime
package import MerkleProofs

/// A document that was activated, as `documents list` shows it.
package struct DocumentListing: Hashable, Sendable {
  /// What it is about.
  package let subject: DocumentSubject
  /// The document; the zero digest where the built-in one was put back.
  package let digest: Digest256
  /// From when on events are read by it, in milliseconds since 1970.
  package let sinceMilliseconds: Int64
  /// The event that activated it.
  package let activation: Dot
  /// Whether it is the last of its subject, by which new events are read.
  package let isInForce: Bool
  /// Whether this version can read it; if not, the document before it stays in force here.
  package let isReadable: Bool

  /// Whether it puts the built-in document back.
  package var isBuiltIn: Bool { digest == .zero }

  /// The listing as the command prints it.
  package var value: Value {
    .object([
      Value.Field("kind", .text(subject.kind.rawValue)),
      Value.Field("subject", subject.name.isEmpty ? .null : .text(subject.name)),
      Value.Field("digest", digest == .zero ? .null : .text(digest.description)),
      Value.Field("since", .text(CivilTime.text(milliseconds: sinceMilliseconds))),
      Value.Field("event", .text(activation.description)),
      Value.Field("by", .text(activation.origin.description)),
      Value.Field("in_force", .boolean(isInForce)), Value.Field("readable", .boolean(isReadable)),
    ])
  }
}

/// What activating a document does, or would do.
package struct DocumentActivation: Hashable, Sendable {
  /// What the document is about.
  package let subject: DocumentSubject
  /// Its content address; the zero digest for what is built in.
  package let digest: Digest256
  /// Whether its content has to be declared first.
  package let isNew: Bool
  /// The activation's name; nothing when it was only tried.
  package let event: Dot?

  /// The activation as the command prints it.
  package var value: Value {
    .object([
      Value.Field("kind", .text(subject.kind.rawValue)),
      Value.Field("subject", subject.name.isEmpty ? .null : .text(subject.name)),
      Value.Field("digest", digest == .zero ? .null : .text(digest.description)),
      Value.Field("declared", .boolean(isNew)),
      Value.Field("event", event.map { .text($0.description) } ?? .null),
    ])
  }
}
