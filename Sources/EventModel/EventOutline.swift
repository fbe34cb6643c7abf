package import BinaryCoding
package import HybridTime
internal import MerkleProofs

/// What indexes and summaries say of an event: its header without commitments, and when it happened.
package struct EventOutline: Equatable, Sendable {
  /// The event's name.
  package let dot: Dot
  /// When its origin appended it.
  package let recorded: HybridTimestamp
  /// The medium.
  package let channel: Channel
  /// What happened.
  package let type: EventType
  /// ``Event/occurredMilliseconds``.
  package let occurredMilliseconds: Int64

  /// The outline of an event.
  package init(_ event: Event) {
    dot = event.dot
    recorded = event.recorded
    channel = event.channel
    type = event.type
    occurredMilliseconds = event.occurredMilliseconds
  }

  fileprivate init(
    dot: Dot, recorded: HybridTimestamp, channel: Channel, type: EventType, occurred: Int64?
  ) {
    self.dot = dot
    self.recorded = recorded
    self.channel = channel
    self.type = type
    occurredMilliseconds = occurred ?? recorded.milliseconds
  }
}

/// Reads the outlines of many records without making an event of each: no allocation but for a type
/// that it meets for the first time.
package struct EventOutlineReader: Sendable {
  private var types: [(name: [UInt8], type: EventType)] = []

  /// A reader that knows no types yet.
  package init() {}

  /// The outline of a record whose sections were checked before it was stored.
  ///
  /// - Parameter record: One whole record.
  /// - Returns: The outline of the event that it decodes to.
  /// - Throws: ``DecodingFault`` when the bytes do not have a record's shape.
  package mutating func read(_ record: Span<UInt8>) throws(DecodingFault) -> EventOutline {
    var reader = ByteReader(record)
    let origin = try OriginID(from: &reader)
    let dot = Dot(origin: origin, sequence: try reader.readVarint())
    let recorded = HybridTimestamp(rawValue: try reader.readUInt64())
    let code = try reader.readByte()
    guard let channel = Channel(rawValue: code) else {
      throw .unknownValue(field: "channel", value: UInt64(code), at: reader.offset - 1)
    }
    let name = try reader.readLengthPrefixedRange(max: EventType.byteCountMax)
    guard let type = type(named: record.extracting(name)) else {
      throw .notCanonical(field: "type", at: name.lowerBound)
    }
    _ = try Digest256(from: &reader)
    let sectionCount = try reader.readCount(max: EventLimits.sectionCountMax)
    let facts = try Self.skipSection(&reader)
    for _ in 1..<max(1, sectionCount) { _ = try Self.skipSection(&reader) }
    try reader.expectEnd()
    return EventOutline(
      dot: dot, recorded: recorded, channel: channel, type: type,
      occurred: Self.occurred(in: record.extracting(facts)))
  }

  private static func skipSection(_ reader: inout ByteReader) throws(DecodingFault) -> Range<Int> {
    let range = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
    if range.isEmpty { _ = try Digest256(from: &reader) }
    return range
  }

  private mutating func type(named name: Span<UInt8>) -> EventType? {
    if let place = types.firstIndex(where: { name.isEqual(to: $0.name.span) }) {
      return types[place].type
    }
    guard EventType.isValid(name) else { return nil }
    let bytes = [UInt8](copying: name, 0..<name.count)
    let type = EventType(unchecked: String(decoding: bytes, as: UTF8.self))
    if types.count < Self.typeCountMax { types.append((bytes, type)) }
    return type
  }

  /// Searched one after the other, so few.
  private static let typeCountMax = 64

  private static func occurred(in facts: Span<UInt8>) -> Int64? {
    guard !facts.isEmpty else { return nil }
    var occurred: Int64?
    Section.forEachRange(of: facts) { name, value in
      let name = facts.extracting(name)
      guard name.isEqual(to: ReservedName.occurred) else {
        // In order: it does not stand behind names that begin with a letter.
        return name.isEmpty || name[0] <= UInt8(ascii: "@")
      }
      occurred = Section.integer(encodedIn: facts.extracting(value))
      return false
    }
    return occurred
  }
}
