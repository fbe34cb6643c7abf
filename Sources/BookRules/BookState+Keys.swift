package import HybridTime

// Keys of interactions, §3 of the specification. With section 1 an interaction loses its idempotency key.
// Whoever holds the bytes still must come to the same answers as who holds a husk, so listings remember
// the key, and from then on the interaction is known by what is remembered alone.

/// Under which key an interaction is known.
package enum InteractionKey: Hashable, Sendable {
  /// The one that its section 1 states, if it states one.
  case stated
  /// The one that a listing remembers.
  case remembered(IdentifierTag)
  /// None: section 1 is erased, and nobody remembers.
  case none
}

extension BookState {
  /// Whether a control event may say under which key an interaction is known: if not, all are known
  /// by their sections. O(1).
  package var concernsKeys: Bool {
    !indexes.listings.isEmpty || !indexes.naming.isEmpty || present.first?.concernsKeys ?? false
  }

  /// Whether erasures are held, counting or not.
  package var holdsErasures: Bool {
    controls.values.contains { control in
      if case .erasureRequested = control.content { true } else { false }
    }
  }

  /// Under which key an interaction is known. O(listings of the event).
  ///
  /// - Parameters:
  ///   - dot: The interaction.
  ///   - erased: Its sections that are listed or redacted.
  /// - Returns: Its key.
  package func key(of dot: Dot, erased: SectionSet) -> InteractionKey {
    if let remembered = rememberedKey(of: dot) { return .remembered(remembered) }
    return erased.contains(section: 1) ? .none : .stated
  }

  /// The key that counting listings by those who may erase remember of an interaction, if any do.
  /// O(listings of the event).
  package func rememberedKey(of dot: Dot) -> IdentifierTag? {
    if let now = present.first { return now.rememberedKey(of: dot) }
    let counting = (indexes.listings[dot] ?? []).filter { listing in
      listing.key != nil && erases(listing.by, eventsOf: dot.origin.key)
    }
    let least = counting.min { one, other in
      one.by != other.by ? one.by < other.by : one.key.precedes(other.key)
    }
    return least?.key
  }

  /// The interactions known by a remembered key, held or not, ascending. O(listings of the tag).
  package func interactions(rememberedBy tag: IdentifierTag) -> [Dot] {
    if let now = present.first { return now.interactions(rememberedBy: tag) }
    return Set((indexes.rememberedKeys[tag] ?? []).map(\.listed)).sorted().filter {
      rememberedKey(of: $0) == tag
    }
  }

  /// The sections of an interaction that are erased: those that are listed or that counting
  /// redactions name.
  ///
  /// - Parameters:
  ///   - dot: The interaction.
  ///   - identify: Gives the first 8 bytes of its id; asked only if a redaction names its dot.
  /// - Returns: Their numbers.
  /// - Throws: What `identify` throws.
  package func erasedSections<Failure: Error>(
    of dot: Dot, identify: (Dot) throws(Failure) -> UInt64
  ) throws(Failure) -> SectionSet {
    if let now = present.first { return try now.erasedSections(of: dot, identify: identify) }
    var erased = listedSections(of: dot)
    guard names(dot) else { return erased }
    let named = EventReference(dot: dot, idPrefix: try identify(dot))
    erased.formUnion(redactedSections(of: named))
    return erased
  }

  /// Whether an erasure remembers a key of some interaction.
  package func remembers(_ tag: IdentifierTag) -> Bool {
    (indexes.rememberedKeys[tag] ?? []).contains { erased in
      erases(erased.by, eventsOf: erased.listed.origin.key)
    }
  }

  /// The erasures that remember a key of some interaction, ascending. O(listings of the tag).
  package func erasures(remembering tag: IdentifierTag) -> [EventReference] {
    var found: Set<EventReference> = []
    for erased in indexes.rememberedKeys[tag] ?? [] {
      guard erases(erased.by, eventsOf: erased.listed.origin.key),
        let reference = erasure(of: erased.by)
      else { continue }
      found.insert(reference)
    }
    return found.sorted { $0.dot < $1.dot }
  }

  /// Whether an erasure asks for an identifier, whatever the time. O(erasures of the tag).
  package func asks(_ erasure: EventReference, for tag: IdentifierTag) -> Bool {
    (indexes.tagged[tag] ?? []).contains(erasure.dot) && hasTags(erasure.dot)
  }

  /// The first erasure, by dot, that lists sections of an event. O(listings of the event).
  package func firstErasure(listing dot: Dot) -> EventReference? {
    let listings = (indexes.listings[dot] ?? []).filter { listing in
      listing.section > 0 && erases(listing.by, eventsOf: dot.origin.key)
    }
    return listings.compactMap { erasure(of: $0.by) }.min { $0.dot < $1.dot }
  }

  /// The counting erasures and extensions, ascending, with what they list, and whether they remember
  /// keys for all.
  package var listings: [(by: Dot, sections: [ErasedSection], remembers: Bool)] {
    let all = (indexes.erasures + indexes.extensions.values.flatMap { $0 }).sorted()
    return all.filter { erases($0, eventsOf: $0.origin.key) }.map { by in
      let remembers = counts(by, for: .erase)
      return switch controls[by]?.content {
      case .erasureRequested(let request): (by, request.sections, remembers)
      case .erasureExtended(_, let sections): (by, sections, remembers)
      default: (by, [], remembers)
      }
    }
  }

  /// The erasure that a held control event is, or extends.
  private func erasure(of dot: Dot) -> EventReference? {
    guard let control = controls[dot] else { return nil }
    if case .erasureExtended(let erasure, _) = control.content { return erasure }
    return EventReference(dot: dot, idPrefix: control.idPrefix)
  }
}
