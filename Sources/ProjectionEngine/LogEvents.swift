package import BookRules
package import EventModel
package import EventStorage
internal import HybridTime
internal import MerkleProofs

/// A log's snapshot as the source of folds, with what its control events say.
package struct LogEvents: EventSource {
  let snapshot: LogSnapshot
  private let controls: ControlLog
  let filter: EventFilter
  let book: BookState
  let groups = KeyedGroups()
  /// By which documents events are read, as of the moment.
  package let documents: DocumentsInForce

  /// The events of a snapshot.
  ///
  /// - Parameters:
  ///   - snapshot: The log.
  ///   - controls: Its control events, read up to the snapshot's high-water mark.
  ///   - filter: The moment to look from: only control events that it admits have a say.
  /// - Throws: `StorageError` when a document cannot be read from the log.
  package init(
    _ snapshot: LogSnapshot, controls: ControlLog, within filter: EventFilter
  ) throws {
    self.snapshot = snapshot
    self.controls = controls
    self.filter = filter
    let book = controls.state(within: filter)
    self.book = book
    documents = try DocumentsInForce.activated(in: book) { dot throws(StorageError) in
      try snapshot.position(of: dot).flatMap { position throws(StorageError) in
        try snapshot.event(at: position)
      }
    }
  }

  /// The last position there is; 0 when there is none.
  package var highWaterMark: UInt64 { snapshot.highWaterMark.rawValue }

  /// The event at a position.
  ///
  /// - Parameter position: Where to look.
  /// - Returns: The event, or nothing outside 1…``highWaterMark``.
  /// - Throws: `StorageError`.
  package func event(at position: UInt64) throws -> Event? {
    try snapshot.event(at: LogPosition(rawValue: position))
  }

  /// Calls `body` with each event of a range in ascending order until it returns false.
  ///
  /// - Parameters:
  ///   - first: The first position.
  ///   - last: The last position.
  ///   - body: Gets position and event, and returns whether to go on.
  /// - Throws: `StorageError`, and what `body` throws.
  package func forEachEvent(
    from first: UInt64, through last: UInt64, _ body: (UInt64, Event) throws -> Bool
  ) throws {
    var failure: (any Error)?
    try snapshot.forEachEvent(
      from: LogPosition(rawValue: first), through: LogPosition(rawValue: last)
    ) { position, event in
      do {
        return try body(position.rawValue, event)
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  /// What folds see of an event, by the control events that the filter admits.
  ///
  /// - Parameters:
  ///   - event: The event, as stored.
  ///   - position: Where it lies.
  /// - Returns: Nothing when it is a control event, inert or retracted.
  /// - Throws: `StorageError`.
  /// - Complexity: O(1) unless a control event concerns the event.
  package func effective(_ event: Event, at position: UInt64) throws -> EffectiveEvent? {
    guard !event.type.isControl else { return nil }
    guard book.mayConcern(event.dot) else {
      guard book.counts(event.dot, for: .append) else { return nil }
      return documents.folding(EffectiveEvent(asStored: event))
    }
    let meaning = try meaning(of: event)
    let effective = try EffectiveEvent(event, meaning: meaning, in: book) {
      dot throws(StorageError) in
      try self.event(dot)
    }
    return effective.map(documents.folding)
  }

  /// The event as anybody may read it: without what was redacted or erased, whether it counts or not.
  /// Neither corrections nor upcasts are applied: a listing of the log shows what was sent, and can be
  /// appended again.
  ///
  /// - Parameters:
  ///   - event: The event, as stored.
  ///   - position: Where it lies.
  /// - Returns: The event with the sections that may be read.
  /// - Throws: `StorageError`.
  package func reading(_ event: Event, at position: UInt64) throws -> Event {
    guard book.mayConcern(event.dot) else { return event }
    var meaning = try meaning(of: event)
    guard !meaning.erased.isEmpty else { return event }
    if event.type.isControl { return event.without(meaning.erased) }
    (meaning.isInert, meaning.isRetracted, meaning.correction) = (false, false, nil)
    let effective = try EffectiveEvent(event, meaning: meaning, in: book) {
      dot throws(StorageError) in
      try self.event(dot)
    }
    return effective?.event ?? event
  }

  /// What the control events that the filter admits say of an event.
  ///
  /// - Parameter event: The event, as stored.
  /// - Returns: Its meaning.
  /// - Throws: `StorageError`.
  package func meaning(of event: Event) throws(StorageError) -> EventMeaning {
    try book.meaning(of: event) { dot throws(StorageError) in try idPrefix(of: dot) }
  }

  /// The sections of an interaction that are listed or redacted.
  func erasedSections(of dot: Dot) throws(StorageError) -> SectionSet {
    guard book.mayConcern(dot) else { return [] }
    return try book.erasedSections(of: dot) { dot throws(StorageError) in try idPrefix(of: dot) }
  }

  /// The first 8 bytes of the id of an event; 0 where it is not held.
  func idPrefix(of dot: Dot) throws(StorageError) -> UInt64 {
    try event(dot).flatMap { snapshot.id(of: $0)?.prefix64 } ?? 0
  }

  private func event(_ dot: Dot) throws(StorageError) -> Event? {
    guard let position = try snapshot.position(of: dot) else { return nil }
    return try snapshot.event(at: position)
  }

  /// Whether control events behind a position change what events up to it mean.
  ///
  /// - Parameter position: Up to where events were folded.
  /// - Returns: Whether a fold up to there is out of date.
  /// - Throws: `StorageError`.
  package func isRevised(after position: UInt64) throws -> Bool {
    let change = controls.change(since: position)
    guard position > 0, !change.isNothing else { return false }
    if change.isEverything { return true }
    for dot in change.events {
      guard let named = try snapshot.position(of: dot) else { continue }
      if try related(to: dot, at: named).contains(where: { $0 <= position }) { return true }
    }
    // What was closed under one key before, other roles may have opened.
    if !change.deviceKeys.isEmpty, controls.state.holdsErasures { return true }
    if try holds(change.eventTypes, upTo: position) { return true }
    for (origin, sequences) in change.originRuns {
      if try holds(origin, sequences.runs, upTo: position) { return true }
    }
    let all = [IntervalSet.Run(first: 1, last: .max)]
    for origin in snapshot.held.origins where change.deviceKeys.contains(origin.key) {
      if try holds(origin, all, upTo: position) { return true }
    }
    return false
  }

  /// Whether an event of any of these types lies at or before a position. Reads the blocks that hold
  /// such events until one is found.
  private func holds(_ types: [EventType], upTo position: UInt64) throws -> Bool {
    guard !types.isEmpty else { return false }
    var filter = BlockFilter()
    filter.types = Set(types)
    var isFound = false
    try snapshot.forEachEvent(
      from: LogPosition(rawValue: 1), through: LogPosition(rawValue: position), filter: filter
    ) { _, event in
      isFound = types.contains(event.type)
      return !isFound
    }
    return isFound
  }

  /// Whether the first held event of any of these runs lies at or before a
  /// position. Events of an origin lie in the order of their sequences, but for gaps filled later.
  private func holds(
    _ origin: OriginID, _ runs: [IntervalSet.Run], upTo position: UInt64
  ) throws -> Bool {
    let held = snapshot.held[origin]
    for run in runs {
      for part in held.runs where part.first <= run.last && run.first <= part.last {
        let first = Dot(origin: origin, sequence: max(part.first, run.first))
        if let place = try snapshot.position(of: first), place.rawValue <= position { return true }
      }
    }
    return false
  }

  /// The positions of the events that name an identifier, as stored or as folds see them: corrections
  /// and redactions bring what they name along.
  ///
  /// - Parameter name: The identifier as events carry it, `kind:value`.
  /// - Returns: Positions, ascending; maybe some whose events do not name it.
  /// - Throws: `StorageError`.
  package func positions(naming name: [UInt8]) throws -> [UInt64] {
    let stored = try snapshot.positions(naming: name)
    guard book.namesEvents else { return stored.map(\.rawValue) }
    var found = Set(stored.map(\.rawValue))
    for position in stored {
      guard let event = try snapshot.event(at: position), event.type.isControl else { continue }
      for target in book.events(readOtherwiseBy: event.dot) {
        guard let named = try snapshot.position(of: target) else { continue }
        found.formUnion(try related(to: target, at: named))
      }
    }
    return found.sorted()
  }

  /// The positions of an event and of all that share its key now, or did before one of them
  /// was erased.
  private func related(to dot: Dot, at position: LogPosition) throws -> Set<UInt64> {
    let stored = try snapshot.keyGroup(containing: position)?.map(\.position.rawValue) ?? []
    let now = try keyGroup(of: dot, at: position.rawValue) ?? []
    return Set(stored).union(now).union([position.rawValue])
  }
}

extension Event {
  /// The event with these sections empty.
  fileprivate func without(_ erased: SectionSet) -> Event {
    let left = sections.indices.map { erased.contains(section: $0) ? Section.empty : sections[$0] }
    return Event(
      dot: dot, recorded: recorded,
      draft: EventDraft(channel: channel, type: type, schema: schema, sections: left))
  }
}
