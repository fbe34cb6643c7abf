package import EventModel
package import HybridTime
internal import MerkleProofs

/// An interaction as folds see it: with its sections corrected, redacted and erased, at its effective
/// place in fold order.
package struct EffectiveEvent: Hashable, Sendable {
  /// The event by its own name, channel, type, schema and recorded time, with the sections that stand.
  package let event: Event
  /// Its place in fold order.
  package let key: FoldKey

  /// The names of section 1 that stay through a correction.
  static var keyNames: [StaticString] { [ReservedName.source, ReservedName.sourceID] }
  /// The facts that stay through a correction that states no time.
  static var timeNames: [StaticString] {
    [ReservedName.occurred, ReservedName.sent, ReservedName.received, ReservedName.skew]
  }

  /// An interaction that counts and that no control event concerns.
  package init(asStored event: Event) {
    self.event = event
    key = FoldKey(event)
  }

  private init(event: Event, key: FoldKey) {
    self.event = event
    self.key = key
  }

  /// The event at its place with other facts, which follow another schema.
  func with(facts: Section, schema: Digest256) -> EffectiveEvent {
    let draft = EventDraft(
      channel: event.channel, type: event.type, schema: schema,
      sections: [facts] + event.persons)
    return EffectiveEvent(
      event: Event(dot: event.dot, recorded: event.recorded, draft: draft), key: key)
  }

  /// What folds see of `event`; nothing when it is a control event, inert or retracted.
  ///
  /// - Parameters:
  ///   - event: As stored. Sections that are erased may be empty already.
  ///   - meaning: What the control events say about it, from
  ///     ``BookState/meaning(of:identify:)``.
  ///   - state: The state that said so.
  ///   - fetch: Gives a control event that is held, by name; asked only for the correction and the
  ///     redactions that apply, and for what is said of these.
  /// - Throws: What `fetch` throws.
  package init?<Failure: Error>(
    _ event: Event, meaning: EventMeaning, in state: BookState,
    fetch: (Dot) throws(Failure) -> Event?
  ) throws(Failure) {
    guard meaning.counts, !event.type.isControl else { return nil }
    guard meaning.correction != nil || !meaning.erased.isEmpty else {
      self.event = event
      key = FoldKey(event, arrivedMilliseconds: meaning.arrivedMilliseconds)
      return
    }
    let sections = try event.standingSections(meaning, in: state, fetch: fetch)
    self.event = event.with(sections: sections)
    key = FoldKey(self.event, arrivedMilliseconds: meaning.arrivedMilliseconds)
  }
}

extension Event {
  /// The sections that stand of it, also of a control event: nothing of one that is listed, else what
  /// redactions leave, else what a correction states, else its own; so what was taken away never comes
  /// back.
  ///
  /// - Parameters:
  ///   - meaning: What the control events say about it.
  ///   - state: The state that said so.
  ///   - fetch: Gives a control event that is held, by name.
  /// - Returns: The sections; more or fewer than its own where a correction says so.
  /// - Throws: What `fetch` throws.
  package func standingSections<Failure: Error>(
    _ meaning: EventMeaning, in state: BookState, fetch: (Dot) throws(Failure) -> Event?
  ) throws(Failure) -> [Section] {
    var sections = sections
    if let correction = meaning.correction, let carrier = try fetch(correction.dot) {
      sections = try corrected(by: carrier, correction, meaning, in: state, fetch)
    }
    try Self.redact(&sections, meaning.redactions, erased: meaning.erased, fetch)
    return sections
  }

  /// Puts what redactions leave in place of what is erased.
  private static func redact<Failure: Error>(
    _ sections: inout [Section], _ redactions: [EventMeaning.Replacement], erased: SectionSet,
    _ fetch: (Dot) throws(Failure) -> Event?
  ) throws(Failure) {
    for index in sections.indices where erased.contains(section: index) {
      let standing = redactions.filter { $0.section == index }.map(\.redaction)
      sections[index] = try survivors(of: standing, fetch)
    }
  }

  /// The sections after a correction, whose own persons may be redacted or erased.
  private func corrected<Failure: Error>(
    by carrier: Event, _ correction: EventMeaning.Correction, _ meaning: EventMeaning,
    in state: BookState, _ fetch: (Dot) throws(Failure) -> Event?
  ) throws(Failure) -> [Section] {
    var facts = carrier.correctedFacts ?? .empty
    if facts.integer(ReservedName.occurred) == nil {
      facts = facts.taking(EffectiveEvent.timeNames, from: self.facts)
    }
    // The persons of a correction may be in another order: once one is erased, none comes back.
    guard correction.replacesPersons, meaning.erased.isDisjoint(with: .persons) else {
      return [facts] + persons
    }
    var sections = [facts] + carrier.correctedPersons
    let redactions = state.redactions(ofHeld: carrier)
    let taken = state.takenSections(of: carrier.dot)
    try Self.redact(
      &sections, redactions.standing.filter { !taken.contains(section: $0.section) },
      erased: taken.union(redactions.erased), fetch)
    sections[1] = sections[1].without([ControlName.reason])
      .taking(EffectiveEvent.keyNames, from: personal)
    return sections
  }

  /// What all redactions of a section carry with equal bytes; nothing where there is none.
  private static func survivors<Failure: Error>(
    of redactions: [Dot], _ fetch: (Dot) throws(Failure) -> Event?
  ) throws(Failure) -> Section {
    var common: Section?
    for redaction in redactions {
      let carried = try fetch(redaction)?.survivors ?? .empty
      common = common?.common(with: carried) ?? carried
    }
    return common ?? .empty
  }

  fileprivate func with(sections: [Section]) -> Event {
    Event(
      dot: dot, recorded: recorded,
      draft: EventDraft(channel: channel, type: type, schema: schema, sections: sections))
  }
}
