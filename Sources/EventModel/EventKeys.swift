internal import BinaryCoding
internal import MerkleProofs

/// What the log's indexes list of an event, read in one walk over each of its sections. One value
/// serves many events and keeps its room.
package struct EventKeys: Sendable {
  /// The idempotency key's hash as a segment's key column holds it: the first eight bytes of the
  /// SHA-256 of source, a zero byte and source id, at least 1; 0 stands for no key.
  package private(set) var idempotencyKey: UInt64 = 0
  /// The index keys of the identifiers of all persons, in order; they may repeat.
  package private(set) var identifierKeys: [UInt64] = []
  private var room = ByteWriter()

  /// The keys of no event.
  package init() {}

  /// The keys of an event.
  package init(_ event: Event) { read(event.sections, of: event.type) }

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
      identifierKeys.append(Identifier.indexKey(section.bytes.span.extracting(range)))
    }
    guard isKeyed, let source = ranges.source.flatMap(section.textRange(in:)),
      let sourceID = ranges.sourceID.flatMap(section.textRange(in:))
    else { return }
    room.removeAll()
    room.write(section.bytes.span.extracting(source))
    room.write(UInt8(0))
    room.write(section.bytes.span.extracting(sourceID))
    idempotencyKey = max(1, Digest256.hash(room.bytes).prefix64)
  }
}
