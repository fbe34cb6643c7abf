internal import BinaryCoding
internal import EventModel

/// What the source sent of an interaction, as opposed to what was added on the way: channel, type,
/// all personal sections, and the facts without the times of sending and receiving.
///
/// Two events with one idempotency key are the same interaction when their source contents are
/// equal; otherwise they conflict.
struct SourceContent: Equatable {
  private let channel: Channel
  private let type: EventType
  private let facts: [UInt8]
  private let persons: [Section]

  init(_ draft: EventDraft) {
    channel = draft.channel
    type = draft.type
    facts = Self.sourceFacts(draft.sections[0])
    persons = Array(draft.sections.dropFirst())
  }

  init(_ event: Event) { self.init(event.draft) }

  /// CRC32C of the content: different for most different contents.
  var checksum: UInt32 {
    var writer = ByteWriter()
    writer.write(channel.rawValue)
    writer.writeLengthPrefixed(type.name)
    writer.writeLengthPrefixed(facts)
    for section in persons { writer.writeLengthPrefixed(section.bytes) }
    return CRC32C.checksum(writer.bytes)
  }

  /// Names and values of the facts that the source stated.
  private static func sourceFacts(_ section: Section) -> [UInt8] {
    var facts = ByteWriter(capacity: section.bytes.count)
    section.forEachRange { name, value in
      let isAdded =
        section.bytes.isEqual(to: ReservedName.sent, in: name)
        || section.bytes.isEqual(to: ReservedName.received, in: name)
        || section.bytes.isEqual(to: ReservedName.skew, in: name)
      if isAdded { return true }
      facts.writeVarint(UInt64(name.count))
      facts.write(section.bytes.span.extracting(name.lowerBound..<value.upperBound))
      return true
    }
    return facts.bytes
  }
}
