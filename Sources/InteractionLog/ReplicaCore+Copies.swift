internal import BookRules
internal import EventModel
internal import EventStorage
internal import HybridTime

// A message that reached several replicas is held as several events. What is said of one holds for its
// twins until something is taken away of it (§3 of `docs/format/control-events.md`), so writers name each
// copy, and repeat what reaches an event through others before they part it from them.

extension ReplicaCore {
  /// The other events with an interaction's idempotency key, as they state it, ascending by position.
  func sharingKey(of event: Event, onlyCopies: Bool = false) throws(ReplicaError) -> [Event] {
    guard !event.type.isControl else { return [] }
    return try ReplicaError.translating {
      let snapshot = snapshot()
      guard let position = try snapshot.position(of: event.dot),
        let group = try snapshot.keyGroup(containing: position)
      else { return [] }
      let content = group.first { $0.position == position }?.contentClass
      var others: [Event] = []
      for member in group where member.position != position {
        guard !onlyCopies || member.contentClass == content,
          let other = try snapshot.event(at: member.position)
        else { continue }
        others.append(other)
      }
      return others
    }
  }

  /// The other events with an interaction's key and source content, as they are stored and with nothing
  /// missing, ascending by position.
  func copies(of event: Event) throws(ReplicaError) -> [Event] {
    guard !event.sections.contains(where: \.isErased) else { return [] }
    return try sharingKey(of: event, onlyCopies: true).filter { copy in
      !copy.sections.contains(where: \.isErased)
    }
  }

  /// The names of an event and of those copies that a retraction or correction by this replica may
  /// reach.
  func referencesInReach(of event: Event) throws(ReplicaError) -> [EventReference] {
    let reachesAll = try ownRoles().contains(.configure)
    var references = [try reference(to: event.dot)]
    for copy in try copies(of: event)
    where reachesAll || copy.dot.origin.key == identity.origin.key {
      references.append(try reference(to: copy.dot))
    }
    return references
  }

  /// What repeats, for an event that is about to lose its twins, what reaches it through a copy only.
  ///
  /// - Parameters:
  ///   - event: An interaction.
  ///   - keepsFacts: Whether its facts stay as they are read; if not, a correction of them is carried on
  ///     otherwise.
  /// - Returns: What this replica's roles let count; mostly nothing.
  /// - Throws: ``ReplicaError`` when the log cannot be read.
  func repeats(for event: Event, keepsFacts: Bool = true) throws(ReplicaError) -> [EventDraft] {
    let state = try bookState()
    let isOwn = event.dot.origin.key == identity.origin.key
    let roles = try ownRoles()
    guard roles.contains(.configure) || (isOwn && roles.contains(.append)) else { return [] }
    let copies = try copies(of: event).map(\.dot)
    guard copies.contains(where: state.names) else { return [] }
    let key = event.dot.origin.key
    let own = try acts(naming: [event.dot], in: state)
    let all = try acts(naming: [event.dot] + copies, in: state)
    let named = try reference(to: event.dot)
    if all.retract(twinOf: key) {
      return own.retract(twinOf: key) ? [] : [.retracting(named)]
    }
    guard keepsFacts, let correction = all.correction(ofTwinOf: key),
      correction != own.correction(ofTwinOf: key),
      let facts = try heldEvent(correction.dot)?.correctedFacts
    else { return [] }
    return [.correcting(named, facts: facts, persons: nil)]
  }

  /// What repeats, for events that are about to lose their twins, what reaches them through copies only.
  func repeats(forAll dots: [Dot]) throws(ReplicaError) -> [EventDraft] {
    guard try bookState().namesEvents else { return [] }
    var drafts: [EventDraft] = []
    for dot in dots {
      if let event = try heldEvent(dot) { drafts += try repeats(for: event) }
    }
    return drafts
  }

  private func acts(naming dots: [Dot], in state: BookState) throws(ReplicaError) -> TwinActs {
    try state.acts(naming: dots) { dot throws(ReplicaError) in try reference(to: dot).idPrefix }
  }
}
