package import HybridTime

// Closed interactions, §3 of the specification. With section 1 an interaction loses its idempotency key,
// and with any section a part of its content. Whoever holds the bytes still must come to the same answers
// as who holds a husk, so from then on an interaction is known by what its listings remember of it.

/// By what key and content of an interaction are known.
package enum Closure: Hashable, Sendable {
  /// By its sections.
  case open
  /// Section 1 is listed: by what the listings remember, if they remember anything.
  case closed(SourceTags?)

  /// Whether two interactions are known to be twins because of what is remembered of both; open ones
  /// are compared by their sections.
  package func isTwin(of other: Closure) -> Bool {
    guard case .closed(let one?) = self, case .closed(let two?) = other else { return false }
    return one.key == two.key && one.content != nil && one.content == two.content
  }
}

extension BookState {
  /// Whether an interaction may be closed: if not, all are known by their sections. O(1).
  package var closesInteractions: Bool { !indexes.listings.isEmpty || !laterErased.isEmpty }

  /// Whether erasures are held, counting or not.
  package var holdsErasures: Bool {
    controls.values.contains { control in
      if case .erasureRequested = control.content { true } else { false }
    }
  }

  /// By what an interaction is known. O(listings of the event).
  package func closure(of dot: Dot) -> Closure {
    guard listedSections(of: dot).contains(section: 1) else { return .open }
    let remembered = (indexes.listings[dot] ?? []).first { listing in
      listing.section == 1 && listing.source != nil && erases(listing.by, eventsOf: dot.origin.key)
    }
    return .closed(remembered?.source ?? laterSources[dot])
  }

  /// The closed interactions under an idempotency key, held or not, ascending. O(listings of the key).
  ///
  /// - Parameter tag: The key's tag.
  /// - Returns: Those of which the tag is remembered.
  package func closedInteractions(withKey tag: IdentifierTag) -> [Dot] {
    let listed = (indexes.erasedKeys[tag] ?? []).map(\.listed) + (laterKeys[tag] ?? [])
    return Set(listed).sorted().filter { dot in
      guard case .closed(let source?) = closure(of: dot) else { return false }
      return source.key == tag
    }
  }
}
