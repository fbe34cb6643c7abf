package import EventModel

/// A field whose values were not taken as facts because they look like a person's.
package struct KeptBackFact: Hashable, Comparable, Sendable {
  /// The type of the events.
  package let type: EventType
  /// The fact, or `@touchpoint`.
  package let field: String
  /// What values look like.
  package let looksLike: PersonalValue

  /// Names a field.
  package init(type: EventType, field: String, looksLike: PersonalValue) {
    self.type = type
    self.field = field
    self.looksLike = looksLike
  }

  /// By type, field, and what values look like.
  package static func < (left: KeptBackFact, right: KeptBackFact) -> Bool {
    (left.type.name, left.field, left.looksLike.rawValue)
      < (right.type.name, right.field, right.looksLike.rawValue)
  }
}
