internal import BinaryCoding

/// A tile of C2SP tlog-tiles: up to 256 neighbouring hashes of one level of a tree.
///
/// Slot `i` of the tile of level `L` and index `N` is the hash of the aligned subtree of level `8L` and
/// index `256N + i`. Source: C2SP, tlog-tiles; `docs/format/proofs.md` §2.5.
public struct Tile: Hashable, Sendable {
  /// The hashes of a full tile.
  public static let widthMax = 256
  /// The highest level of a tree of at most 2⁶² leaves.
  public static let levelMax = 7

  /// 0 for leaf hashes; each level above holds the roots of full tiles below.
  public let level: Int
  /// How many full tiles of the level stand before it.
  public let index: UInt64
  /// How many hashes it has, 1 to 256; fewer than 256 make it partial.
  public let width: Int

  /// A tile within a tree of at most 2⁶² leaves, or nothing.
  public init?(level: Int, index: UInt64, width: Int = widthMax) {
    guard (0...Self.levelMax).contains(level), (1...Self.widthMax).contains(width),
      index < 1 << 54 as UInt64,
      index * 256 + UInt64(width) <= MerkleFrontier.sizeMax >> UInt64(8 * level)
    else { return nil }
    self.level = level
    self.index = index
    self.width = width
  }

  /// Whether it is not full.
  public var isPartial: Bool { width < Self.widthMax }

  /// The subtrees whose hashes it holds, in the order of its slots.
  public var subtrees: [AlignedSubtree] {
    (0..<UInt64(width)).map { AlignedSubtree(level: 8 * level, index: index * 256 + $0) }
  }

  /// The tile's bytes: 32 for each slot.
  ///
  /// - Parameter node: Gives the hash of an aligned subtree; above level 0 it is the root of a full
  ///   tile of the level below.
  /// - Returns: 32 to 8,192 bytes.
  /// - Throws: What `node` throws.
  public func bytes<Fault: Error>(
    node: (AlignedSubtree) throws(Fault) -> Digest256
  ) throws(Fault) -> [UInt8] {
    var writer = ByteWriter(capacity: 32 * width)
    for subtree in subtrees { try node(subtree).write(to: &writer) }
    return writer.bytes
  }

  /// How many full tiles level `level` of a tree of `size` leaves has.
  public static func fullCount(level: Int, size: UInt64) -> UInt64 {
    hashCount(level: level, size: size) / UInt64(widthMax)
  }

  /// The partial tile at the right edge of `level` in a tree of `size` leaves, if there is one.
  public static func partial(level: Int, size: UInt64) -> Tile? {
    let count = hashCount(level: level, size: size)
    return Tile(level: level, index: count / 256, width: Int(count % 256))
  }

  private static func hashCount(level: Int, size: UInt64) -> UInt64 {
    precondition((0...levelMax).contains(level), "a level of a tree of at most 2⁶² leaves")
    return size >> UInt64(8 * level)
  }
}
