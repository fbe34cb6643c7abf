package import HybridTime

/// What counting retractions and corrections say of an interaction and its twins, taken together: what it
/// means for one of them is found without a look at the others.
package struct TwinActs: Hashable, Sendable {
  /// Of those that reach the same events.
  private struct Acts: Hashable, Sendable {
    var isRetracted = false
    var latest: Naming?

    mutating func formUnion(_ other: Acts) {
      isRetracted = isRetracted || other.isRetracted
      if let theirs = other.latest { take(theirs) }
    }

    mutating func take(_ correction: Naming) {
      if let latest, correction < latest { return }
      latest = correction
    }
  }

  /// By those who reach every twin.
  private var ofAll = Acts()
  /// By those who reach the twins of their own device key.
  private var ofDevice: [DeviceKey: Acts] = [:]

  /// Nothing is said.
  package init() {}

  /// Whether they withdraw the twin of a device key.
  package func retract(twinOf key: DeviceKey) -> Bool { acts(on: key).isRetracted }

  /// The correction by which the twin of a device key is read.
  package func correction(ofTwinOf key: DeviceKey) -> EventMeaning.Correction? {
    guard let latest = acts(on: key).latest,
      case .correction(let replacesPersons) = latest.act
    else { return nil }
    return EventMeaning.Correction(dot: latest.key.dot, replacesPersons: replacesPersons)
  }

  private func acts(on key: DeviceKey) -> Acts {
    var acts = ofAll
    if let own = ofDevice[key] { acts.formUnion(own) }
    return acts
  }

  /// Takes in a retraction or correction of one of them, by how far it reaches.
  fileprivate mutating func take(_ naming: Naming, _ reach: Reach) {
    var act = Acts()
    if naming.act == .retraction { act.isRetracted = true } else { act.latest = naming }
    switch reach {
    case .nothing: break
    case .device: ofDevice[naming.key.dot.origin.key, default: Acts()].formUnion(act)
    case .everyone: ofAll.formUnion(act)
    }
  }
}

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
  /// What retractions and corrections say of an event and its twins. O(those that name one of them).
  ///
  /// - Parameters:
  ///   - dots: The event and its twins, by §3 of the specification.
  ///   - identify: Gives the first 8 bytes of an id; asked only for events that a control event names.
  /// - Returns: What holds for any of them.
  /// - Throws: What `identify` throws.
  package func acts<Failure: Error>(
    naming dots: some Sequence<Dot>, identify: (Dot) throws(Failure) -> UInt64
  ) throws(Failure) -> TwinActs {
    var acts = TwinActs()
    for dot in dots {
      guard let namings = indexes.naming[dot] else { continue }
      let idPrefix = try identify(dot)
      // Corrections go with the facts they were made for.
      let isRobbed =
        indexes.redacted[EventReference(dot: dot, idPrefix: idPrefix)]?.contains(section: 0)
        ?? false
      for naming in namings where naming.idPrefix == idPrefix {
        switch naming.act {
        case .retraction: break
        case .correction where isRobbed || !isInForce(correction: naming.key.dot): continue
        case .correction: break
        case .redaction: continue
        }
        acts.take(naming, reach(of: naming.key.dot, naming: dot))
      }
    }
    return acts
  }

  /// Whether a control event names the event, to retract, correct or redact it. O(1).
  package func names(_ dot: Dot) -> Bool { indexes.naming[dot] != nil }

  /// How far a retraction or correction by the event `author` reaches that names `event`. O(log).
  package func reach(of author: Dot, naming event: Dot) -> Reach {
    if counts(author, for: .configure) { return .everyone }
    let isOwn = author.origin.key == event.origin.key
    return isOwn && counts(author, for: .append) ? .device : .nothing
  }

  /// Whether a held correction is neither taken back nor robbed of its facts.
  private func isInForce(correction dot: Dot) -> Bool {
    !isWithdrawn(control: dot) && !redactedSections(ofHeld: dot).contains(section: 0)
  }
}
