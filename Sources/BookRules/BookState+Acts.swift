package import HybridTime

// Retractions and corrections, §3 and §4 of the specification: an act reaches the event that it names, and
// the copies of this event that extensions name. Whether an event is a copy is for writers to tell; what
// is read hangs on names alone.

/// What retractions and corrections say of one interaction.
package struct Acts: Hashable, Sendable {
  /// Whether one of them withdraws it.
  package var isRetracted = false
  /// The latest correction of it.
  var latest: Naming?

  /// The correction by which it is read.
  package var correction: EventMeaning.Correction? {
    guard let latest, case .correction(let replacesPersons) = latest.act else { return nil }
    return EventMeaning.Correction(dot: latest.key.dot, replacesPersons: replacesPersons)
  }
}

/// That an act holds for another event, too.
struct ActExtension: Hashable, Sendable, Comparable {
  let by: Dot
  let act: EventReference
  /// How the id of the other event begins.
  let idPrefix: UInt64

  static func < (left: ActExtension, right: ActExtension) -> Bool {
    if left.by != right.by { return left.by < right.by }
    return left.act != right.act
      ? (left.act.dot, left.act.idPrefix) < (right.act.dot, right.act.idPrefix)
      : left.idPrefix < right.idPrefix
  }
}

extension BookState {
  /// What retractions and corrections say of an event. O(those that name it).
  ///
  /// - Parameters:
  ///   - dot: The event.
  ///   - idPrefix: The first 8 bytes of its id.
  ///   - isInteraction: Control events are reached by their names alone, and not corrected.
  /// - Returns: What those say that reach it.
  func acts(on dot: Dot, idPrefix: UInt64, isInteraction: Bool) -> Acts {
    var acts = Acts()
    let isCorrectable =
      isInteraction
      && !redactedSections(of: EventReference(dot: dot, idPrefix: idPrefix)).contains(section: 0)
    guard isInteraction else {
      acts.isRetracted = isWithdrawnByName(dot, idPrefix: idPrefix)
      return acts
    }
    forEachAct(on: dot, idPrefix: idPrefix) { naming in
      if naming.act == .retraction {
        acts.isRetracted = true
      } else if acts.latest.map({ $0 < naming }) ?? true, isCorrectable,
        isInForce(correction: naming.key.dot)
      {
        acts.latest = naming
      }
    }
    return acts
  }

  /// Calls `body` with each retraction and correction that reaches an interaction.
  private func forEachAct(on dot: Dot, idPrefix: UInt64, _ body: (Naming) -> Void) {
    for naming in indexes.naming[dot] ?? []
    where naming.idPrefix == idPrefix && !naming.act.isRedaction {
      body(naming)
    }
    for further in indexes.extended[dot] ?? [] where further.idPrefix == idPrefix {
      guard mayUndo(further.by, eventsOf: dot.origin.key), let act = act(further.act),
        mayUndo(act.key.dot, eventsOf: dot.origin.key)
      else { continue }
      body(act)
    }
  }

  /// Whether a counting retraction names an event.
  func isWithdrawnByName(_ dot: Dot, idPrefix: UInt64) -> Bool {
    (indexes.naming[dot] ?? []).contains { $0.act == .retraction && $0.idPrefix == idPrefix }
  }

  /// A retraction or correction that counts, by name, as it names its event.
  private func act(_ reference: EventReference) -> Naming? {
    guard let control = controls[reference.dot], control.idPrefix == reference.idPrefix,
      hasAuthority(control)
    else { return nil }
    switch control.content {
    case .retracted(let event):
      return Naming(key: control.key, act: .retraction, idPrefix: event.idPrefix)
    case .corrected(let event, let replacesPersons):
      return Naming(
        key: control.key, act: .correction(replacesPersons: replacesPersons),
        idPrefix: event.idPrefix)
    default: return nil
    }
  }

  /// Whether the author of a retraction, a correction or an extension of one may undo events of a
  /// device: all with `configure`, its own with `append`. O(log).
  package func mayUndo(_ author: Dot, eventsOf key: DeviceKey) -> Bool {
    counts(author, for: .configure)
      || (author.origin.key == key && counts(author, for: .append))
  }

  /// Whether a held correction is neither taken back nor robbed of its facts.
  private func isInForce(correction dot: Dot) -> Bool {
    !isWithdrawn(control: dot) && !redactedAlong(dot).contains(section: 0)
  }

  /// The events that extensions let an act hold for, counting for them or not. O(extensions of the act).
  package func events(extendedBy act: Dot) -> [EventReference] {
    (indexes.actExtensions[act] ?? []).flatMap { by -> [EventReference] in
      guard case .extended(let named, let events)? = controls[by]?.content,
        controls[act]?.idPrefix == named.idPrefix
      else { return [] }
      return events
    }
  }

  /// The events that are read otherwise because of a held correction or redaction, held or not.
  /// O(extensions of the correction).
  package func events(readOtherwiseBy dot: Dot) -> [Dot] {
    let now = present.first?.events(readOtherwiseBy: dot) ?? []
    let chain = replacedEvents(by: dot).map(\.dot)
    return now + chain.suffix(1)
      + ([dot] + chain).flatMap { events(extendedBy: $0).map(\.dot) }
  }

  /// The events that counting retractions, corrections, redactions and extensions of these name,
  /// ascending.
  package var namedEvents: [Dot] {
    Set(indexes.naming.keys).union(indexes.extended.keys).sorted()
  }

  /// The retractions that reach an interaction, the corrections that do and are in force, and the
  /// redactions that name it and are not replaced. O(those that name it).
  package func standingActs(on event: EventReference) -> [StandingAct] {
    var found: [StandingAct] = []
    forEachAct(on: event.dot, idPrefix: event.idPrefix) { naming in
      guard let control = controls[naming.key.dot] else { return }
      let isRetraction = naming.act == .retraction
      guard isRetraction || isInForce(correction: control.dot) else { return }
      found.append(
        StandingAct(
          reference: EventReference(dot: control.dot, idPrefix: control.idPrefix),
          kind: isRetraction ? .retraction : .correction, key: naming.key))
    }
    for (_, redaction) in redactions(naming: event) where !isReplaced(redaction) {
      guard let control = controls[redaction] else { continue }
      found.append(
        StandingAct(
          reference: EventReference(dot: redaction, idPrefix: control.idPrefix),
          kind: .redaction, key: control.key))
    }
    return found
  }
}

/// A retraction, correction or redaction that reaches some event.
package struct StandingAct: Hashable, Sendable {
  /// What it does.
  package enum Kind: Hashable, Sendable {
    case retraction, correction, redaction
  }

  /// How others name it.
  package let reference: EventReference
  /// What it does.
  package let kind: Kind
  /// Its place in (recorded, origin, sequence).
  package let key: WinnerKey
}
