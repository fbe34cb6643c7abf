public import BinaryCoding
public import HybridTime
public import MerkleProofs

/// The salts of one window: 4,096 consecutive events of one origin.
public struct WindowSalts: Hashable, Sendable {
  /// Whose events.
  public let origin: OriginID
  /// Which window: 0 holds the sequences 1 to 4,096.
  public let window: UInt64
  /// The salts, as far as they were not destroyed.
  public let tree: SaltTree

  /// Joins the parts.
  public init(origin: OriginID, window: UInt64, tree: SaltTree) {
    self.origin = origin
    self.window = window
    self.tree = tree
  }

  /// The window of a sequence, which is 1 or more.
  public static func window(of sequence: UInt64) -> UInt64 {
    (sequence - 1) / UInt64(SaltTree.indexCount)
  }

  /// The windows that a run of sequences touches.
  public static func windows(of run: IntervalSet.Run) -> ClosedRange<UInt64> {
    window(of: run.first)...window(of: run.last)
  }

  /// The salts of one event.
  ///
  /// - Parameter dot: An event of the origin.
  /// - Returns: None for an event of another window.
  /// - Complexity: Twelve hashes.
  public func salts(of dot: Dot) -> EventSalts {
    guard dot.origin == origin, dot.sequence > 0, Self.window(of: dot.sequence) == window else {
      return .none
    }
    let index = Int((dot.sequence - 1) % UInt64(SaltTree.indexCount))
    if let leaf = tree.leaf(index) { return .leaf(leaf) }
    var kept: [UInt8: Digest256] = [:]
    for section in 0..<UInt8(SaltTree.sectionCountMax) {
      if let salt = tree.salt(index, section: section) { kept[section] = salt }
    }
    return .sections(kept)
  }

  /// Writes origin, window and tree.
  public func write(to writer: inout ByteWriter) {
    origin.write(to: &writer)
    writer.writeVarint(window)
    tree.write(to: &writer)
  }

  /// Reads what ``write(to:)`` wrote.
  ///
  /// - Parameter reader: Stands at the origin, afterwards just behind the tree.
  /// - Throws: ``DecodingFault``.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    origin = try OriginID(from: &reader)
    let start = reader.offset
    window = try reader.readVarint()
    guard window <= Self.windowMax else {
      throw .tooLarge(value: window, max: Self.windowMax, at: start)
    }
    tree = try SaltTree(from: &reader)
  }

  /// The window of the last sequence there can be.
  private static let windowMax = window(of: EventLimits.sequenceMax)
}
