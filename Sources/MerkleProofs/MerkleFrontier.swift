public import BinaryCoding

/// A growing RFC 6962 Merkle tree, of which only the right edge is kept.
///
/// Holds one digest for each one-bit of the size: the roots of the maximal complete subtrees, from
/// the largest to the smallest. Appending costs one hash on average.
///
/// Invariant: `peaks.count` equals the number of one-bits in `size`.
/// Source: RFC 6962 §2.1.
public struct MerkleFrontier: Hashable, Sendable {
  /// How many leaves the tree has.
  public private(set) var size: UInt64
  private var peaks: [Digest256]

  /// The empty tree.
  public init() {
    size = 0
    peaks = []
  }

  /// Adds the next leaf.
  ///
  /// - Parameter leaf: A leaf hash, such as ``leafHash(_:)`` returns.
  public mutating func append(_ leaf: Digest256) {
    var node = leaf
    var rest = size
    while rest & 1 == 1, let left = peaks.popLast() {
      node = Self.nodeHash(left, node)
      rest >>= 1
    }
    peaks.append(node)
    size += 1
    assert(peaks.count == size.nonzeroBitCount)
  }

  /// Adds the same leaf `count` times, as for a gap whose events are not held.
  ///
  /// - Parameters:
  ///   - leaf: A leaf hash.
  ///   - count: How many times; the tree must not outgrow 2⁶⁴ − 1 leaves.
  /// - Complexity: O(log² count): whole subtrees of equal leaves are added at once.
  public mutating func append(repeating leaf: Digest256, count: UInt64) {
    var rest = count
    while rest > 0 {
      // The largest subtree that is aligned at the present size and not too large.
      let level = min(size.trailingZeroBitCount, 63 - rest.leadingZeroBitCount)
      var node = leaf
      for _ in 0..<level { node = Self.nodeHash(node, node) }
      var tree = size >> UInt64(level)
      while tree & 1 == 1, let left = peaks.popLast() {
        node = Self.nodeHash(left, node)
        tree >>= 1
      }
      peaks.append(node)
      size += 1 << UInt64(level)
      rest -= 1 << UInt64(level)
    }
    assert(peaks.count == size.nonzeroBitCount)
  }

  /// Adds the complete subtree over the next 2^`level` leaves, if it may stand there.
  ///
  /// - Parameters:
  ///   - hash: The root of the subtree.
  ///   - level: 0 for a leaf.
  /// - Returns: False, and nothing changes, unless the size is a multiple of 2^`level` and stays
  ///   within ``sizeMax``.
  /// - Complexity: O(log size) hashes, one on average.
  public mutating func append(subtree hash: Digest256, level: Int) -> Bool {
    guard (0...62).contains(level) else { return false }
    let count = 1 << UInt64(level) as UInt64
    guard size & (count - 1) == 0, count <= Self.sizeMax, size <= Self.sizeMax - count else {
      return false
    }
    var node = hash
    var tree = size >> UInt64(level)
    while tree & 1 == 1, let left = peaks.popLast() {
      node = Self.nodeHash(left, node)
      tree >>= 1
    }
    peaks.append(node)
    size += count
    assert(peaks.count == size.nonzeroBitCount)
    return true
  }

  /// The root of the tree; of the empty tree, the digest of no bytes.
  public var root: Digest256 {
    guard var node = peaks.last else { return Digest256.hash([]) }
    for left in peaks.dropLast().reversed() { node = Self.nodeHash(left, node) }
    return node
  }

  /// `SHA-256(0x00 ‖ entry)`.
  public static func leafHash(_ entry: Span<UInt8>) -> Digest256 {
    Digest256.hash(tag: 0x00, entry)
  }

  /// `SHA-256(0x00 ‖ entry)`.
  public static func leafHash(_ entry: [UInt8]) -> Digest256 { leafHash(entry.span) }

  /// `SHA-256(0x01 ‖ left ‖ right)`.
  public static func nodeHash(_ left: Digest256, _ right: Digest256) -> Digest256 {
    Digest256.hash(tag: 0x01, left, right)
  }

  /// Writes the size as a varint and the peaks, 32 bytes each.
  public func write(to writer: inout ByteWriter) {
    writer.writeVarint(size)
    for peak in peaks { peak.write(to: &writer) }
  }

  /// The largest size that is read back: no log gets there, and appending cannot overflow.
  public static let sizeMax: UInt64 = 1 << 62

  /// Reads what ``write(to:)`` wrote.
  ///
  /// - Parameter reader: Stands at the size.
  /// - Throws: ``DecodingFault`` when bytes are missing or malformed.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    let start = reader.offset
    size = try reader.readVarint()
    guard size <= Self.sizeMax else {
      throw .tooLarge(value: size, max: Self.sizeMax, at: start)
    }
    peaks = []
    for _ in 0..<size.nonzeroBitCount { peaks.append(try Digest256(from: &reader)) }
  }
}
