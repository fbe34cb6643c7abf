package import HybridTime

// Erasure, §6 of the specification: a section is erased if and only if a counting erasure, an
// extension of one, or a redaction lists it. Redactions name events by id and are found through
// `meaning(of:)`; what is listed by dot is found here.

extension BookState {
  /// The sections of the event of which nothing stands: those that counting erasures and extensions
  /// list, and in a redaction what survives of a listed section. O(listings of the event), and of a
  /// redaction O(redactions of redactions it stands on).
  package func listedSections(of dot: Dot) -> SectionSet {
    var sections = directlyListedSections(of: dot)
    if isListed(survivorsIn: dot) {
      sections.insert(SectionSet(section: ControlEvent.survivorSection))
    }
    return sections
  }

  func directlyListedSections(of dot: Dot) -> SectionSet {
    var sections = laterErased[dot] ?? []
    for listing in indexes.listings[dot] ?? []
    where listing.section > 0 && !sections.contains(section: listing.section) {
      if erases(listing.by, eventsOf: dot.origin.key) {
        sections.insert(SectionSet(section: listing.section))
      }
    }
    return sections
  }

  private func isListed(survivorsIn redaction: Dot) -> Bool {
    var next = redaction
    for target in replacedEvents(by: redaction) {
      guard case .redacted(_, let section)? = controls[next]?.content else { return false }
      if directlyListedSections(of: target.dot).contains(section: section) { return true }
      guard section == ControlEvent.survivorSection else { return false }
      next = target.dot
    }
    return false
  }

  /// Calls `body` with each event of which sections are listed and erased, ascending by dot: what
  /// every full replica takes the salts of, held or not.
  package func forEachListedEvent(_ body: (Dot, SectionSet) -> Void) {
    var listed: [Dot: SectionSet] = [:]
    for dot in indexes.listings.keys {
      let sections = directlyListedSections(of: dot)
      if !sections.isEmpty { listed[dot] = sections }
    }
    var pending = Array(listed.keys)
    while let dot = pending.popLast() {
      for redaction in redactionsByTarget[dot] ?? [] {
        guard case .redacted(_, let section)? = controls[redaction]?.content,
          listed[dot]?.contains(section: section) == true,
          listed[redaction]?.contains(section: ControlEvent.survivorSection) != true
        else { continue }
        listed[redaction, default: []].insert(SectionSet(section: ControlEvent.survivorSection))
        pending.append(redaction)
      }
    }
    for (dot, sections) in listed.sorted(by: { $0.key < $1.key }) { body(dot, sections) }
  }

  /// Whether an erasure names identifiers, so that arriving events are to be matched.
  package var hasTags: Bool { !indexes.tagged.isEmpty }

  /// Whether a counting erasure names the identifier, whenever it occurred. O(1).
  package func isTagged(_ tag: IdentifierTag) -> Bool { indexes.tagged[tag] != nil }

  /// Whether idempotency keys went with erased sections, so that arriving drafts are to be looked up.
  package var hasErasedKeys: Bool { !indexes.erasedKeys.isEmpty }

  /// Whether what comes under an idempotency key is refused, because it was erased.
  ///
  /// - Parameters:
  ///   - tag: The key's tag.
  ///   - key: The device that would append it.
  /// - Returns: Whether a counting erasure, or an extension that may speak for the device, remembers
  ///   the tag of an interaction whose person it lists.
  package func erasesKey(_ tag: IdentifierTag, appendedBy key: DeviceKey) -> Bool {
    (indexes.erasedKeys[tag] ?? []).contains { erased in
      erased.takesPerson && erases(erased.by, eventsOf: erased.listed.origin.key)
        && (counts(erased.by, for: .erase) || erased.by.origin.key == key)
    }
  }

  /// Whether the tags of a held erasure or extension stand: their section is neither erased nor
  /// redacted, even where its bytes are held still.
  private func hasTags(_ carrier: Dot) -> Bool {
    !listedSections(of: carrier).contains(section: 1)
      && !heldRedactions(of: carrier).contains { $0.section == 1 }
  }

  /// Hides what `later` erases, so that a state of the past shows nothing that was erased since.
  package mutating func hide(whatIsErasedIn later: BookState) {
    later.forEachListedEvent { dot, sections in
      laterErased[dot] = sections
    }
    for dot in later.indexes.listings.keys.sorted() {
      guard case .remembered(let tag, _)? = later.rememberedKey(of: dot) else { continue }
      laterKeys[dot] = later.rememberedKey(of: dot)
      laterInteractions[tag, default: []].append(dot)
    }
  }

  /// Which erasures list sections of an event, in order of section and erasure, each pair once.
  package func erasures(of dot: Dot) -> [(section: Int, erasure: Dot)] {
    var found = listingErasures(of: dot)
    var next = dot
    for target in replacedEvents(by: dot) {
      guard case .redacted(_, let section)? = controls[next]?.content else { break }
      for (listed, erasure) in listingErasures(of: target.dot) where listed == section {
        found.append((ControlEvent.survivorSection, erasure))
      }
      guard section == ControlEvent.survivorSection else { break }
      next = target.dot
    }
    return found.sorted { ($0.section, $0.erasure) < ($1.section, $1.erasure) }
  }

  private func listingErasures(of dot: Dot) -> [(section: Int, erasure: Dot)] {
    var found: [(section: Int, erasure: Dot)] = []
    for listing in indexes.listings[dot] ?? [] where listing.section > 0 {
      guard erases(listing.by, eventsOf: dot.origin.key) else { continue }
      let erasure: Dot =
        if case .erasureExtended(let request, _)? = controls[listing.by]?.content {
          request.dot
        } else {
          listing.by
        }
      if !found.contains(where: { $0 == (listing.section, erasure) }) {
        found.append((listing.section, erasure))
      }
    }
    return found
  }

  /// The first counting erasure, by dot, that asks for an identifier in an event of that time, the
  /// earlier of when it occurred and when it was recorded; a section it matches and nobody lists is to
  /// be listed in an extension. O(erasures of the tag).
  package func erasure(
    matching tag: IdentifierTag, earliestMilliseconds: Int64
  ) -> EventReference? {
    for dot in indexes.tagged[tag] ?? [] {
      guard let control = controls[dot], case .erasureRequested(let request) = control.content,
        earliestMilliseconds <= request.cutMilliseconds, hasTags(dot)
      else { continue }
      return EventReference(dot: dot, idPrefix: control.idPrefix)
    }
    return nil
  }

  /// The counting erasures, ascending by dot.
  package var erasures: [(reference: EventReference, request: ErasureRequest)] {
    indexes.erasures.compactMap { dot in
      guard let control = controls[dot], case .erasureRequested(let request) = control.content
      else { return nil }
      return (EventReference(dot: dot, idPrefix: control.idPrefix), request)
    }
  }

  /// The origins that say they show nothing of what the erasure lists, ascending.
  package func acknowledgements(ofErasure dot: Dot) -> [OriginID] {
    guard let erasure = controls[dot], case .erasureRequested = erasure.content else { return [] }
    let counting = (indexes.acknowledgements[dot] ?? []).filter { acknowledgement in
      guard case .erasureAcknowledged(let named)? = controls[acknowledgement]?.content else {
        return false
      }
      return named.idPrefix == erasure.idPrefix
    }
    return Set(counting.map(\.origin)).sorted()
  }

  /// Whether the erasure or extension `by` may erase what it lists of events of a device.
  func erases(_ by: Dot, eventsOf key: DeviceKey) -> Bool {
    switch controls[by]?.content {
    case .erasureRequested: return counts(by, for: .erase)
    case .erasureExtended(let erasure, _):
      guard let request = controls[erasure.dot], request.idPrefix == erasure.idPrefix,
        case .erasureRequested = request.content, hasAuthority(request)
      else { return false }
      let isOwn = by.origin.key == key
      return counts(by, for: .erase) || (isOwn && counts(by, for: .append))
    default: return false
    }
  }
}
