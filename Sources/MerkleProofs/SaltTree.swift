/// The secret salts of one window: 4,096 consecutive events of an origin, up to 16 sections each.
///
/// All salts derive from one seed. Erasing replaces the seed by what still derives the other salts, and
/// nothing more, so that the erased ones are gone from these bytes for good. A copy of an earlier value
/// has them still: the owner of the file destroys it.
///
/// Invariants: `nodes` are the maximal aligned subtrees of the indexes that are not punctured,
/// ascending, a node's level being 12 less its depth; `kept` ascends by index, its indexes are
/// punctured, and each keeps at least one salt. Hence equal erasures of equal seeds give equal values.
///
/// Source: Goldreich, Goldwasser and Micali, *How to Construct Random Functions*, 1986; Aviram, Gellert
/// and Jager, *Session Resumption Protocols and Efficient Forward Security for TLS 1.3 0-RTT*, 2021;
/// `docs/format/proofs.md` §1.
public struct SaltTree: Hashable, Sendable {
  /// Events in a window.
  public static let indexCount = 4096
  /// Sections of an event that can have a salt.
  public static let sectionCountMax = 16
  /// Hashes from the seed to a leaf.
  static let depth = 12

  var nodes: [HashedSubtree]
  var kept: [KeptSalts]

  /// The salts that remain of one punctured index.
  struct KeptSalts: Hashable, Sendable {
    let index: Int
    /// Bit `s` is set if section `s` has its salt.
    var sections: UInt16
    /// One for each bit, from the lowest.
    var salts: [Digest256]
  }

  /// A whole window.
  ///
  /// - Parameter seed: 32 secret bytes from a cryptographic generator.
  public init(seed: Digest256) {
    nodes = [HashedSubtree(AlignedSubtree(level: Self.depth, index: 0), hash: seed)]
    kept = []
  }

  init(nodes: [HashedSubtree], kept: [KeptSalts]) {
    self.nodes = nodes
    self.kept = kept
  }

  /// The leaf from which the salts of all sections of an event derive.
  ///
  /// - Parameter index: 0 to 4,095.
  /// - Returns: Nothing if it is punctured, or there is no such index.
  /// - Complexity: 12 hashes; ``leaves(from:)`` takes 2 each.
  public func leaf(_ index: Int) -> Digest256? {
    guard let place = place(covering: index) else { return nil }
    let node = nodes[place]
    var hash = node.hash
    for bit in (0..<node.subtree.level).reversed() { hash = Self.child(hash, of: index, bit) }
    return hash
  }

  /// The salt of one section of an event.
  ///
  /// - Parameters:
  ///   - index: 0 to 4,095.
  ///   - section: 0 to 15.
  /// - Returns: Nothing if it is erased, or there is no such index or section.
  public func salt(_ index: Int, section: UInt8) -> Digest256? {
    guard section < Self.sectionCountMax else { return nil }
    if let leaf = leaf(index) { return Self.sectionSalt(leaf, section: section) }
    guard let entry = kept.first(where: { $0.index == index }) else { return nil }
    let bit = 1 << section as UInt16
    guard entry.sections & bit != 0 else { return nil }
    return entry.salts[(entry.sections & (bit - 1)).nonzeroBitCount]
  }

  /// Whether the salt of one section of an event is left. No hashes.
  ///
  /// - Parameters:
  ///   - index: 0 to 4,095.
  ///   - section: 0 to 15.
  /// - Returns: Whether ``salt(_:section:)`` gives it.
  public func contains(_ index: Int, section: UInt8) -> Bool {
    guard section < Self.sectionCountMax else { return false }
    if place(covering: index) != nil { return true }
    return kept.contains { $0.index == index && $0.sections & (1 << section) != 0 }
  }

  /// `SHA-256(0x02 ‖ leaf ‖ section)`.
  public static func sectionSalt(_ leaf: Digest256, section: UInt8) -> Digest256 {
    Digest256.hash(tag: 0x02, leaf, section)
  }

  /// The child of `node` on the way to `index`, where `bit` of the index decides.
  static func child(_ node: Digest256, of index: Int, _ bit: Int) -> Digest256 {
    Digest256.hash(tag: UInt8(truncatingIfNeeded: (index >> bit) & 1), node)
  }

  /// Where in `nodes` the one stands that covers `index`.
  func place(covering index: Int) -> Int? {
    guard (0..<Self.indexCount).contains(index) else { return nil }
    let leaf = UInt64(index)
    var (low, high) = (0, nodes.count)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].subtree.leaves.upperBound <= leaf { low = middle + 1 } else { high = middle }
    }
    return low < nodes.count && nodes[low].subtree.leaves.contains(leaf) ? low : nil
  }

  /// Whether any salt of the window is left.
  public var isEmpty: Bool { nodes.isEmpty && kept.isEmpty }

  func checkInvariants() {
    assert(zip(nodes, nodes.dropFirst()).allSatisfy { $0.end <= $1.start && !$0.isSibling(of: $1) })
    assert((nodes.last?.end ?? 0) <= UInt64(Self.indexCount))
    assert(zip(kept, kept.dropFirst()).allSatisfy { $0.index < $1.index })
    assert(kept.allSatisfy { $0.salts.count == $0.sections.nonzeroBitCount && $0.sections != 0 })
    assert(kept.allSatisfy { place(covering: $0.index) == nil })
  }
}

extension HashedSubtree {
  fileprivate var start: UInt64 { subtree.leaves.lowerBound }
  fileprivate var end: UInt64 { subtree.leaves.upperBound }
  fileprivate func isSibling(of next: HashedSubtree) -> Bool {
    subtree.level == next.subtree.level && subtree.index / 2 == next.subtree.index / 2
  }
}

extension SaltTree: CustomStringConvertible {
  /// How much is left; no secret.
  public var description: String {
    let whole = nodes.reduce(0) { $0 + $1.subtree.leaves.count }
    return "salts of \(whole) whole and \(kept.count) partial events of \(Self.indexCount)"
  }
}
