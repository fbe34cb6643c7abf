internal import BookRules
internal import EventModel
package import EventStorage
internal import HybridTime
internal import MerkleProofs
internal import ProjectionEngine

/// Removing what was erased and redacted from the disk.
///
/// What is left to do is told by the log itself: the sections that the control events take away and
/// whose salts are there. Salts go last, so whatever a crash cuts short is found again.
extension ReplicaCore {
  /// By when what was erased is to be gone from the disk, after the erasure.
  package static let removalDelayMilliseconds: Int64 = 24 * 3_600_000

  /// Removes the bytes of all sections that are erased or redacted: from the log with its indexes and
  /// salts, from read models, and refused messages that name a person who was erased.
  ///
  /// Answers, ids, proofs and digests stay what they are. Before, what these sections tell of others is
  /// listed, remembered and extended, which nobody can once they are gone. Read models are started anew
  /// if anything was removed; the next question folds the log. A store without the book's secret cannot
  /// tell what has to be remembered, and removes nothing.
  ///
  /// - Returns: What was done; ``erasedSectionCountLeft()`` says what is left.
  /// - Throws: ``ReplicaError``; what is left is removed by calling it again.
  /// - Complexity: Like that of ``compact(all:)`` for the segments concerned.
  package func removeErased() throws(ReplicaError) -> RemovalReport {
    try ReplicaError.translating {
      try refreshControls()
      guard controls.state.takesAway, erasures.secret != nil else { return RemovalReport() }
      try settleErasures()
      try settleActs()
      let pending = try erasedSectionsLeft()
      guard !pending.isEmpty else { return RemovalReport() }
      try engine.erase()
      let letters = try lettersOfErased()
      try deadLetters.remove(letters)
      var report = try log.remove(pending)
      report.deadLetters = letters.count
      return report
    }
  }

  /// How many sections are erased or redacted and on the disk still.
  ///
  /// - Returns: Their number; what arrives or is settled later may add to it.
  /// - Throws: ``ReplicaError``.
  /// - Complexity: Reads the events concerned, none if nothing is left.
  package func erasedSectionCountLeft() throws(ReplicaError) -> Int {
    try ReplicaError.translating {
      try refreshControls()
      return try erasedSectionsLeft().reduce(0) { $0 + $1.numbers.count }
    }
  }

  /// The sections that the control events take away and whose salts are there, ascending by position.
  private func erasedSectionsLeft() throws -> [EventSections] {
    let snapshot = snapshot()
    var candidates: [(position: LogPosition, sections: SectionSet)] = []
    var failure: (any Error)?
    controls.state.forEachEventTakenFrom { dot, sections in
      guard snapshot.held.contains(dot),
        (0..<16).contains(where: { sections.contains(section: $0) && log.isLeft($0, of: dot) })
      else { return }
      do {
        if let position = try snapshot.position(of: dot) {
          candidates.append((position, sections))
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard !candidates.isEmpty else { return [] }
    // In the order of the log each block is read once.
    candidates.sort { $0.position < $1.position }
    let events = try events()
    return try candidates.compactMap { position, sections in
      guard let event = try snapshot.event(at: position) else { return nil }
      let erased = try events.meaning(of: event).erased.intersection(sections)
      let left = event.sections.indices.filter { section in
        erased.contains(section: section) && log.isLeft(section, of: event.dot)
      }
      return left.isEmpty ? nil : EventSections(event.dot, left)
    }
  }

  /// The refused messages with an identifier that an erasure asks for, refused before its cut.
  private func lettersOfErased() throws -> Set<UInt64> {
    let state = controls.state
    guard let secret = erasures.secret, !state.erasures.isEmpty else { return [] }
    var found: Set<UInt64> = []
    for number in deadLetters.numbers {
      guard let letter = try deadLetters.letter(number) else { continue }
      var isOfErased = false
      PossibleIdentifiers(letter.raw).forEachName { name in
        guard !isOfErased else { return }
        let tag = secret.tag(ofIdentifier: name)
        isOfErased =
          state.isTagged(tag)
          && state.erasure(matching: tag, earliestMilliseconds: letter.milliseconds) != nil
      }
      if isOfErased { found.insert(number) }
    }
    return found
  }
}
