internal import BookRules
package import EventModel
package import EventStorage
package import HybridTime

/// What the erasure of a person would take, and why: which identifiers are theirs, and where each
/// stands.
package struct ErasurePreview: Hashable, Sendable {
  /// One identifier of the person.
  package struct Name: Hashable, Sendable {
    /// The identifier.
    package let identifier: Identifier
    /// The events of which a section carries it and is not erased yet.
    package let eventCount: Int
    /// The first of them in the order of this log; nothing when there is none.
    package let first: Dot?
  }

  /// The person's identifiers, in byte order.
  package let names: [Name]
  /// The sections that carry one of them, ascending, with what is remembered where the book's secret
  /// is held.
  let sections: [ErasedSection]
  /// Interactions under their keys that are remembered otherwise, ascending.
  let remembered: [ErasedSection]

  /// How many sections would go.
  package var sectionCount: Int { sections.count }
  /// How many events they belong to.
  package var eventCount: Int { dots.count }
  /// These, ascending.
  var dots: [Dot] { Set(sections.map(\.dot)).sorted() }

  /// The preview as the command prints it.
  package var value: Value {
    .object([
      Value.Field("dry_run", .boolean(true)),
      Value.Field("identifiers", .array(names.map(\.value))),
      Value.Field("events", .integer(Int64(eventCount))),
      Value.Field("sections", .integer(Int64(sectionCount))),
    ])
  }
}

extension ErasurePreview.Name {
  fileprivate var value: Value {
    .object([
      Value.Field("kind", .text(identifier.kind)), Value.Field("value", .text(identifier.value)),
      Value.Field("events", .integer(Int64(eventCount))),
      Value.Field("first", first.map { .text("\($0)") } ?? .null),
    ])
  }
}

/// What an erasure did, without a word about whom.
package struct ErasureReceipt: Equatable, Sendable {
  /// The events that erase; more than one when one could not list everything.
  package let erasures: [Dot]
  /// What occurred up to then is erased when it is met later, in milliseconds since 1970.
  package let cutMilliseconds: Int64
  /// How many identifiers were erased.
  package let identifierCount: Int
  /// How many events lost a section.
  package let eventCount: Int
  /// How many sections were erased.
  package let sectionCount: Int
  /// The origins that show nothing of them, this one first to say so.
  package let acknowledgedBy: [OriginID]
  /// What was removed from the disk with it; nothing as long as the bytes are there.
  package var removal: RemovalReport?

  /// By when the bytes are to be gone from the disk, in milliseconds since 1970.
  package var deadlineMilliseconds: Int64 {
    cutMilliseconds + ReplicaCore.removalDelayMilliseconds
  }

  /// The receipt as the command prints it. `physical` is `removed`, or `pending` and due by the deadline.
  package var value: Value {
    .object([
      Value.Field("erasures", .array(erasures.map { .text("\($0)") })),
      Value.Field("cut", .text(CivilTime.text(milliseconds: cutMilliseconds))),
      Value.Field("identifiers", .integer(Int64(identifierCount))),
      Value.Field("events", .integer(Int64(eventCount))),
      Value.Field("sections", .integer(Int64(sectionCount))),
      Value.Field("hidden", .boolean(true)),
      Value.Field("physical", removal == nil ? "pending" : "removed"),
      Value.Field(
        "deadline",
        removal == nil ? .text(CivilTime.text(milliseconds: deadlineMilliseconds)) : .null),
      Value.Field("acknowledged_by", .array(acknowledgedBy.map { .text("\($0)") })),
    ])
  }
}
