package import EventModel
package import HybridTime

// What control events carry for readers, read off the event when it is applied. Section 1 of any of
// them may be erased or hold anything, so a field of another kind is absent.

/// Names of fields in section 1 of control events. They begin with '@', so that they cannot meet a
/// source's own fields in the new persons of a correction.
package enum ControlName {
  /// Why a person did this.
  package static let reason: StaticString = "@reason"
  /// What the people of the book call the key of a grant.
  package static let label: StaticString = "@label"
  /// Tags of the identifiers that an erasure asks for.
  package static let tags: StaticString = "@tags"
}

extension Event {
  /// Why a person made this control event, if one said so.
  package var controlReason: String? { personal.text(ControlName.reason) }

  /// What people call the key that this grant names.
  package var grantLabel: String? { personal.text(ControlName.label) }

  /// The facts that a correction puts in place of the old.
  package var correctedFacts: Section? { facts.object("facts") }

  /// The persons that a correction puts in place of the old: its sections 1 to 15 without its reason.
  package var correctedPersons: [Section] {
    [personal.without([ControlName.reason])] + sections.dropFirst(2)
  }

  /// What this redaction leaves of a section: its own section 2.
  package var survivors: Section {
    sections.count > ControlEvent.survivorSection
      ? sections[ControlEvent.survivorSection] : .empty
  }

  /// The content of a declared document, UTF-8.
  package var documentContent: [UInt8]? {
    facts.textRange("content").map { Array(facts.bytes[$0]) }
  }
}

extension Section {
  /// The object `name` as a section: an object is written as a section behind a tag.
  func object(_ name: StaticString) -> Section? {
    guard let range = range(of: name), bytes[range.lowerBound] == ValueTag.object else {
      return nil
    }
    return Section(unchecked: Array(bytes[range.dropFirst()]))
  }

  /// The section without the fields `names`.
  func without(_ names: [StaticString]) -> Section {
    guard names.contains(where: { range(of: $0) != nil }) else { return self }
    let spelled = Set(names.map(\.description))
    return Section(fields.filter { !spelled.contains($0.name) })
  }

  /// The fields that `other` carries, too, with equal bytes.
  func common(with other: Section) -> Section {
    var theirs: [ArraySlice<UInt8>: ArraySlice<UInt8>] = [:]
    other.forEachRange { name, value in
      theirs[other.bytes[name]] = other.bytes[value]
      return true
    }
    var isShared: [Bool] = []
    forEachRange { name, value in
      isShared.append(theirs[bytes[name]] == bytes[value])
      return true
    }
    return Section(zip(fields, isShared).filter(\.1).map(\.0))
  }

  /// The section with the fields `names` of `other`, in place of its own of these names.
  func taking(_ names: [StaticString], from other: Section) -> Section {
    let spelled = Set(names.map(\.description))
    let taken = other.fields.filter { spelled.contains($0.name) }
    let kept = without(names)
    return taken.isEmpty ? kept : Section(kept.fields + taken)
  }
}

extension ControlEvent {
  /// The section of a redaction that carries what survives.
  package static let survivorSection = 2

  /// The event whose sections it replaces when that is read, if it is a correction or a redaction.
  var replacedEvent: EventReference? {
    switch self {
    case .corrected(let event, _), .redacted(let event, _, _): event
    default: nil
    }
  }
}

extension BookState {
  /// The event that a held correction or redaction names and, where a redaction names a correction,
  /// the one that this names: the last is what is read otherwise because of it. Empty for other
  /// events. O(1).
  package func replacedEvents(by dot: Dot) -> [EventReference] {
    guard let content = controls[dot]?.content, let named = content.replacedEvent else { return [] }
    guard case .redacted = content, case .corrected(let event, _)? = controls[named.dot]?.content
    else { return [named] }
    return [named, event]
  }

  /// The counting corrections and redactions that name the event, and the redactions that name these
  /// corrections. O(those).
  package func replacements(of dot: Dot) -> Set<Dot> {
    var found: Set<Dot> = []
    for naming in indexes.naming[dot] ?? [] where naming.act != .retraction {
      found.insert(naming.key.dot)
      guard naming.act.isCorrection else { continue }
      for further in indexes.naming[naming.key.dot] ?? [] where further.act.isRedaction {
        found.insert(further.key.dot)
      }
    }
    return found
  }
}
