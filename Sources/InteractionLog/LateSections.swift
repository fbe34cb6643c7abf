internal import BookRules
internal import EventModel
internal import HybridTime

/// Sections that match erasures and that nobody lists yet, on their way into extensions.
struct LateSections {
  private var parts: [EventReference: Set<ErasedSection>] = [:]
  private var remembered: Set<ErasedSection> = []
  private var keys: Set<IdentifierTag> = []
  private var remembering: [IdentifierTag: [EventReference]] = [:]
  private var matched: Set<Dot> = []

  /// Whether there is nothing to list.
  var isEmpty: Bool { parts.isEmpty && remembered.isEmpty }

  /// Lists a section under an erasure.
  ///
  /// - Parameters:
  ///   - section: The section.
  ///   - erasure: The erasure it matches; nothing for an erasure of its own, which remembers keys.
  mutating func add(_ section: ErasedSection, to erasure: EventReference?) {
    if let erasure {
      parts[erasure, default: []].insert(section)
    } else {
      remembered.insert(section)
    }
  }

  /// The erasures that remember a key, looked up once.
  mutating func erasures(
    remembering tag: IdentifierTag, in state: BookState
  ) -> [EventReference] {
    if let known = remembering[tag] { return known }
    let found = state.erasures(remembering: tag)
    remembering[tag] = found
    return found
  }

  /// Whether an event is yet to be matched; from then on it is not.
  mutating func begin(_ dot: Dot) -> Bool { matched.insert(dot).inserted }

  /// Whether all that is held under a key is listed.
  func covers(_ key: IdentifierTag) -> Bool { keys.contains(key) }

  /// Says that all that is held under a key is listed.
  mutating func cover(_ key: IdentifierTag) { keys.insert(key) }

  /// The extensions, ascending by erasure and section, and an erasure that remembers only.
  var drafts: [EventDraft] {
    let own = remembered.sorted().inErasureParts.map {
      EventDraft.erasing(ErasureRequest(sections: $0, tags: [], cutMilliseconds: 0))
    }
    return own
      + parts.sorted { $0.key.dot < $1.key.dot }.flatMap { erasure, sections in
        sections.sorted().inErasureParts.map { .extending(erasure: erasure, sections: $0) }
      }
  }
}

extension Array {
  /// The array in pieces that fit one erasure each; of an empty array, none.
  var inErasureParts: [[Element]] {
    stride(from: 0, to: count, by: EventDraft.erasurePartCountMax).map { start in
      Array(self[start..<Swift.min(start + EventDraft.erasurePartCountMax, count)])
    }
  }

  /// The piece at an index; empty behind the last.
  func part<Member>(_ index: Int) -> [Member] where Element == [Member] {
    indices.contains(index) ? self[index] : []
  }
}
