public import BinaryCoding
public import HybridTime
public import MerkleProofs

// An event's header, version 1, the entry of its origin's Merkle tree:
//
//   header := version u8 = 1, book 16 bytes, origin 40 bytes, sequence varint,
//             recorded u64 little-endian, channel u8, type length varint, type ASCII,
//             schema 32 bytes, section count varint, commitment 32 bytes each
//
// A commitment is SHA-256(salt ‖ section), the salt 32 secret bytes of the section's own.

extension Event {
  private static let headerVersion: UInt8 = 1

  /// The header's bytes: all of the event that is permanent.
  ///
  /// - Parameters:
  ///   - book: The book it belongs to.
  ///   - salts: The salts of its sections.
  /// - Returns: The bytes, or nothing when the salt of a section that is there is not known.
  public func headerBytes(book: BookID, salts: EventSalts) -> [UInt8]? {
    var writer = ByteWriter(capacity: 160 + 32 * sections.count)
    writer.write(Self.headerVersion)
    book.write(to: &writer)
    dot.origin.write(to: &writer)
    writer.writeVarint(dot.sequence)
    writer.write(recorded.rawValue)
    writer.write(channel.rawValue)
    writer.writeLengthPrefixed(type.name)
    schema.write(to: &writer)
    writer.writeVarint(UInt64(sections.count))
    for (index, section) in sections.enumerated() {
      if section.isErased {
        writer.write(section.bytes)
      } else {
        guard let salt = salts.salt(ofSection: index) else { return nil }
        Digest256.commitment(salt: salt, to: section.bytes.span).write(to: &writer)
      }
    }
    return writer.bytes
  }

  /// The event's id: the RFC 6962 leaf hash of its header. About 2.5 µs.
  ///
  /// - Parameters:
  ///   - book: The book it belongs to.
  ///   - salts: The salts of its sections.
  /// - Returns: The id, or nothing when the salt of a section that is there is not known.
  public func id(book: BookID, salts: EventSalts) -> Digest256? {
    headerBytes(book: book, salts: salts).map { MerkleFrontier.leafHash($0) }
  }
}

extension Event {
  /// Name and id of the event with this record, from its bytes: a header repeats the record up to
  /// the sections, so no event is made. About 2 µs.
  ///
  /// - Parameters:
  ///   - record: One whole record that was checked before.
  ///   - book: The book it belongs to.
  ///   - salts: Gives the salts of the event with a name.
  /// - Returns: The same as ``dot`` and ``id(book:salts:)`` of the decoded event.
  /// - Throws: ``DecodingFault`` when the bytes do not have a record's shape.
  public static func identify(
    record: Span<UInt8>, book: BookID, salts: (Dot) -> EventSalts
  ) throws(DecodingFault) -> (dot: Dot, id: Digest256?) {
    var reader = ByteReader(record)
    let origin = try OriginID(from: &reader)
    let dot = Dot(origin: origin, sequence: try reader.readVarint())
    _ = try reader.readUInt64()
    _ = try reader.readByte()
    _ = try reader.readLengthPrefixedRange(max: EventType.byteCountMax)
    _ = try Digest256(from: &reader)
    let sectionCount = try reader.readCount(max: EventLimits.sectionCountMax)
    var header = ByteWriter(capacity: 32 + reader.offset + 32 * sectionCount)
    header.write(headerVersion)
    book.write(to: &header)
    header.write(record.extracting(0..<reader.offset))
    let salts = salts(dot)
    var isComplete = true
    for index in 0..<sectionCount {
      let section = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
      if section.isEmpty {
        try Digest256(from: &reader).write(to: &header)
      } else if let salt = salts.salt(ofSection: index) {
        Digest256.commitment(salt: salt, to: record.extracting(section)).write(to: &header)
      } else {
        isComplete = false
      }
    }
    try reader.expectEnd()
    return (dot, isComplete ? MerkleFrontier.leafHash(header.bytes) : nil)
  }
}

/// The digest of a set of events, equal on every replica that holds the same set.
///
/// `SHA-256(book, then for each origin in byte order: origin, m u64, root, gap count u64, gaps as
/// pairs of u64)`, all integers big-endian; m is the highest sequence held, the root is the RFC 6962
/// root of the origin's tree at size m.
public struct SetRootBuilder: Sendable {
  private var hasher = DigestBuilder()

  /// Starts the digest of a set of `book`.
  public init(book: BookID) {
    var writer = ByteWriter()
    book.write(to: &writer)
    hasher.update(writer.bytes)
  }

  /// Adds one origin; origins come in byte order.
  ///
  /// - Parameters:
  ///   - origin: Who wrote the events.
  ///   - held: Which of them are held; not empty.
  ///   - root: The root of the origin's tree at size `held.highest`.
  public mutating func add(origin: OriginID, held: IntervalSet, root: Digest256) {
    var writer = ByteWriter()
    origin.write(to: &writer)
    writer.writeBigEndian(held.highest)
    root.write(to: &writer)
    let gaps = held.gaps.runs
    writer.writeBigEndian(UInt64(gaps.count))
    for gap in gaps {
      writer.writeBigEndian(gap.first)
      writer.writeBigEndian(gap.last)
    }
    hasher.update(writer.bytes)
  }

  /// The set root.
  public func finish() -> Digest256 { hasher.finish() }
}
