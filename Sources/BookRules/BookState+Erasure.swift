package import HybridTime

// Erasure, §6 of the specification: a section is erased if and only if it is listed or redacted, or it
// belongs to a correction or redaction of what is. What is listed by dot is found here; redactions name
// events by id, see `BookState+Redaction.swift`.

extension BookState {
  /// The sections of the event that are listed, so that nothing of them stands: by counting erasures
  /// and extensions, with the persons of the event that it corrects, or with the section that it
  /// redacts. O(listings of the event and of what it names).
  package func listedSections(of dot: Dot) -> SectionSet {
    if let now = present.first { return now.listedSections(of: dot) }
    let sections = listedSections(ofReadable: dot)
    guard case .redacted(let event, let section, _)? = controls[dot]?.content,
      listedSections(ofReadable: event.dot, byListersOf: dot.origin.key).contains(section: section)
    else { return sections }
    return sections.union(.survivors)
  }

  /// The sections of an interaction or correction that are listed, by erasures or with the persons of
  /// the event that it corrects; by those only who may list events of another device, too, where one
  /// is named.
  private func listedSections(
    ofReadable dot: Dot, byListersOf key: DeviceKey? = nil
  ) -> SectionSet {
    let sections = directlyListedSections(of: dot, byListersOf: key)
    guard case .corrected(let event, _)? = controls[dot]?.content else { return sections }
    let along = (indexes.listings[event.dot] ?? []).contains { listing in
      listing.section > 0 && erases(listing.by, eventsOf: event.dot.origin.key)
        && erases(listing.by, eventsOf: dot.origin.key)
        && key.map { erases(listing.by, eventsOf: $0) } ?? true
    }
    return along ? sections.union(.persons) : sections
  }

  func directlyListedSections(
    of dot: Dot, byListersOf key: DeviceKey? = nil
  ) -> SectionSet {
    var sections: SectionSet = []
    for listing in indexes.listings[dot] ?? []
    where listing.section > 0 && !sections.contains(section: listing.section) {
      if erases(listing.by, eventsOf: dot.origin.key),
        key.map({ erases(listing.by, eventsOf: $0) }) ?? true
      {
        sections.insert(SectionSet(section: listing.section))
      }
    }
    return sections
  }

  /// Calls `body` with each event of which sections are listed and erased, ascending by dot: what
  /// every full replica takes the salts of, held or not. Of a correction that goes with its event these
  /// are sections 1 to 15, however many it has. O(listed sections, and what goes with them).
  package func forEachListedEvent(_ body: (Dot, SectionSet) -> Void) {
    var listed: [Dot: SectionSet] = [:]
    forEachDirectlyListedEvent { dot, sections in
      listed[dot, default: []].formUnion(sections)
      let corrections = correctionsByTarget[dot] ?? []
      for correction in corrections {
        listed[correction, default: []].formUnion(listedSections(of: correction))
      }
      for redaction in ([dot] + corrections).flatMap({ redactionsByTarget[$0] ?? [] }) {
        listed[redaction, default: []].formUnion(listedSections(of: redaction))
      }
    }
    for (dot, sections) in listed.sorted(by: { $0.key < $1.key }) where !sections.isEmpty {
      body(dot, sections)
    }
  }

  private func forEachDirectlyListedEvent(_ body: (Dot, SectionSet) -> Void) {
    for dot in indexes.listings.keys.sorted() {
      let sections = directlyListedSections(of: dot)
      if !sections.isEmpty { body(dot, sections) }
    }
  }

  /// Whether sections are erased or redacted, so that arriving events are to be matched.
  package var takesAway: Bool { !indexes.erasures.isEmpty || !indexes.redacted.isEmpty }

  /// Whether a counting erasure names the identifier, whenever it occurred. O(1).
  package func isTagged(_ tag: IdentifierTag) -> Bool { indexes.tagged[tag] != nil }

  /// Whether idempotency keys went with erased sections, so that arriving drafts are to be looked up.
  package var hasErasedKeys: Bool {
    !indexes.rememberedKeys.isEmpty || !indexes.ownErasedKeys.isEmpty
  }

  /// Whether what comes under an idempotency key is refused, because it was erased.
  ///
  /// - Parameters:
  ///   - tag: The key's tag.
  ///   - key: The device that would append it.
  /// - Returns: Whether a counting erasure, or an extension that may speak for the device, remembers
  ///   the tag of an interaction whose person it lists.
  package func erasesKey(_ tag: IdentifierTag, appendedBy key: DeviceKey) -> Bool {
    let own = (indexes.ownErasedKeys[tag] ?? []).filter { $0.by.origin.key == key }
    return ((indexes.rememberedKeys[tag] ?? []) + own).contains { erased in
      erased.takesPerson && erases(erased.by, eventsOf: erased.listed.origin.key)
    }
  }

  /// Whether the tags of a held erasure or extension stand: their section is neither erased nor
  /// redacted, even where its bytes are held still.
  func hasTags(_ carrier: Dot) -> Bool {
    !listedSections(of: carrier).contains(section: 1)
      && !redactedSections(ofHeld: carrier).contains(section: 1)
  }

  /// Which erasures list sections of an event, in order of section and erasure, each pair once.
  ///
  /// - Parameters:
  ///   - dot: The event.
  ///   - count: How many sections it has.
  /// - Returns: Section numbers and the erasures that took them.
  package func erasures(
    of dot: Dot, sectionCount count: Int
  ) -> [(section: Int, erasure: Dot)] {
    let key = dot.origin.key
    var found = listingErasures(ofReadable: dot, byListersOf: key)
    if case .redacted(let event, let section, _)? = controls[dot]?.content {
      for (listed, erasure) in listingErasures(ofReadable: event.dot, byListersOf: key)
      where listed == section {
        found.append((ControlEvent.survivorSection, erasure))
      }
    }
    var pairs: [(section: Int, erasure: Dot)] = []
    for pair in found.sorted(by: { ($0.section, $0.erasure) < ($1.section, $1.erasure) })
    where pair.section < count && pairs.last.map({ $0 == pair }) != true {
      pairs.append(pair)
    }
    return pairs
  }

  /// Of an interaction or correction, with what goes with the event that it corrects.
  private func listingErasures(
    ofReadable dot: Dot, byListersOf key: DeviceKey
  ) -> [(section: Int, erasure: Dot)] {
    let own = listingErasures(of: dot, byListersOf: [key])
    guard case .corrected(let event, _)? = controls[dot]?.content else { return own }
    let along = listingErasures(of: event.dot, byListersOf: [key, dot.origin.key])
    return own
      + Set(along.map(\.erasure)).flatMap { erasure in (1..<16).map { ($0, erasure) } }
  }

  private func listingErasures(
    of dot: Dot, byListersOf keys: [DeviceKey]
  ) -> [(section: Int, erasure: Dot)] {
    var found: [(section: Int, erasure: Dot)] = []
    for listing in indexes.listings[dot] ?? [] where listing.section > 0 {
      guard ([dot.origin.key] + keys).allSatisfy({ erases(listing.by, eventsOf: $0) }) else {
        continue
      }
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
