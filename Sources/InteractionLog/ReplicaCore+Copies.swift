internal import BookRules
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import ProjectionEngine

// A message that reached several replicas is held as several events, copies of one another. What is said
// of one is extended to the others where they meet (§3 of `docs/format/control-events.md`).

/// How far acts were extended to the copies held, since the store was opened.
struct ActWatch {
  /// Up to where the log was looked at; 0 before the first time.
  var position: UInt64 = 0
  /// What this replica could extend then.
  var roles: RoleSet = []
}

extension ReplicaCore {
  /// The other events with an interaction's idempotency key, as they state it, ascending by position.
  func sharingKey(of event: Event) throws(ReplicaError) -> [Event] {
    try ReplicaError.translating { try group(of: event) { _ in true } }
  }

  /// The other events with an interaction's key and source content, as they are stored and with nothing
  /// missing, ascending by position.
  func copies(of event: Event) throws(ReplicaError) -> [Event] {
    guard !event.sections.contains(where: \.isErased) else { return [] }
    return try ReplicaError.translating {
      let content = try stored(event.dot)?.contentClass
      return try group(of: event) { $0.contentClass == content }.filter { copy in
        !copy.sections.contains(where: \.isErased)
      }
    }
  }

  private func group(
    of event: Event, where isWanted: (KeyGroupMember) -> Bool
  ) throws -> [Event] {
    let snapshot = snapshot()
    guard let position = try snapshot.position(of: event.dot) else { return [] }
    let group = try snapshot.keyGroup(containing: position) ?? []
    return try group.filter { $0.position != position && isWanted($0) }.compactMap {
      try snapshot.event(at: $0.position)
    }
  }

  private func stored(_ dot: Dot) throws -> KeyGroupMember? {
    guard let position = try snapshot().position(of: dot) else { return nil }
    return try snapshot().keyGroup(containing: position)?.first { $0.position == position }
  }

  /// Extends retractions and corrections to the copies of what they name, where both their author and
  /// this replica may undo these.
  ///
  /// - Throws: ``ReplicaError``, `StorageError`.
  /// - Complexity: O(events since the last time); at first, and when this replica's roles changed,
  ///   O(events that are named).
  func settleActs() throws {
    let snapshot = snapshot()
    let last = snapshot.highWaterMark.rawValue
    try refreshControls()
    let state = controls.state
    let roles = state.roles(of: nextDot(of: identity.origin))
    let isFirst = acts.position == 0 || acts.roles != roles
    let first = acts.position + 1
    acts = ActWatch(position: last, roles: roles)
    guard state.namesEvents, first <= last || isFirst else { return }
    var named: [Dot]
    if isFirst {
      named = state.undoneEvents
    } else {
      named = controls.undoneEvents(since: first - 1)
      for position in first...last {
        let group = try snapshot.keyGroup(containing: LogPosition(rawValue: position)) ?? []
        named += group.compactMap { snapshot.dot(at: $0.position) }.filter(state.undoes)
      }
    }
    var extending = Extending()
    for dot in named { try extend(actsOn: dot, to: &extending) }
    try appendCaused(extending.drafts)
    acts.position = self.snapshot().highWaterMark.rawValue
  }

  /// Extends what is said of an event and its copies to all of them.
  private func extend(actsOn dot: Dot, to extending: inout Extending) throws {
    guard !extending.seen.contains(dot), let event = try heldEvent(dot) else { return }
    let copies = try copies(of: event)
    guard !copies.isEmpty else { return }
    let all = try ([event] + copies).map { try reference(to: $0.dot) }
    let state = controls.state
    var offers = ActOffers()
    for copy in all {
      extending.seen.insert(copy.dot)
      for act in state.standingActs(on: copy) { offers.add(act, in: state) }
    }
    let own = nextDot(of: identity.origin)
    for copy in all where state.mayUndo(own, eventsOf: copy.dot.origin.key) {
      if let act = offers.missing(for: copy, in: state) { extending.add(copy, to: act) }
    }
  }
}

/// The acts on copies, by whose events they may undo: enough to tell what each copy lacks.
private struct ActOffers {
  private struct Offer {
    var retraction: StandingAct?
    var correction: StandingAct?

    mutating func add(_ act: StandingAct) {
      if act.isRetraction {
        if retraction.map({ act.key < $0.key }) ?? true { retraction = act }
      } else if correction.map({ $0.key < act.key }) ?? true {
        correction = act
      }
    }
  }

  private var ofAll = Offer()
  private var ofDevice: [DeviceKey: Offer] = [:]

  mutating func add(_ act: StandingAct, in state: BookState) {
    if state.counts(act.key.dot, for: .configure) {
      ofAll.add(act)
    } else {
      ofDevice[act.key.dot.origin.key, default: Offer()].add(act)
    }
  }

  /// The act that is to be extended to a copy: a retraction, or a later correction than it has.
  func missing(for copy: EventReference, in state: BookState) -> EventReference? {
    var offer = ofAll
    if let own = ofDevice[copy.dot.origin.key] {
      if let retraction = own.retraction { offer.add(retraction) }
      if let correction = own.correction { offer.add(correction) }
    }
    let said = state.standingActs(on: copy)
    if said.contains(where: \.isRetraction) { return nil }
    if let retraction = offer.retraction { return retraction.reference }
    guard let correction = offer.correction,
      said.allSatisfy({ $0.key < correction.key })
    else { return nil }
    return correction.reference
  }
}

/// Copies that acts are to be extended to.
private struct Extending {
  var seen: Set<Dot> = []
  private var copies: [EventReference: [EventReference]] = [:]

  mutating func add(_ copy: EventReference, to act: EventReference) {
    copies[act, default: []].append(copy)
  }

  /// The extensions, ascending by act and copy.
  var drafts: [EventDraft] {
    copies.sorted { $0.key.dot < $1.key.dot }.flatMap { act, copies in
      copies.sorted { $0.dot < $1.dot }.inErasureParts.map { .extending(act: act, to: $0) }
    }
  }
}
