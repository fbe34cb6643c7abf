internal import EventModel
package import HybridTime
package import MerkleProofs

/// Sections of an event whose bytes are to go.
package struct EventSections: Hashable, Sendable {
  /// The event.
  package let dot: Dot
  /// Their numbers, ascending.
  package let numbers: [Int]
  /// The commitments of some of them, for where the salts are gone.
  package let commitments: [Int: Digest256]

  /// Sections of an event.
  ///
  /// - Parameters:
  ///   - dot: The event.
  ///   - numbers: Their numbers, ascending.
  ///   - commitments: What is left of some of them; needed only where their salts are gone.
  package init(_ dot: Dot, _ numbers: [Int], commitments: [Int: Digest256] = [:]) {
    self.dot = dot
    self.numbers = numbers
    self.commitments = commitments
  }
}

/// What is left of an event whose sections go: commitments in their place, so that header, id and
/// proofs stay what they were.
struct EventRemoval: Sendable {
  let dot: Dot
  let position: UInt64
  let sectionCount: Int
  /// All sections to be removed, whether or not their bytes are there.
  let numbers: [Int]
  /// The commitments of those whose bytes are there.
  private let commitments: [Int: Digest256]

  /// Whether bytes of the event have to go.
  var isContentThere: Bool { !commitments.isEmpty }
  /// How many sections have to go.
  var sectionsThere: Int { commitments.count }

  /// What removing sections of a held event comes to.
  ///
  /// - Throws: `StorageError.missingSalts` when no commitment can be made.
  init(
    _ sections: EventSections, of event: Event, at position: UInt64, book: BookID,
    salts: EventSalts
  ) throws(StorageError) {
    dot = event.dot
    self.position = position
    sectionCount = event.sections.count
    numbers = sections.numbers.filter { $0 < event.sections.count }
    var commitments: [Int: Digest256] = [:]
    for number in numbers where !event.sections[number].isErased {
      let content = event.sections[number].bytes
      let own = salts.salt(ofSection: number).map {
        Digest256.commitment(salt: $0, to: content.span)
      }
      guard let commitment = own ?? sections.commitments[number] else {
        throw .missingSalts(event.dot)
      }
      commitments[number] = commitment
    }
    self.commitments = commitments
    // Where salts are gone, nothing but the origin's head tells whether the id is the same.
    guard let id = event.id(book: book, salts: salts) else { return }
    guard applied(to: event).id(book: book, salts: salts) == id else {
      preconditionFailure("a commitment takes the place of its section in the header")
    }
  }

  /// The event without these sections.
  func applied(to event: Event) -> Event {
    let left = event.sections.indices.map { number in
      commitments[number].map { Section(erased: $0) } ?? event.sections[number]
    }
    return Event(
      dot: event.dot, recorded: event.recorded,
      draft: EventDraft(
        channel: event.channel, type: event.type, schema: event.schema, sections: left))
  }
}
