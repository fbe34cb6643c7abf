internal import BookRules
internal import EventModel
internal import EventStorage
package import HybridTime
internal import ProjectionEngine

extension ReplicaCore {
  /// Removes a field of an event for good, from its facts and all its persons: each section that has it
  /// is erased, with what corrections of the event say there, and what else stands of it is kept
  /// beside. What redactions left of it before gives way. Copies of the event, those that are met later
  /// too, are redacted with it.
  ///
  /// - Parameters:
  ///   - name: The field.
  ///   - dot: The event.
  ///   - reason: Why.
  /// - Returns: The redaction's name; the first of the event, where several sections are redacted.
  /// - Throws: ``ReplicaError`` when event or field are not held, the sections are erased, or this
  ///   replica may not.
  @discardableResult
  package func redact(
    _ name: String, of dot: Dot, reason: String?
  ) throws(ReplicaError) -> Dot {
    let standing = try standingEvent(dot)
    try require(.erase, to: "redact a field")
    guard !standing.isKeyed(by: name) else {
      throw ReplicaError(
        .badRequest,
        "the source and its id tell the event apart from others and stay; 'daybook erase' takes them"
          + " with their person", location: dot.description)
    }
    let sections = try self.sections(of: standing, toRedactFor: name)
    guard !sections.isEmpty else {
      throw ReplicaError(
        .notFound,
        "no section of the event that is not erased has a field of this name; 'daybook event' shows"
          + " its fields", location: dot.description)
    }
    let drafts = try redactions(of: name, sections, in: standing, reason: reason)
    let dots = try appendControls(
      (sections.contains(1) ? try keyListing(of: standing.event) : []) + drafts)
    guard let first = dots.suffix(drafts.count).first else { preconditionFailure("not empty") }
    return first
  }

  private func sections(
    of standing: StandingEvent, toRedactFor name: String
  ) throws(ReplicaError) -> [Int] {
    standing.sections(toRedactFor: name, corrections: try corrections(of: standing.event))
  }

  /// The redactions that take a field from sections of one event.
  private func redactions(
    of name: String, _ sections: [Int], in standing: StandingEvent, reason: String?
  ) throws(ReplicaError) -> [EventDraft] {
    guard !sections.isEmpty else { return [] }
    let own = try reference(to: standing.event.dot)
    let state = try bookState()
    let redactions = sections.map { section in
      EventDraft.redacting(
        own, section: section, survivors: standing.section(section).without(name),
        replaces: standing.redactions(of: section).compactMap { state.control($0)?.reference },
        reason: reason)
    }
    return redactions + (try redactionsOfExtended(standing, sections))
  }

  /// Redactions of corrections that do not name the event, but are extended to it: they say of it what is
  /// redacted.
  private func redactionsOfExtended(
    _ standing: StandingEvent, _ sections: [Int]
  ) throws(ReplicaError) -> [EventDraft] {
    let state = try bookState()
    let acts = state.standingActs(on: try reference(to: standing.event.dot))
    let named = Set(state.corrections(naming: standing.event.dot))
    var drafts: [EventDraft] = []
    for act in acts where act.kind == .correction && !named.contains(act.reference.dot) {
      let carrier = try requireEvent(act.reference.dot)
      for section in carrier.sections.indices where section > 0 || sections.contains(0) {
        drafts.append(.redacting(act.reference, section: section, survivors: .empty))
      }
    }
    return drafts
  }

  /// What remembers the key of an interaction, and of the others under it, before its section 1 goes;
  /// none for events without a key, or when it is remembered already.
  private func keyListing(of event: Event) throws(ReplicaError) -> [EventDraft] {
    let state = try bookState()
    guard event.idempotencyKey != nil, state.rememberedKey(of: event.dot) == nil else { return [] }
    guard erasures.secret != nil else { throw Self.missingSecret(directory) }
    let listed = try keyListings(of: event, in: state).sorted()
    return listed.inErasureParts.map {
      .erasing(ErasureRequest(sections: $0, tags: [], cutMilliseconds: 0))
    }
  }

  /// An event with what stands of it, corrected but not upcast.
  private func standingEvent(_ dot: Dot) throws(ReplicaError) -> StandingEvent {
    try ReplicaError.translating {
      let snapshot = snapshot()
      guard let position = try snapshot.position(of: dot),
        let event = try snapshot.event(at: position)
      else { throw Self.notHeld(dot) }
      let meaning = try events().meaning(of: event)
      // It is redacted whether it counts or not.
      let sections = try event.standingSections(meaning, in: try bookState()) { dot throws in
        try heldEvent(dot)
      }
      return StandingEvent(event: event, meaning: meaning, sections: sections)
    }
  }

  /// What is left of the corrections that name an interaction, counting or not.
  private func corrections(of event: Event) throws(ReplicaError) -> [Event] {
    guard !event.type.isControl else { return [] }
    var corrections: [Event] = []
    for dot in try bookState().corrections(naming: event.dot) {
      let carrier = try standingEvent(dot)
      corrections.append(carrier.event.with(sections: carrier.sections))
    }
    return corrections
  }
}

/// An event as stored, and what stands of it.
private struct StandingEvent {
  let event: Event
  let meaning: EventMeaning
  let sections: [Section]

  /// What stands of a section; nothing where a correction left none.
  func section(_ index: Int) -> Section { index < sections.count ? sections[index] : .empty }

  /// The redactions whose survivors stand in place of a section.
  func redactions(of section: Int) -> [Dot] {
    meaning.redactions.filter { $0.section == section }.map(\.redaction)
  }

  /// Whether a field of this name is part of the event's idempotency key.
  func isKeyed(by name: String) -> Bool {
    guard !event.type.isControl, IdempotencyKey(section: section(1)) != nil else { return false }
    return [ReservedName.source, ReservedName.sourceID].contains {
      name.utf8.elementsEqual($0.description.utf8)
    }
  }

  /// The sections whose redaction leaves nothing of a field, ascending.
  ///
  /// - Parameters:
  ///   - name: The field.
  ///   - corrections: What is left of the event's corrections, which goes with its sections.
  /// - Returns: Empty when nobody says anything of this name that is not erased.
  func sections(toRedactFor name: String, corrections: [Event]) -> [Int] {
    let free = event.redactableSections.subtracting(meaning.listed)
    var chosen = event.sections.indices.filter { index in
      free.contains(section: index) && holds(name, in: index)
    }
    if !chosen.contains(0), free.contains(section: 0),
      corrections.contains(where: { $0.correctedFacts?.holds(name) ?? false })
    {
      chosen.insert(0, at: 0)
    }
    let isBeyond = sections.dropFirst(event.sections.count).contains { $0.holds(name) }
    if !chosen.contains(where: { $0 > 0 }), free.contains(section: 1),
      isBeyond || corrections.contains(where: { $0.correctedPersons.contains { $0.holds(name) } })
    {
      chosen.append(1)
    }
    guard !chosen.isEmpty, replacesPersons else { return chosen }
    // The correction goes with what is redacted: the persons that it put here stay as survivors.
    return event.sections.indices.filter { $0 > 0 || chosen.contains(0) }
  }

  /// Whether the persons that stand are those of a correction.
  private var replacesPersons: Bool {
    meaning.correction?.replacesPersons == true && meaning.erased.isDisjoint(with: .persons)
  }

  /// Whether a section has a field, as it stands or, under a correction, as stored.
  private func holds(_ name: String, in index: Int) -> Bool {
    let isErased = meaning.erased.contains(section: index)
    return section(index).holds(name) || (!isErased && event.sections[index].holds(name))
  }
}

extension HeldControl {
  fileprivate var reference: EventReference { EventReference(dot: dot, idPrefix: idPrefix) }
}

extension Event {
  fileprivate func with(sections: [Section]) -> Event {
    Event(
      dot: dot, recorded: recorded,
      draft: EventDraft(channel: channel, type: type, schema: schema, sections: sections))
  }
}

extension Section {
  fileprivate func holds(_ name: String) -> Bool {
    fields.contains { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// The section without a field.
  fileprivate func without(_ name: String) -> Section {
    holds(name) ? Section(fields.filter { !$0.name.utf8.elementsEqual(name.utf8) }) : self
  }
}
