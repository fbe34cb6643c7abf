internal import BookRules
internal import EventModel
internal import EventStorage
package import HybridTime
internal import ProjectionEngine

extension ReplicaCore {
  /// Removes one field of an event for good: its section is erased, what else stands of it is kept
  /// beside. Where the section was redacted before, what that kept is redacted in turn.
  ///
  /// - Parameters:
  ///   - name: The field.
  ///   - dot: The event.
  ///   - reason: Why.
  /// - Returns: The redaction's name; the first, where concurrent ones are redacted in turn.
  /// - Throws: ``ReplicaError`` when event or field are not held, the section is erased, or this
  ///   replica may not.
  @discardableResult
  package func redact(
    _ name: String, of dot: Dot, reason: String?
  ) throws(ReplicaError) -> Dot {
    let own = try reference(to: dot)
    try require(.erase, to: "redact a field")
    let (stands, meaning) = try standing(of: dot)
    guard !stands.isKeyed(by: name) else {
      throw ReplicaError(
        .badRequest,
        "the source and its id tell the event apart from others and stay; 'daybook erase' takes them"
          + " with their person", location: dot.description)
    }
    for index in stands.sections.indices {
      guard index > 0 || stands.type.hasRedactableFacts, !meaning.listed.contains(section: index)
      else { continue }
      let redactions = meaning.redactions.filter { $0.section == index }.map(\.redaction)
      let drafts =
        redactions.isEmpty
        ? stands.sections[index].without(name).map { rest in
          [.redacting(own, section: index, survivors: rest, reason: reason)]
        } ?? [] : try again(redactions, without: name, reason: reason)
      if !drafts.isEmpty { return try appendControls(drafts) }
    }
    throw ReplicaError(
      .notFound,
      "no section of the event that is not erased has a field of this name; 'daybook event' shows"
        + " its fields", location: dot.description)
  }

  /// An event as it stands, corrected but not upcast, and what the control events say of it.
  private func standing(
    of dot: Dot
  ) throws(ReplicaError) -> (event: Event, meaning: EventMeaning) {
    try ReplicaError.translating {
      let snapshot = snapshot()
      guard let position = try snapshot.position(of: dot),
        let event = try snapshot.event(at: position)
      else {
        throw ReplicaError(
          .notFound, "the event is not held here; sync with a replica that holds it",
          location: dot.description)
      }
      let meaning = try events().meaning(of: event, at: position.rawValue)
      // It is redacted whether it counts or not.
      var counting = meaning
      (counting.isInert, counting.isRetracted) = (false, false)
      let effective = try EffectiveEvent(event, meaning: counting, in: try bookState()) {
        dot throws in
        try heldEvent(dot)
      }
      return (effective?.event ?? event, meaning)
    }
  }

  /// Redacts what survives in redactions, where it has the field.
  private func again(
    _ redactions: [Dot], without name: String, reason: String?
  ) throws(ReplicaError) -> [EventDraft] {
    var drafts: [EventDraft] = []
    for redaction in try bookState().survivingRedactions(of: redactions) ?? [] {
      guard let rest = try heldEvent(redaction)?.survivors.without(name) else { continue }
      drafts.append(
        .redacting(
          try reference(to: redaction), section: ControlEvent.survivorSection, survivors: rest,
          reason: reason))
    }
    return drafts
  }
}

extension Event {
  /// Whether a field of this name is part of the event's idempotency key.
  fileprivate func isKeyed(by name: String) -> Bool {
    guard idempotencyKey != nil else { return false }
    return [ReservedName.source, ReservedName.sourceID].contains {
      name.utf8.elementsEqual($0.description.utf8)
    }
  }
}

extension Section {
  /// The section without a field; nothing when it has none of this name.
  fileprivate func without(_ name: String) -> Section? {
    let rest = fields.filter { !$0.name.utf8.elementsEqual(name.utf8) }
    return rest.count == fieldCount ? nil : Section(rest)
  }
}
