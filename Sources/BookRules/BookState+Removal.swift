package import HybridTime

// What may leave the disks, §6 of the specification: of which events something is erased.

extension BookState {
  /// Calls `body` with each event that sections are taken from, ascending by dot, held or not.
  ///
  /// A reference to an event of another id, or to a section that an event does not have, takes nothing:
  /// only ``meaning(of:identify:)`` of an event tells what is erased of it, and nothing beyond what is
  /// given here is.
  ///
  /// - Parameter body: Gets the event and the sections that may be erased of it.
  /// - Complexity: O(what erasures and redactions name, and corrections).
  package func forEachEventTakenFrom(_ body: (Dot, SectionSet) -> Void) {
    var taken: [Dot: SectionSet] = [:]
    forEachListedEvent { dot, sections in taken[dot, default: []].formUnion(sections) }
    for (event, sections) in indexes.redacted {
      taken[event.dot, default: []].formUnion(sections)
    }
    for (dot, extensions) in indexes.extended {
      for further in extensions {
        guard case .redacted(_, let section, _)? = control(further.act.dot)?.content else {
          continue
        }
        taken[dot, default: []].insert(SectionSet(section: section))
      }
    }
    for dots in [redactionsByTarget, correctionsByTarget].flatMap(\.values) {
      for dot in dots { taken[dot, default: []].formUnion(redactedAlong(dot)) }
    }
    for (dot, sections) in taken.sorted(by: { $0.key < $1.key }) where !sections.isEmpty {
      body(dot, sections)
    }
  }
}
