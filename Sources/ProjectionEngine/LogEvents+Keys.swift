internal import BinaryCoding
internal import BookRules
package import EventModel
internal import EventStorage
package import HybridTime
internal import MerkleProofs

// Which events share a key and which say the same, §3 of `docs/format/control-events.md`, as the log's
// indexes and the control events tell it.

extension LogEvents {
  /// The positions of the events that share an event's key, as it states or as listings
  /// remember it.
  ///
  /// - Parameters:
  ///   - dot: The event's name.
  ///   - position: Its position.
  /// - Returns: Positions, ascending, or nothing when no other event has the key.
  /// - Throws: `StorageError`.
  package func keyGroup(of dot: Dot, at position: UInt64) throws -> [UInt64]? {
    try keyedGroup(of: dot, at: position)?.members.map(\.position)
  }

  private func isAdmitted(_ member: KeyedGroup.Member) throws(StorageError) -> Bool {
    guard member.position <= filter.lastPosition else { return false }
    guard filter.recordedUntilMilliseconds != nil else { return true }
    return try snapshot.event(at: LogPosition(rawValue: member.position)).map(filter.admits)
      ?? false
  }

  /// Whether another event tells this interaction already: one under its key that was recorded before
  /// and says the same, as far as nothing is taken away of either.
  ///
  /// - Parameters:
  ///   - event: The event, as stored.
  ///   - position: Where it lies.
  /// - Returns: False for events without a key, and for those whose key nobody shares.
  /// - Throws: `StorageError`.
  package func isTold(_ event: Event, at position: UInt64) throws -> Bool {
    guard let group = try keyedGroup(of: event.dot, at: position),
      let content = group.content(at: position)
    else { return false }
    if let first = groups.first(of: position, content: content) { return first < WinnerKey(event) }
    var first: WinnerKey?
    for member in group.members where member.content == content {
      guard try isAdmitted(member),
        let other = try snapshot.event(at: LogPosition(rawValue: member.position))
      else { continue }
      first = min(first ?? WinnerKey(other), WinnerKey(other))
    }
    guard let first else { return false }
    groups.add(first, of: position, content: content)
    return first < WinnerKey(event)
  }

  /// The interactions that are known by the key of one; nothing when no other is.
  private func keyedGroup(
    of dot: Dot, at position: UInt64
  ) throws(StorageError) -> KeyedGroup? {
    if let known = groups.group(of: position) { return known }
    let group: KeyedGroup
    switch try key(of: dot) {
    case .none: return nil
    case .stated: group = try statedGroup(at: position)
    case .remembered(let tag): group = try rememberedGroup(tag)
    }
    guard group.members.count > 1 else { return nil }
    groups.add(group)
    return group
  }

  private func statedGroup(at position: UInt64) throws(StorageError) -> KeyedGroup {
    var members: [KeyedGroup.Member] = []
    for stored in try snapshot.keyGroup(containing: LogPosition(rawValue: position)) ?? [] {
      guard let dot = snapshot.dot(at: stored.position), try key(of: dot) == .stated else {
        continue
      }
      members.append(
        KeyedGroup.Member(
          dot: dot, position: stored.position.rawValue,
          content: try content(of: dot, at: stored.position, storedClass: stored.contentClass)))
    }
    return KeyedGroup(members)
  }

  private func rememberedGroup(_ key: IdentifierTag) throws(StorageError) -> KeyedGroup {
    var members: [KeyedGroup.Member] = []
    for dot in book.interactions(rememberedBy: key) {
      guard let position = try snapshot.position(of: dot) else { continue }
      members.append(
        KeyedGroup.Member(
          dot: dot, position: position.rawValue, content: try content(of: dot, at: position)))
    }
    return KeyedGroup(members.sorted { $0.position < $1.position })
  }

  /// What tells the content of an interaction from others under its key: what is left of it, and what
  /// was taken away.
  private func content(
    of dot: Dot, at position: LogPosition, storedClass: Int? = nil
  ) throws(StorageError) -> KeyedGroup.Content? {
    let taken = try erasedSections(of: dot)
    if taken.isEmpty, let storedClass { return .stored(storedClass) }
    guard let event = try snapshot.event(at: position) else { return nil }
    return .left(event.draft.sourceContentDigest(without: taken), taken: taken)
  }

  /// Under which key an interaction is known.
  private func key(of dot: Dot) throws(StorageError) -> InteractionKey {
    guard book.concernsKeys, book.mayConcern(dot) else { return .stated }
    return book.key(of: dot, erased: try erasedSections(of: dot))
  }
}

extension EventDraft {
  /// Equal for equal source contents in all sections but some, and for no others.
  fileprivate func sourceContentDigest(without taken: SectionSet) -> Digest256 {
    var writer = ByteWriter()
    let left = sections.indices.map { taken.contains(section: $0) ? Section.empty : sections[$0] }
    EventDraft(channel: channel, type: type, schema: schema, sections: left)
      .forEachSourceContentPart { part in
        writer.writeVarint(UInt64(part.count))
        writer.bytes.append(contentsOf: part)
      }
    return Digest256.hash(writer.bytes)
  }
}
