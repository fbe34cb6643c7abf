internal import BookRules
internal import DurableFiles
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import MerkleProofs
internal import ProjectionEngine

// What was erased and comes again, §6 of `docs/format/control-events.md`. A book without erasures pays
// a look at a flag for each batch.

extension ReplicaCore {
  /// Whether erasures name identifiers or keys that arriving events are to be matched with.
  ///
  /// - Throws: `StorageError`.
  func meetsErasures() throws -> Bool {
    try refreshControls()
    return controls.state.takesAway && erasures.secret != nil
  }

  /// Brings the state of the control events up to date with the log.
  func refreshControls() throws {
    guard !erasures.isCurrent else { return }
    try controls.extend(to: snapshot())
    erasures.isCurrent = true
  }

  /// Appends drafts, refuses those whose keys were erased, and lists what matches an erasure.
  ///
  /// - Parameter drafts: See ``append(_:)``.
  /// - Returns: What became of each.
  /// - Throws: ``ReplicaError``, `StorageError`.
  func appendMeetingErasures(_ drafts: [EventDraft]) throws -> [AppendOutcome] {
    try settleErasures()
    let isRefused = drafts.map { isErased($0.idempotencyKey) }
    let admitted = zip(drafts, isRefused).filter { !$0.1 }.map(\.0)
    let appended = try log.append(admitted, wallMilliseconds: environment.wallMilliseconds())
    try listLate(among: admitted, appended)
    if !drafts.contains(where: \.type.isControl) {
      erasures.mark.position = snapshot().highWaterMark.rawValue
      if erasures.mark.position - erasures.savedMark.position >= Self.unsavedCountMax {
        try saveErasureMark()
      }
    }
    var judged = zip(admitted, appended).map { judge($1, of: $0) }.makeIterator()
    return isRefused.compactMap { $0 ? .erasedBefore : judged.next() }
  }

  /// How many events may be matched again after a crash.
  private static var unsavedCountMax: UInt64 { 1 << 16 }

  private func isErased(_ key: IdempotencyKey?) -> Bool {
    guard controls.state.hasErasedKeys, let key, let secret = erasures.secret else { return false }
    return controls.state.erasesKey(secret.tag(of: key), appendedBy: identity.origin.key)
  }

  /// Lists the sections of just appended events that match an erasure.
  private func listLate(among drafts: [EventDraft], _ outcomes: [AppendOutcome]) throws {
    let snapshot = snapshot()
    // A correction is matched by the time of what it names, which the state knows once it is read.
    if drafts.contains(where: \.type.isControl) { try controls.extend(to: snapshot) }
    let state = controls.state
    var late = LateSections()
    for (draft, outcome) in zip(drafts, outcomes) {
      guard let position = outcome.appendedPosition,
        isRemembered(draft.idempotencyKey, in: state)
          || draft.sections.dropFirst().contains(where: { section in
            erasures.contains(section) { state.isTagged($0) }
          }), let event = try snapshot.event(at: position)
      else { continue }
      try match(event, roles: state.roles(of: event.dot), into: &late)
    }
    guard !late.isEmpty else { return }
    try appendCaused(late.drafts)
  }

  /// Whether an erasure remembers the key of some interaction.
  private func isRemembered(_ key: IdempotencyKey?, in state: BookState) -> Bool {
    guard state.hasErasedKeys, let key, let secret = erasures.secret else { return false }
    return state.remembers(secret.tag(of: key))
  }

  /// What became of a draft, now that the extensions are in.
  private func judge(_ outcome: AppendOutcome, of draft: EventDraft) -> AppendOutcome {
    let state = controls.state
    guard !draft.type.isControl else { return outcome }
    switch outcome {
    case .appended(let dot, let position), .conflict(let dot, let position, _):
      return state.listedSections(of: dot).isEmpty ? outcome : .erased(dot, position)
    case .duplicate(_, let dot):
      return state.listedSections(of: dot).contains(section: 1) ? .erasedBefore : outcome
    case .erased, .erasedBefore: return outcome
    }
  }

  /// Lists every held section that matches an erasure and that this replica may list, and says of
  /// each counting erasure once that it is hidden here.
  ///
  /// Does nothing when nothing arrived since the last time.
  ///
  /// - Throws: ``ReplicaError``, `StorageError`.
  /// - Complexity: O(events since the last time). For an erasure that is new here: O(its sections),
  ///   or O(log) if it names identifiers or keys of which no listed section is held.
  func settleErasures() throws {
    let last = snapshot().highWaterMark.rawValue
    guard try meetsErasures(), erasures.mark.position < last else { return }
    let state = controls.state
    let roles = state.roles(of: nextDot(of: identity.origin))
    let counting = state.erasures
    let isNew = counting.contains { !erasures.mark.listings.contains($0.reference.dot) }
    var late = LateSections()
    let listings = state.listings
    var first = try firstUnmatched(counting, roles: roles, into: &late)
    // What a revoked device listed is to be listed by another, if it matches still.
    if !erasures.mark.listings.isSubset(of: listings.map(\.by)) { first = 1 }
    for listing in listings where !erasures.mark.listings.contains(listing.by) {
      let isHeld = try match(listing.sections, roles: roles, into: &late)
      if !isHeld, listing.remembers { first = 1 }
    }
    if first <= last {
      var failure: (any Error)?
      try snapshot().forEachEvent(
        from: LogPosition(rawValue: first), through: LogPosition(rawValue: last)
      ) { _, event in
        do {
          try match(event, roles: roles, into: &late)
        } catch {
          failure = error
        }
        return failure == nil
      }
      if let failure { throw failure }
    }
    let acknowledgements = roles.contains(.append) ? unacknowledged(counting, in: state) : []
    try appendCaused(late.drafts + acknowledgements)
    erasures.mark = ErasureMark(
      position: snapshot().highWaterMark.rawValue, roles: roles,
      listings: Set(controls.state.listings.map(\.by)))
    if isNew { try saveErasureMark() }
  }

  /// From where the log is to be matched; erasures that are new here are matched by the identifiers
  /// of the sections they list, where these can be read.
  private func firstUnmatched(
    _ counting: [(reference: EventReference, request: ErasureRequest)], roles: RoleSet,
    into late: inout LateSections
  ) throws -> UInt64 {
    let isFirst = erasures.mark.listings.isEmpty
    guard isFirst || roles == erasures.mark.roles else { return 1 }
    var positions: Set<LogPosition> = []
    for (reference, request) in counting where !erasures.mark.listings.contains(reference.dot) {
      guard let names = try identifiers(taggedBy: request) else { return 1 }
      for name in names {
        positions.formUnion(try snapshot().positions(naming: name))
      }
    }
    // In the order of the log each block is read once.
    for position in positions.sorted() {
      guard let event = try snapshot().event(at: position) else { continue }
      try match(event, roles: roles, into: &late)
    }
    return isFirst ? snapshot().highWaterMark.next.rawValue : erasures.mark.position + 1
  }

  /// Matches what is listed, and what is held under the same keys; false when an interaction whose key
  /// is named is not held, so that nothing here tells the key.
  private func match(
    _ listed: [ErasedSection], roles: RoleSet, into late: inout LateSections
  ) throws -> Bool {
    var isHeld = true
    var seen: Set<Dot> = []
    for section in listed where !seen.contains(section.dot) {
      guard let event = try heldEvent(section.dot) else {
        isHeld = isHeld && section.key == nil
        continue
      }
      for event in try [event] + sharingKey(of: event) {
        seen.insert(event.dot)
        try match(event, roles: roles, into: &late)
      }
      isHeld = isHeld && (section.key == nil || event.idempotencyKey != nil)
    }
    return isHeld
  }

  /// The identifiers an erasure tags, read off the sections it lists; nothing when one of them is not
  /// to be found there.
  private func identifiers(taggedBy request: ErasureRequest) throws -> [[UInt8]]? {
    guard let secret = erasures.secret else { return nil }
    var missing = Set(request.tags)
    var names: [[UInt8]] = []
    for listed in request.sections {
      guard !missing.isEmpty else { break }
      guard let event = try heldEvent(listed.dot), listed.section < event.sections.count else {
        continue
      }
      let section = event.sections[listed.section]
      section.forEachIdentifierRange { range in
        let name = Array(section.bytes[range])
        if missing.remove(secret.tag(ofIdentifier: name)) != nil { names.append(name) }
      }
    }
    return missing.isEmpty ? names : nil
  }

  /// Adds the sections of an event that match an erasure, are not listed, and may be listed here; and
  /// those of corrections and redactions that came before it, whose time it may be.
  private func match(_ event: Event, roles: RoleSet, into late: inout LateSections) throws {
    guard late.begin(event.dot) else { return }
    try matchSections(of: event, roles: roles, into: &late)
    for dot in controls.state.replacements(of: event.dot).sorted() {
      guard let replacement = try heldEvent(dot) else { continue }
      try matchSections(of: replacement, roles: roles, into: &late)
    }
  }

  /// The time by which an event is matched: the earlier of when it occurred and when it was recorded;
  /// of a correction or redaction that of the event it names, if that is earlier.
  private func earliestMilliseconds(of event: Event) throws -> Int64 {
    var earliest = min(event.occurredMilliseconds, event.recorded.milliseconds)
    for reference in controls.state.replacedEvents(by: event.dot) {
      guard let named = try heldEvent(reference.dot),
        snapshot().id(of: named)?.prefix64 == reference.idPrefix
      else { break }
      earliest = min(earliest, named.occurredMilliseconds, named.recorded.milliseconds)
    }
    return earliest
  }

  private func matchSections(
    of event: Event, roles: RoleSet, into late: inout LateSections
  ) throws {
    let isOwn = event.dot.origin.key == identity.origin.key
    guard roles.contains(.erase) || (isOwn && roles.contains(.append)) else { return }
    let state = controls.state
    let key = state.takesAway ? erasures.secret?.keyTag(of: event) : nil
    let remembering = key.map { late.erasures(remembering: $0, in: state) } ?? []
    let matched = try list(event, remembering, into: &late)
    // Who may not erase remembers nothing for others.
    guard roles.contains(.erase), let key, !late.covers(key),
      state.rememberedKey(of: event.dot) == nil,
      let carrier = carrier(of: event, remembering + matched.map(\.erasure))
    else { return }
    late.cover(key)
    if !matched.contains(where: { $0.section == 1 }) {
      late.add(ErasedSection(dot: event.dot, section: 0, key: key), to: carrier)
    }
    for other in try sharingKey(of: event) {
      let matched = try list(
        other, remembering.isEmpty ? carrier.map { [$0] } ?? [] : remembering, into: &late)
      let isRemembered =
        state.rememberedKey(of: other.dot) != nil || matched.contains { $0.section == 1 }
      if !isRemembered {
        late.add(ErasedSection(dot: other.dot, section: 0, key: key), to: carrier)
      }
    }
  }

  /// The erasure to remember the key of an event under: the first of some or of those that list it;
  /// one of its own where section 1 is redacted only; nothing when there is no need to.
  private func carrier(
    of event: Event, _ erasures: [EventReference]
  ) -> EventReference?? {
    let state = controls.state
    if let least = erasures.min(by: { $0.dot < $1.dot }) ?? state.firstErasure(listing: event.dot) {
      return .some(least)
    }
    let redacted = state.erasedSections(of: event.dot) { _ in
      snapshot().id(of: event)?.prefix64 ?? 0
    }
    return redacted.contains(section: 1) ? .some(nil) : nil
  }

  /// Lists what matches of an event.
  private func list(
    _ event: Event, _ remembering: [EventReference], into late: inout LateSections
  ) throws -> [(section: Int, erasure: EventReference)] {
    let matched = try matches(of: event, remembering)
    for (section, erasure) in matched {
      late.add(listing(section: section, of: event), to: erasure)
    }
    return matched
  }

  /// The sections of an event that are to be listed and are not: with an identifier that an erasure asks
  /// for, of a time before its cut, or of any time for erasures that remember the event's key.
  private func matches(
    of event: Event, _ remembering: [EventReference]
  ) throws -> [(section: Int, erasure: EventReference)] {
    let state = controls.state
    let listed = state.listedSections(of: event.dot)
    var earliest: Int64?
    var found: [(section: Int, erasure: EventReference)] = []
    for index in event.sections.indices.dropFirst() where !listed.contains(section: index) {
      let tags = erasures.tags(of: event.sections[index], where: state.isTagged)
      guard !tags.isEmpty else { continue }
      let time = try earliest ?? earliestMilliseconds(of: event)
      earliest = time
      let matching = tags.flatMap { tag in
        remembering.filter { state.asks($0, for: tag) }
          + (state.erasure(matching: tag, earliestMilliseconds: time).map { [$0] } ?? [])
      }
      if let least = matching.min(by: { $0.dot < $1.dot }) { found.append((index, least)) }
    }
    return found
  }

  /// Acknowledgements of the erasures that this device has not acknowledged.
  private func unacknowledged(
    _ counting: [(reference: EventReference, request: ErasureRequest)], in state: BookState
  ) -> [EventDraft] {
    counting.filter { erasure, _ in
      !state.acknowledgements(ofErasure: erasure.dot).contains { $0.key == identity.origin.key }
    }.map { .acknowledging(erasure: $0.reference) }
  }

  /// Appends control events that follow from others; they travel in the next session.
  ///
  /// - Parameter drafts: None of them has an idempotency key.
  /// - Throws: `StorageError`.
  func appendCaused(_ drafts: [EventDraft]) throws {
    guard !drafts.isEmpty else { return }
    _ = try log.append(drafts, wallMilliseconds: environment.wallMilliseconds())
    causedEventCount += UInt64(drafts.count)
    try controls.extend(to: snapshot())
  }

  /// Writes down how far the log is matched, if that changed.
  ///
  /// - Throws: `FileFault`.
  func saveErasureMark() throws(FileFault) {
    guard erasures.mark != erasures.savedMark else { return }
    try environment.fileSystem.replaceFile(
      directory + "/erasures", with: erasures.mark.encoded)
    erasures.savedMark = erasures.mark
  }
}

extension AppendOutcome {
  /// Where the event lies, if it was appended.
  fileprivate var appendedPosition: LogPosition? {
    switch self {
    case .appended(_, let position), .conflict(_, let position, _), .erased(_, let position):
      position
    case .duplicate, .erasedBefore: nil
    }
  }
}
