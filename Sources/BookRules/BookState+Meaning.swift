package import EventModel
package import HybridTime

// What all control events say of one event, §3 to §7 of the specification.

extension BookState {
  /// What the control events say about `event`. Allocates nothing when none concerns it.
  ///
  /// - Parameters:
  ///   - event: Any event, as stored.
  ///   - identify: Gives the first 8 bytes of its id; asked only if a control event names it.
  /// - Returns: Equal on every replica that holds the same control events.
  /// - Throws: What `identify` throws.
  package func meaning<Failure: Error>(
    of event: Event, identify: (Dot) throws(Failure) -> UInt64
  ) throws(Failure) -> EventMeaning {
    let dot = event.dot
    var meaning = EventMeaning(isInert: status(of: event) != .counts)
    guard mayConcern(dot) else { return meaning }
    let idPrefix = names(dot) ? try identify(dot) : nil
    meaning.isRetracted = event.type.isRetractableByRun && isWithdrawnByRun(dot)
    if let idPrefix, event.type.isRetractableByName {
      let acts = acts(on: dot, idPrefix: idPrefix, isInteraction: !event.type.isControl)
      meaning.isRetracted = meaning.isRetracted || acts.isRetracted
      meaning.correction = acts.correction
    }
    let redactions = redactions(of: event, idPrefix: idPrefix)
    let taken = takenSections(of: dot)
    meaning.redactions = redactions.standing.filter { !taken.contains(section: $0.section) }
    meaning.listed = listedSections(of: dot)
    meaning.erased = taken.union(redactions.erased)
    meaning.arrivedMilliseconds = arrival(of: dot)
    return meaning
  }

  /// Whether the event has the role it needs. Allocates nothing for interactions.
  package func status(of event: Event) -> EventStatus {
    guard event.type.isControl else { return counts(event.dot, for: .append) ? .counts : .inert }
    if event.type.isIdentityClaim {
      return counts(event.dot, for: .identity) ? .counts : .inert
    }
    guard let control = controls[event.dot], control.content != .notUnderstood else {
      return .withoutEffect
    }
    return hasAuthority(control) ? .counts : .inert
  }

  /// Whether a run that was retracted holds the event, which is of a kind that can be. O(retractions
  /// of the origin).
  private func isWithdrawnByRun(_ dot: Dot) -> Bool {
    guard let retractions = indexes.runRetractions[dot.origin] else { return false }
    for retraction in retractions {
      if retraction.run.first > dot.sequence { return false }
      if dot.sequence <= retraction.run.last { return true }
    }
    return false
  }

  /// Whether a held correction or attestation is taken back.
  func isWithdrawn(control dot: Dot) -> Bool {
    if isWithdrawnByRun(dot) { return true }
    guard let control = controls[dot] else { return false }
    return isWithdrawnByName(dot, idPrefix: control.idPrefix)
  }
}

extension ControlEvent {
  /// Whether a retraction can take it back; all others are undone by a later event that says
  /// otherwise, so that no retraction hangs on another.
  var isRetractable: Bool {
    switch self {
    case .corrected, .arrivalAttested: true
    default: false
    }
  }
}

// By type, not by what was parsed: a husk whose facts are gone is still of its type.
extension EventType {
  /// Whether it claims that identifiers are one customer, or are not.
  package var isIdentityClaim: Bool { isControl && name.hasPrefix("identity.") }

  /// Whether a retraction can name it: an interaction, a correction or an attestation.
  package var isRetractableByName: Bool {
    !isControl || name == ControlEvent.TypeName.corrected
      || name == ControlEvent.TypeName.arrivalAttested
  }

  /// Whether a retracted run takes it along.
  var isRetractableByRun: Bool { isRetractableByName || isIdentityClaim }

  /// The facts of control events say who may do what, so nobody takes them away: except those of a
  /// correction, which then corrects nothing.
  package var hasRedactableFacts: Bool { !isControl || name == ControlEvent.TypeName.corrected }
}
