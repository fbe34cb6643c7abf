package import HybridTime

// Keys of interactions, §3 of the specification. With section 1 an interaction loses its idempotency key.
// Whoever holds the bytes still must come to the same answers as who holds a husk, so listings remember
// the key, and from then on the interaction is known by what is remembered alone.

/// Under which key an interaction is known.
package enum InteractionKey: Hashable, Sendable {
  /// The one that its section 1 states, if it states one.
  case stated
  /// The one that a listing remembers; of one device alone when only that device says so.
  case remembered(IdentifierTag, device: DeviceKey?)
  /// None: section 1 is erased, and nobody remembers.
  case none
}

extension BookState {
  /// Whether a control event may say under which key an interaction is known: if not, all are known
  /// by their sections. O(1).
  package var concernsKeys: Bool {
    !indexes.listings.isEmpty || !indexes.naming.isEmpty || !laterErased.isEmpty
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
    rememberedKey(of: dot) ?? (erased.contains(section: 1) ? .none : .stated)
  }

  /// The key that counting listings remember of an interaction, if any do.
  package func rememberedKey(of dot: Dot) -> InteractionKey? {
    let counting = (indexes.listings[dot] ?? []).filter { listing in
      listing.key != nil && erases(listing.by, eventsOf: dot.origin.key)
    }
    guard !counting.isEmpty else { return laterKeys[dot] }
    let granted = counting.filter { counts($0.by, for: .erase) }
    let least = (granted.isEmpty ? counting : granted).min { one, other in
      one.by != other.by ? one.by < other.by : one.key.precedes(other.key)
    }
    return least?.key.map { .remembered($0, device: granted.isEmpty ? dot.origin.key : nil) }
  }

  /// The interactions known by a remembered key, held or not, ascending. O(listings of the tag).
  package func interactions(rememberedBy key: InteractionKey) -> [Dot] {
    guard case .remembered(let tag, _) = key else { return [] }
    let listed = (indexes.erasedKeys[tag] ?? []).map(\.listed) + (laterInteractions[tag] ?? [])
    return Set(listed).sorted().filter { rememberedKey(of: $0) == key }
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
    var erased = listedSections(of: dot)
    guard let namings = indexes.naming[dot] else { return erased }
    let idPrefix = try identify(dot)
    for naming in namings where naming.idPrefix == idPrefix {
      if case .redaction(let section) = naming.act { erased.insert(SectionSet(section: section)) }
    }
    return erased
  }

  /// The erasure under which an interaction is to be listed whose key is remembered of another, and
  /// whether its person goes with it: the first by dot whose author may erase. O(listings of the tag).
  package func erasure(
    remembering tag: IdentifierTag
  ) -> (erasure: EventReference, takesPerson: Bool)? {
    var found: (erasure: EventReference, takesPerson: Bool)?
    for erased in indexes.erasedKeys[tag] ?? [] where counts(erased.by, for: .erase) {
      guard erases(erased.by, eventsOf: erased.listed.origin.key),
        let reference = erasure(of: erased.by)
      else { continue }
      let takesPerson = found?.takesPerson ?? false || erased.takesPerson
      found = (found?.erasure ?? reference, takesPerson)
    }
    return found
  }

  /// The erasure that a held control event is, or extends.
  private func erasure(of dot: Dot) -> EventReference? {
    guard let control = controls[dot] else { return nil }
    if case .erasureExtended(let erasure, _) = control.content { return erasure }
    return EventReference(dot: dot, idPrefix: control.idPrefix)
  }
}
