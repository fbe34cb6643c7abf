internal import BookRules
internal import EventModel
internal import HybridTime

/// Sections that match erasures and that nobody lists yet, on their way into extensions.
struct LateSections {
  private struct Part {
    var sections: Set<ErasedSection> = []
    var keys: Set<IdentifierTag> = []
  }

  private var parts: [EventReference: Part] = [:]

  /// Whether there is nothing to list.
  var isEmpty: Bool { parts.isEmpty }

  /// Lists a section under an erasure.
  ///
  /// - Parameters:
  ///   - section: The section.
  ///   - key: The tag of the idempotency key that goes with it, if it carries one.
  ///   - erasure: The erasure it matches.
  mutating func add(_ section: ErasedSection, key: IdentifierTag?, to erasure: EventReference) {
    parts[erasure, default: Part()].sections.insert(section)
    if let key { parts[erasure, default: Part()].keys.insert(key) }
  }

  /// The extensions, ascending by erasure, section and key.
  var drafts: [EventDraft] {
    parts.sorted { $0.key.dot < $1.key.dot }.flatMap { erasure, part in
      let sections = part.sections.sorted().inErasureParts
      let keys = part.keys.sorted().inErasureParts
      return (0..<max(sections.count, keys.count)).map { index in
        EventDraft.extending(
          erasure: erasure, sections: sections.part(index), keys: keys.part(index))
      }
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
