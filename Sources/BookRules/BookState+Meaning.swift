package import EventModel
package import HybridTime

// Retraction, correction and redaction, §3 to §5 of the specification.
//
// An interaction may be held several times, as twins: events with one idempotency key and one source
// content. The state knows control events only, so whoever asks names the twins. Twins are told apart
// by what the source sent, never by what corrections made of it.

/// How far a retraction or correction reaches.
package enum Reach: Hashable, Sendable {
  /// It has no effect: its author lacks the role.
  case nothing
  /// The named event and its twins of the same device key.
  case device
  /// The named event and all its twins.
  case everyone
}

extension BookState {
  /// What the control events say about `event`.
  ///
  /// Allocates nothing when no control event concerns the event or one of its twins.
  ///
  /// - Parameters:
  ///   - event: Any event, as stored.
  ///   - twins: The other events held with its idempotency key and source content, in any order;
  ///     naming the event itself among them changes nothing.
  ///   - identify: Gives the first 8 bytes of the id of the event or of a twin; asked only for events
  ///     that a control event names.
  /// - Returns: Equal on every replica that holds the same control events and twins.
  /// - Throws: What `identify` throws.
  package func meaning<Failure: Error>(
    of event: Event, twins: [Dot] = [], identify: (Dot) throws(Failure) -> UInt64
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
    guard !indexes.naming.isEmpty, event.type.isRetractableByName else { return meaning }
    var latest: Naming?
    try judge(dot, as: dot, &meaning.isRetracted, &latest, identify)
    guard !event.type.isControl else { return meaning }
    for twin in twins where twin != dot {
      try judge(twin, as: dot, &meaning.isRetracted, &latest, identify)
    }
    meaning.correction = latest.flatMap(\.correction)
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

  /// Takes in what names `named` and reaches `dot`: whether it withdraws, and the latest correction.
  private func judge<Failure: Error>(
    _ named: Dot, as dot: Dot, _ isRetracted: inout Bool, _ latest: inout Naming?,
    _ identify: (Dot) throws(Failure) -> UInt64
  ) throws(Failure) {
    guard let namings = indexes.naming[named] else { return }
    let idPrefix = try identify(named)
    let redacted = indexes.redacted[EventReference(dot: named, idPrefix: idPrefix)] ?? []
    for naming in namings.reversed() where naming.idPrefix == idPrefix {
      switch naming.act {
      case .retraction:
        if !isRetracted, reaches(naming.key.dot, from: named, to: dot) { isRetracted = true }
      case .correction:
        // Corrections go with the facts they were made for.
        if redacted.contains(section: 0) { continue }
        if let latest, naming < latest { continue }
        if reaches(naming.key.dot, from: named, to: dot), isInForce(correction: naming.key.dot) {
          latest = naming
        }
      case .redaction: continue
      }
    }
  }

  private func reaches(_ author: Dot, from named: Dot, to dot: Dot) -> Bool {
    switch reach(of: author, naming: named) {
    case .nothing: false
    case .device: named.origin.key == dot.origin.key
    case .everyone: true
    }
  }

  /// How far a retraction or correction by the event `author` reaches that names `event`. O(log).
  package func reach(of author: Dot, naming event: Dot) -> Reach {
    if counts(author, for: .configure) { return .everyone }
    let isOwn = author.origin.key == event.origin.key
    return isOwn && counts(author, for: .append) ? .device : .nothing
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

  /// Whether a held correction is neither taken back nor robbed of its facts.
  private func isInForce(correction dot: Dot) -> Bool {
    !isWithdrawn(control: dot) && !redactedSections(ofHeld: dot).contains(section: 0)
  }
}

extension Naming {
  fileprivate var correction: EventMeaning.Correction? {
    guard case .correction(let replacesPersons) = act else { return nil }
    return EventMeaning.Correction(dot: key.dot, replacesPersons: replacesPersons)
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
