package import BinaryCoding

/// What the log's indexes list of an event, read in one walk over each of its sections. One value
/// serves many events and keeps its room.
package struct EventKeys: Sendable {
  /// The idempotency key's hash: that of source, a zero byte and source id, at least 1; 0 stands
  /// for no key.
  package private(set) var idempotencyKey: UInt64 = 0
  /// The hashes of the identifiers of all persons, `kind:value`, in order; they may repeat.
  package private(set) var identifierKeys: [UInt64] = []
  private let hash: SipHash
  private var room = ByteWriter()

  /// The keys of no event.
  ///
  /// - Parameter book: The book, under whose name everything is hashed.
  package init(in book: BookID) { hash = book.indexHash }

  /// The keys of an event.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - book: The book, under whose name everything is hashed.
  package init(_ event: Event, in book: BookID) {
    hash = book.indexHash
    read(event.sections, of: event.type)
  }

  /// Reads the keys of another event.
  ///
  /// - Parameters:
  ///   - sections: Its sections.
  ///   - type: Its type; control events have no idempotency key.
  package mutating func read(_ sections: [Section], of type: EventType) {
    idempotencyKey = 0
    identifierKeys.removeAll(keepingCapacity: true)
    let isKeyed = !type.isControl
    for (index, section) in sections.enumerated() where index > 0 {
      read(section, isKeyed: isKeyed && index == 1)
    }
  }

  private mutating func read(_ section: Section, isKeyed: Bool) {
    let ranges = section.indexedRanges
    section.forEachIdentifierRange(in: ranges.identifiers) { range in
      identifierKeys.append(hash.hash(section.bytes.span.extracting(range)))
    }
    guard isKeyed, let source = ranges.source.flatMap(section.textRange(in:)),
      let sourceID = ranges.sourceID.flatMap(section.textRange(in:))
    else { return }
    idempotencyKey = hashOfKey(
      source: section.bytes.span.extracting(source), id: section.bytes.span.extracting(sourceID))
  }

  /// The hash of an idempotency key.
  ///
  /// - Parameters:
  ///   - source: The source's name.
  ///   - id: The source id.
  /// - Returns: What ``idempotencyKey`` is for an event with both.
  package mutating func hashOfKey(source: Span<UInt8>, id: Span<UInt8>) -> UInt64 {
    room.removeAll()
    room.write(source)
    room.write(UInt8(0))
    room.write(id)
    let bytes = room.bytes
    return max(1, hash.hash(bytes.span))
  }
}

extension BookID {
  /// What the book's indexes hash with: what a customer or a web page sends cannot know the book's name.
  package var indexHash: SipHash { SipHash(high, low) }
}
