public import BinaryCoding
public import HybridTime
public import MerkleProofs

// An event's record, version 1, as logs and sync batches carry it:
//
//   record := origin 40 bytes, sequence varint, recorded u64 little-endian, channel u8,
//             type length varint, type ASCII, schema 32 bytes,
//             section count varint 2…16, part*
//   part   := length varint ≥ 1, section      or, when the content is gone,      0, commitment 32 bytes
//
// The book and the other commitments are not part of it: the first is known, the others derive from
// the sections and their salts. Valid: sequence ≥ 1, channel and type well-formed, every section
// canonical, at most 1 MiB in all, nothing behind. The facts of a control event are never gone, but for
// those of a correction.

/// One interaction, immutable: a permanent header, facts, and a section for each person concerned.
public struct Event: Hashable, Sendable {
  /// The event's name.
  public let dot: Dot
  /// When its origin appended it.
  public let recorded: HybridTimestamp
  /// The medium.
  public let channel: Channel
  /// What happened.
  public let type: EventType
  /// The schema that told facts from personal fields.
  public let schema: Digest256
  /// Facts first, then one section a person; 2 to 16.
  public let sections: [Section]

  /// Stamps a draft.
  public init(dot: Dot, recorded: HybridTimestamp, draft: EventDraft) {
    self.dot = dot
    self.recorded = recorded
    channel = draft.channel
    type = draft.type
    schema = draft.schema
    sections = draft.sections
  }

  /// Section 0.
  public var facts: Section { sections[0] }

  /// The sections of the persons concerned; the first always exists.
  public var persons: ArraySlice<Section> { sections.dropFirst() }

  /// Source, source id and everything undeclared: section 1.
  public var personal: Section { sections[1] }

  /// When it happened by its source, in milliseconds since 1970; without such a time, when it was
  /// recorded.
  public var occurredMilliseconds: Int64 {
    facts.integer(ReservedName.occurred) ?? recorded.milliseconds
  }

  /// The sender's own name for the interaction; control events have none, though they may carry
  /// another event's.
  public var idempotencyKey: IdempotencyKey? {
    type.isControl ? nil : IdempotencyKey(section: personal)
  }

  /// Everything but name and place in time.
  public var draft: EventDraft {
    EventDraft(channel: channel, type: type, schema: schema, sections: sections)
  }

  /// Whether both can be the same event: they are equal, apart from sections that one of them has
  /// only the commitment of.
  public func agrees(with other: Event) -> Bool {
    dot == other.dot && recorded == other.recorded && channel == other.channel
      && type == other.type && schema == other.schema && sections.count == other.sections.count
      && zip(sections, other.sections).allSatisfy { $0 == $1 || $0.isErased != $1.isErased }
  }

  /// By how many bytes the record grows at most when sections of it are erased: what is left of one is
  /// longer than a section of less than 32 bytes. It stays within the limit even then.
  public var erasureByteCount: Int {
    sections.reduce(0) { $0 + max(0, Self.commitmentByteCount - $1.bytes.count) }
  }

  private static let commitmentByteCount = 32

  /// Writes the record.
  public func write(to writer: inout ByteWriter) {
    dot.origin.write(to: &writer)
    writer.writeVarint(dot.sequence)
    writer.write(recorded.rawValue)
    writer.write(channel.rawValue)
    writer.writeLengthPrefixed(type.name)
    schema.write(to: &writer)
    writer.writeVarint(UInt64(sections.count))
    for section in sections {
      writer.writeVarint(section.isErased ? 0 : UInt64(section.bytes.count))
      writer.write(section.bytes)
    }
  }

  /// The record.
  public var encoded: [UInt8] {
    var writer = ByteWriter(capacity: 128 + draft.sectionByteCount)
    write(to: &writer)
    return writer.bytes
  }

  /// Reads a record and checks it in full: for bytes from outside.
  ///
  /// - Parameter bytes: One whole record and nothing else.
  /// - Throws: ``DecodingFault`` naming the first rule broken.
  public init(checking bytes: Span<UInt8>) throws(DecodingFault) {
    guard bytes.count <= EventLimits.eventByteCountMax else {
      throw .tooLarge(
        value: UInt64(bytes.count), max: UInt64(EventLimits.eventByteCountMax), at: 0)
    }
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
    try reader.expectEnd()
    let huskByteCount = bytes.count + erasureByteCount
    guard huskByteCount <= EventLimits.eventByteCountMax else {
      throw .tooLarge(
        value: UInt64(huskByteCount), max: UInt64(EventLimits.eventByteCountMax), at: 0)
    }
    for section in sections where !section.isErased { _ = try Section(checking: section.bytes) }
    guard !facts.isErased || !type.isControl || type.name == "event.corrected" else {
      throw .notCanonical(field: "facts of a control event that are gone", at: 0)
    }
  }

  /// Reads a record whose sections were checked before it was stored.
  ///
  /// - Parameter reader: Stands at the record, afterwards just behind it.
  /// - Throws: ``DecodingFault``.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    let origin = try OriginID(from: &reader)
    let sequence = try reader.readVarint()
    let start = reader.offset
    guard sequence >= 1 else { throw .unknownValue(field: "sequence", value: 0, at: start) }
    guard sequence <= EventLimits.sequenceMax else {
      throw .tooLarge(value: sequence, max: EventLimits.sequenceMax, at: start)
    }
    dot = Dot(origin: origin, sequence: sequence)
    recorded = HybridTimestamp(rawValue: try reader.readUInt64())
    let channelCode = try reader.readByte()
    guard let channel = Channel(rawValue: channelCode) else {
      throw .unknownValue(field: "channel", value: UInt64(channelCode), at: start)
    }
    self.channel = channel
    let name = try reader.readLengthPrefixedBytes(max: EventType.byteCountMax)
    guard EventType.isValid(name.span) else { throw .notCanonical(field: "type", at: start) }
    type = EventType(unchecked: String(decoding: name, as: UTF8.self))
    schema = try Digest256(from: &reader)
    let count = try reader.readCount(max: EventLimits.sectionCountMax)
    guard count >= 2 else {
      throw .unknownValue(field: "section count", value: UInt64(count), at: reader.offset)
    }
    var sections: [Section] = []
    sections.reserveCapacity(count)
    for _ in 0..<count {
      let bytes = try reader.readLengthPrefixedBytes(max: EventLimits.eventByteCountMax)
      sections.append(
        bytes.isEmpty
          ? Section(erased: try Digest256(from: &reader)) : Section(unchecked: bytes))
    }
    self.sections = sections
  }
}

extension Event: CustomStringConvertible {
  /// The event's name and type, and nothing personal.
  public var description: String { "\(dot) \(type)" }
}
