package import HybridTime

/// A set of section numbers, 0 to 15.
package struct SectionSet: OptionSet, Hashable, Sendable {
  /// Bit n stands for section n.
  package let rawValue: UInt16

  /// A set from its bits.
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The set of one section, 0 to 15; any other number gives the empty set.
  package init(section: Int) {
    rawValue = (0..<16).contains(section) ? 1 << UInt16(section) : 0
  }

  /// Sections 1 to 15, of the persons.
  package static let persons = SectionSet(rawValue: ~1)
  /// Sections 0 to 15.
  static let all = SectionSet(rawValue: ~0)
  /// What survives in a redaction.
  static let survivors = SectionSet(section: ControlEvent.survivorSection)

  /// Sections 0 up to, without, `count`, at most 16.
  init(first count: Int) { self.init(rawValue: UInt16(truncatingIfNeeded: (1 << count) - 1)) }

  /// Whether section `section` is among them.
  package func contains(section: Int) -> Bool {
    !isDisjoint(with: SectionSet(section: section))
  }
}

/// What the control events held say about one event.
package struct EventMeaning: Hashable, Sendable {
  /// What stands in place of a section.
  package struct Replacement: Hashable, Sendable {
    /// The section's number.
    package let section: Int
    /// The redaction that carries what stands there, and vouches for it.
    package let redaction: Dot

    /// States that what `redaction` carries stands in place of the section.
    package init(section: Int, redaction: Dot) {
      self.section = section
      self.redaction = redaction
    }
  }

  /// A correction that applies.
  package struct Correction: Hashable, Sendable {
    /// The control event that carries the new facts and persons.
    package let dot: Dot
    /// Whether it replaces the persons, not the facts alone.
    package let replacesPersons: Bool

    /// Names the correction.
    package init(dot: Dot, replacesPersons: Bool) {
      self.dot = dot
      self.replacesPersons = replacesPersons
    }
  }

  /// Whether no counting grant stands behind the event: it is stored and has no effect.
  package var isInert: Bool
  /// Whether the event, or by reference its interaction, is withdrawn.
  package var isRetracted = false
  /// The correction by which it is read.
  package var correction: Correction?
  /// The redactions whose survivors stand in place of its sections, ascending by section, then by
  /// redaction; none of a section that is ``erased`` and of which nothing survives.
  package var redactions: [Replacement] = []
  /// Its sections that are listed, so that nothing of them stands: by erasures and extensions, or with
  /// the event that it corrects or redacts.
  package var listed: SectionSet = []
  /// Its sections that are erased, by erasures or by redactions of it or of the event that it corrects
  /// or redacts.
  package var erased: SectionSet = []
  /// Its earliest attested arrival, in milliseconds since 1970.
  package var arrivedMilliseconds: Int64?

  /// The meaning of an event that no control event names.
  package init(isInert: Bool) { self.isInert = isInert }

  /// Whether folds take it in.
  package var counts: Bool { !isInert && !isRetracted }
}

/// What becomes of an event.
package enum EventStatus: Hashable, Sendable {
  /// It has the roles it needs.
  case counts
  /// No counting grant stands behind it.
  case inert
  /// It governs the book, and is malformed or of a type that this version does not know.
  case withoutEffect
}
