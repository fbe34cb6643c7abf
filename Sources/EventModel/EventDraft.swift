internal import BinaryCoding
public import MerkleProofs

/// An interaction on its way in: all of an event but its name and its place in time.
///
/// The log stamps dot and recorded time when it appends.
public struct EventDraft: Hashable, Sendable {
  /// The medium.
  public let channel: Channel
  /// What happened.
  public let type: EventType
  /// The schema that told facts from personal fields.
  public let schema: Digest256
  /// Facts first, then one section a person; at least two sections.
  public let sections: [Section]

  /// Joins the parts; a missing section 1 is added empty, since it always exists.
  public init(channel: Channel, type: EventType, schema: Digest256, sections: [Section]) {
    self.channel = channel
    self.type = type
    self.schema = schema
    let missingCount = 2 - sections.count
    self.sections =
      missingCount > 0 ? sections + [Section](repeating: .empty, count: missingCount) : sections
  }

  /// The encoded size of the sections in bytes.
  public var sectionByteCount: Int { sections.reduce(0) { $0 + $1.bytes.count } }

  /// Its idempotency key; control events have none, though they may carry another event's.
  public var idempotencyKey: IdempotencyKey? {
    type.isControl ? nil : IdempotencyKey(section: sections[1])
  }
}

/// The sender's own name for an interaction: (source, source id). A repeat appends nothing.
public struct IdempotencyKey: Hashable, Sendable {
  /// The name of the source system.
  public let source: [UInt8]
  /// The source's name for the interaction.
  public let sourceID: [UInt8]

  /// The key in section 1, or nothing when that does not state both parts as text.
  public init?(section: Section) {
    guard let source = section.textRange(ReservedName.source),
      let sourceID = section.textRange(ReservedName.sourceID)
    else { return nil }
    self.source = Array(section.bytes[source])
    self.sourceID = Array(section.bytes[sourceID])
  }
}
