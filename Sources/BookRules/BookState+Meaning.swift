package import EventModel
package import HybridTime

// Retraction, correction and redaction, §3 to §5 of the specification.
//
// An interaction may be held several times, as twins: events with one idempotency key and one source
// content. The state knows control events only, so whoever asks names the twins. Twins are told apart
// by what the source sent, never by what corrections made of it.

extension BookState {
  /// What the control events say about `event`.
  ///
  /// Allocates nothing when no control event concerns the event or one of its twins.
  ///
  /// - Parameters:
  ///   - event: Any event, as stored.
  ///   - twins: Its twins, held here, by §3 of the specification, in any order; naming the event itself
  ///     among them changes nothing.
  ///   - identify: Gives the first 8 bytes of the id of the event or of a twin; asked only for events
  ///     that a control event names.
  /// - Returns: Equal on every replica that holds the same control events and twins.
  /// - Throws: What `identify` throws.
  package func meaning<Failure: Error>(
    of event: Event, twins: [Dot] = [], identify: (Dot) throws(Failure) -> UInt64
  ) throws(Failure) -> EventMeaning {
    guard !event.type.isControl, !twins.isEmpty else {
      let acts = try acts(naming: CollectionOfOne(event.dot), identify: identify)
      return try meaning(of: event, acts: acts, identify: identify)
    }
    let all = [event.dot] + twins.filter { $0 != event.dot }
    return try meaning(
      of: event, acts: try acts(naming: all, identify: identify), identify: identify)
  }

  /// What the control events say about `event`, where it is known what they say of it and its twins.
  ///
  /// - Parameters:
  ///   - event: Any event, as stored.
  ///   - acts: See ``acts(naming:identify:)``.
  ///   - identify: Gives the first 8 bytes of the event's id; asked only if a control event names it.
  /// - Returns: Equal on every replica that holds the same control events and twins.
  /// - Throws: What `identify` throws.
  package func meaning<Failure: Error>(
    of event: Event, acts: TwinActs, identify: (Dot) throws(Failure) -> UInt64
  ) throws(Failure) -> EventMeaning {
    let dot = event.dot
    var meaning = EventMeaning(isInert: status(of: event) != .counts)
    if mayConcern(dot) {
      let idPrefix = indexes.naming[dot] == nil ? nil : try identify(dot)
      meaning.isRetracted = event.type.isRetractableByRun && isWithdrawnByRun(dot)
      let redactions = redactions(of: event, idPrefix: idPrefix)
      let taken = takenSections(of: dot)
      meaning.redactions = redactions.standing.filter { !taken.contains(section: $0.section) }
      meaning.listed = listedSections(of: dot)
      meaning.erased = taken.union(redactions.erased)
      meaning.arrivedMilliseconds = arrival(of: dot)
    }
    guard event.type.isRetractableByName else { return meaning }
    meaning.isRetracted = meaning.isRetracted || acts.retract(twinOf: dot.origin.key)
    if !event.type.isControl { meaning.correction = acts.correction(ofTwinOf: dot.origin.key) }
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
    guard let namings = indexes.naming[dot], let control = controls[dot] else { return false }
    return namings.contains { naming in
      naming.act == .retraction && naming.idPrefix == control.idPrefix
    }
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
  var isRetractableByName: Bool {
    !isControl || name == ControlEvent.TypeName.corrected
      || name == ControlEvent.TypeName.arrivalAttested
  }

  /// Whether a retracted run takes it along.
  var isRetractableByRun: Bool { isRetractableByName || isIdentityClaim }

  /// The facts of control events say who may do what, so nobody takes them away: except those of a
  /// correction, which then corrects nothing.
  package var hasRedactableFacts: Bool { !isControl || name == ControlEvent.TypeName.corrected }
}
