internal import BinaryCoding
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
  static let headerVersion: UInt8 = 1

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
