internal import EventModel
package import HybridTime
internal import MerkleProofs

/// Sections of an event whose bytes are to go.
package struct EventSections: Hashable, Sendable {
  /// The event.
  package let dot: Dot
  /// Their numbers, ascending.
  package let numbers: [Int]

  /// Sections of an event.
  ///
  /// - Parameters:
  ///   - dot: The event.
  ///   - numbers: Their numbers, ascending.
  package init(_ dot: Dot, _ numbers: [Int]) {
    self.dot = dot
    self.numbers = numbers
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
    _ numbers: [Int], of event: Event, at position: UInt64, book: BookID, salts: EventSalts
  ) throws(StorageError) {
    dot = event.dot
    self.position = position
    sectionCount = event.sections.count
    self.numbers = numbers.filter { $0 < event.sections.count }
    var commitments: [Int: Digest256] = [:]
    for number in self.numbers where !event.sections[number].isErased {
      guard let salt = salts.salt(ofSection: number) else { throw .missingSalts(event.dot) }
      let content = event.sections[number].bytes
      commitments[number] = Digest256.commitment(salt: salt, to: content.span)
    }
    self.commitments = commitments
    guard applied(to: event).id(book: book, salts: salts) == event.id(book: book, salts: salts)
    else { preconditionFailure("a commitment takes the place of its section in the header") }
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
