package import HybridTime

// Erasure, §6 of the specification: a section is erased if and only if a counting erasure, an
// extension of one, or a redaction lists it. Redactions name events by id and are found through
// `meaning(of:)`; what is listed by dot is found here.

extension BookState {
  /// The sections of the event that counting erasures and extensions list. O(log), plus the number of
  /// listings of this event.
  package func listedSections(of dot: Dot) -> SectionSet {
    var sections = laterErased[dot] ?? []
    guard let listings = listings[dot.origin] else { return sections }
    var index = listings.partitioningIndex { $0.sequence >= dot.sequence }
    while index < listings.count, listings[index].sequence == dot.sequence {
      let listing = listings[index]
      if !sections.contains(section: listing.section), erases(listing.by, eventsOf: dot.origin.key)
      {
        sections.insert(SectionSet(section: listing.section))
      }
      index += 1
    }
    return sections
  }

  /// Calls `body` with each event of which sections are listed and erased, ascending by dot: what
  /// every full replica takes the salts of, held or not.
  package func forEachListedEvent(_ body: (Dot, SectionSet) -> Void) {
    for origin in listings.keys.sorted() {
      var last: UInt64 = 0
      for listing in listings[origin] ?? [] where listing.sequence != last {
        last = listing.sequence
        let dot = Dot(origin: origin, sequence: last)
        let sections = listedSections(of: dot)
        if !sections.isEmpty { body(dot, sections) }
      }
    }
  }

  /// Whether an erasure names identifiers, so that arriving events are to be matched.
  package var hasTags: Bool { !tagged.isEmpty }

  /// Whether an erasure names the identifier, counting or not, whenever it occurred. O(1).
  package func isTagged(_ tag: IdentifierTag) -> Bool { tagged[tag] != nil }

  /// Whether idempotency keys went with erased sections, so that arriving drafts are to be looked up.
  package var hasErasedKeys: Bool { !erasedKeys.isEmpty }

  /// Whether what comes under an idempotency key is refused, because it was erased.
  ///
  /// - Parameters:
  ///   - tag: The key's tag.
  ///   - key: The device that would append it.
  /// - Returns: Whether a counting erasure or extension carries the tag.
  package func erasesKey(_ tag: IdentifierTag, appendedBy key: DeviceKey) -> Bool {
    (erasedKeys[tag] ?? []).contains { erases($0, eventsOf: key) }
  }

  /// Hides what `later` erases, so that a state of the past shows nothing that was erased since.
  package mutating func hide(whatIsErasedIn later: BookState) {
    later.forEachListedEvent { dot, sections in laterErased[dot] = sections }
  }

  /// Which erasures list sections of an event, in order of section and erasure, each pair once.
  package func erasures(of dot: Dot) -> [(section: Int, erasure: Dot)] {
    var found: [(section: Int, erasure: Dot)] = []
    for listing in listings[dot.origin] ?? [] where listing.sequence == dot.sequence {
      guard erases(listing.by, eventsOf: dot.origin.key) else { continue }
      let erasure: Dot =
        if case .erasureExtended(let request, _, _)? = controls[listing.by]?.content {
          request.dot
        } else {
          listing.by
        }
      if !found.contains(where: { $0 == (listing.section, erasure) }) {
        found.append((listing.section, erasure))
      }
    }
    return found.sorted { ($0.section, $0.erasure) < ($1.section, $1.erasure) }
  }

  /// The first counting erasure, by dot, that asks for an identifier in an event that occurred then;
  /// a section it matches and nobody lists is to be listed in an extension. O(erasures of the tag).
  package func erasure(
    matching tag: IdentifierTag, occurredMilliseconds: Int64
  ) -> EventReference? {
    for dot in tagged[tag] ?? [] {
      guard let control = controls[dot], case .erasureRequested(let request) = control.content,
        occurredMilliseconds <= request.cutMilliseconds, hasAuthority(control)
      else { continue }
      return EventReference(dot: dot, idPrefix: control.idPrefix)
    }
    return nil
  }

  /// The counting erasures, ascending by dot.
  package var erasures: [(reference: EventReference, request: ErasureRequest)] {
    erasureDots.compactMap { dot in
      guard let control = controls[dot], case .erasureRequested(let request) = control.content,
        hasAuthority(control)
      else { return nil }
      return (EventReference(dot: dot, idPrefix: control.idPrefix), request)
    }
  }

  /// The origins that say they show nothing of what the erasure lists, ascending.
  package func acknowledgements(ofErasure dot: Dot) -> [OriginID] {
    guard let erasure = controls[dot], case .erasureRequested = erasure.content else { return [] }
    let counting = (acknowledgements[dot] ?? []).filter { acknowledgement in
      guard let control = controls[acknowledgement],
        case .erasureAcknowledged(let named) = control.content
      else { return false }
      return named.idPrefix == erasure.idPrefix && hasAuthority(control)
    }
    return Set(counting.map(\.origin)).sorted()
  }

  /// Whether the erasure or extension `by` may erase what it lists of events of a device.
  private func erases(_ by: Dot, eventsOf key: DeviceKey) -> Bool {
    switch controls[by]?.content {
    case .erasureRequested: return counts(by, for: .erase)
    case .erasureExtended(let erasure, _, _):
      guard let request = controls[erasure.dot], request.idPrefix == erasure.idPrefix,
        case .erasureRequested = request.content, hasAuthority(request)
      else { return false }
      let isOwn = by.origin.key == key
      return counts(by, for: .erase) || (isOwn && counts(by, for: .append))
    default: return false
    }
  }
}
