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

  /// What a redaction leaves of section `section`.
  package func survivors(ofSection section: Int) -> Section {
    section == 0
      ? facts.object("fields") ?? .empty : personal.without([ControlName.reason])
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

  /// The section with the fields `names` of `other`, in place of its own of these names.
  func taking(_ names: [StaticString], from other: Section) -> Section {
    let spelled = Set(names.map(\.description))
    let taken = other.fields.filter { spelled.contains($0.name) }
    let kept = without(names)
    return taken.isEmpty ? kept : Section(kept.fields + taken)
  }
}

extension ControlEvent {
  /// The event whose sections it replaces when that is read, if it is a correction or a redaction.
  package var replacedEvent: Dot? {
    switch self {
    case .corrected(let event, _): event.dot
    case .redacted(let event, _): event.dot
    default: nil
    }
  }
}
