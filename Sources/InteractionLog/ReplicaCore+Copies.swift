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
    try ReplicaError.translating {
      let snapshot = snapshot()
      guard let position = try snapshot.position(of: event.dot) else { return [] }
      let group = try snapshot.keyGroup(containing: position) ?? []
      return try group.filter { $0.position != position }.compactMap {
        try snapshot.event(at: $0.position)
      }
    }
  }

  /// Extends retractions, corrections and redactions to the copies of what they name, as far as this
  /// replica's roles let that count.
  ///
  /// - Throws: ``ReplicaError``, `StorageError`.
  /// - Complexity: O(events since the last time); where control events came that may change what
  ///   reaches what, O(events that are named and their copies).
  func settleActs() throws {
    let snapshot = snapshot()
    let last = snapshot.highWaterMark.rawValue
    try refreshControls()
    let state = controls.state
    let roles = state.roles(of: nextDot(of: identity.origin))
    let first = acts.position + 1
    let isFirst =
      first == 1 || acts.roles != roles || controls.changesActs(since: acts.position)
    acts = ActWatch(position: last, roles: roles)
    guard state.namesEvents else { return }
    var extending = Extending()
    if isFirst {
      for dot in state.namedEvents {
        if let position = try snapshot.position(of: dot) {
          try extend(actsOnCopiesAt: position, to: &extending)
        }
      }
    } else if first <= last {
      for position in first...last {
        try extend(actsOnCopiesAt: LogPosition(rawValue: position), to: &extending)
      }
    }
    try appendCaused(extending.drafts)
    acts.position = self.snapshot().highWaterMark.rawValue
  }

  /// Extends what is said of any event under the key of one to its copies; each key once.
  private func extend(actsOnCopiesAt position: LogPosition, to extending: inout Extending) throws {
    guard !extending.seen.contains(position),
      let group = try snapshot().keyGroup(containing: position)
    else { return }
    extending.seen.formUnion(group.map(\.position))
    let dots = group.map { snapshot().dot(at: $0.position) }
    guard dots.contains(where: { $0.map(controls.state.names) ?? false }) else { return }
    for (_, members) in Dictionary(grouping: group, by: \.contentClass).sorted(by: {
      $0.key < $1.key
    })
    where members.count > 1 {
      try extend(actsOnCopies: members.map(\.position), to: &extending)
    }
  }

  private func extend(
    actsOnCopies positions: [LogPosition], to extending: inout Extending
  ) throws {
    let state = controls.state
    guard positions.contains(where: { snapshot().dot(at: $0).map(state.names) ?? false }) else {
      return
    }
    let copies = try positions.compactMap { try snapshot().event(at: $0) }.filter { copy in
      !copy.type.isControl && !copy.sections.contains(where: \.isErased)
    }
    let all = try copies.map { try reference(to: $0.dot) }
    var offers = ActOffers()
    for copy in all { for act in state.standingActs(on: copy) { offers.add(act, in: state) } }
    let own = nextDot(of: identity.origin)
    for copy in all {
      for act in offers.missing(for: copy, by: own, in: state) { extending.add(copy, to: act) }
    }
  }
}

/// The acts on copies, by whose events they may undo: enough to tell what each copy lacks.
private struct ActOffers {
  private struct Offer {
    var retraction: StandingAct?
    var correction: StandingAct?

    mutating func add(_ act: StandingAct) {
      switch act.kind {
      case .retraction: if retraction.map({ act.key < $0.key }) ?? true { retraction = act }
      case .correction: if correction.map({ $0.key < act.key }) ?? true { correction = act }
      case .redaction: break
      }
    }
  }

  private var ofAll = Offer()
  private var ofDevice: [DeviceKey: Offer] = [:]
  private var redactions: Set<EventReference> = []

  mutating func add(_ act: StandingAct, in state: BookState) {
    if act.kind == .redaction {
      redactions.insert(act.reference)
    } else if state.counts(act.key.dot, for: .configure) {
      ofAll.add(act)
    } else {
      ofDevice[act.key.dot.origin.key, default: Offer()].add(act)
    }
  }

  /// The acts that the author of an event is to extend to a copy: redactions, and a retraction or a
  /// later correction than it has. What counts by `append` alone is for its own device to extend.
  func missing(
    for copy: EventReference, by author: Dot, in state: BookState
  ) -> [EventReference] {
    let said = state.standingActs(on: copy)
    var missing: [EventReference] = []
    if state.counts(author, for: .erase) {
      missing = redactions.subtracting(said.map(\.reference)).sorted { $0.dot < $1.dot }
    }
    let isOwn = author.origin.key == copy.dot.origin.key
    guard state.mayUndo(author, eventsOf: copy.dot.origin.key),
      !said.contains(where: { $0.kind == .retraction })
    else { return missing }
    var offer = ofAll
    if isOwn, let own = ofDevice[copy.dot.origin.key] {
      if let retraction = own.retraction { offer.add(retraction) }
      if let correction = own.correction { offer.add(correction) }
    }
    if let retraction = offer.retraction { return missing + [retraction.reference] }
    let corrections = said.filter { $0.kind == .correction }
    if let correction = offer.correction,
      corrections.allSatisfy({ $0.key < correction.key })
    {
      missing.append(correction.reference)
    }
    return missing
  }
}

/// Copies that acts are to be extended to.
private struct Extending {
  var seen: Set<LogPosition> = []
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
