/// Keeping what is proved of a copy of a window, and taking what is missing from another copy.
///
/// A node from which the salts of one proved event derive is that of the origin, since nobody finds
/// another with the same child: so the rest of it can be trusted with the events to come.
extension SaltTree {
  /// Whether any salt of an event is left.
  ///
  /// - Parameter index: 0 to 4,095.
  /// - Returns: False, too, where there is no such index.
  public func contains(_ index: Int) -> Bool {
    place(covering: index) != nil || kept.contains { $0.index == index }
  }

  /// Whether every salt that `other` has left is left here.
  public func covers(_ other: SaltTree) -> Bool {
    other.nodes.allSatisfy { node in
      place(covering: Int(node.subtree.leaves.lowerBound)).map { place in
        nodes[place].subtree.leaves.upperBound >= node.subtree.leaves.upperBound
      } ?? false
    }
      && other.kept.allSatisfy { entry in
        place(covering: entry.index) != nil
          || kept.contains {
            $0.index == entry.index && $0.sections & entry.sections == entry.sections
          }
      }
  }

  /// Drops every node and salt that belongs to none of these events.
  ///
  /// - Parameter indexes: Those that were proved.
  public mutating func keepOnly(_ indexes: Set<Int>) {
    let places = Set(indexes.compactMap(place(covering:)))
    nodes = nodes.indices.filter(places.contains).map { nodes[$0] }
    kept.removeAll { !indexes.contains($0.index) }
    checkInvariants()
  }

  /// Takes the salts of an event that are missing here from a copy that proved them.
  ///
  /// Takes the largest node around the event that nothing here contradicts, so that those that follow
  /// cost nothing; else the salts of its sections alone.
  ///
  /// - Parameters:
  ///   - index: The event; where salts of it are left here, nothing changes.
  ///   - other: The copy.
  ///   - sectionCount: How many sections the event has.
  ///   - isFree: Whether none of these indexes belongs to an event held before, whose salts may have
  ///     been destroyed here.
  /// - Complexity: 24 hashes at most, and moving the nodes behind it.
  public mutating func take(
    _ index: Int, from other: SaltTree, sectionCount: Int, where isFree: (Range<Int>) -> Bool
  ) {
    guard !contains(index) else { return }
    guard let found = other.place(covering: index) else {
      if let entry = other.kept.first(where: { $0.index == index }) { insert(entry) }
      return
    }
    var node = other.nodes[found]
    while node.subtree.level > 0, isTouched(node.subtree) || !isFree(node.subtree.indexes) {
      let level = node.subtree.level - 1
      node = HashedSubtree(
        AlignedSubtree(level: level, index: UInt64(index >> level)),
        hash: Self.child(node.hash, of: index, level))
    }
    let sibling = AlignedSubtree(level: node.subtree.level, index: node.subtree.index ^ 1)
    if let leaf = other.leaf(index), nodes.contains(where: { $0.subtree == sibling }) {
      // Both halves of a parent that cannot be computed: the encoding has no place for that.
      keep(UInt16(truncatingIfNeeded: (1 << sectionCount) - 1), of: leaf, at: index)
    } else {
      let place = nodes.firstIndex { $0.subtree.leaves.lowerBound > UInt64(index) }
      nodes.insert(node, at: place ?? nodes.endIndex)
    }
    checkInvariants()
  }

  private func isTouched(_ subtree: AlignedSubtree) -> Bool {
    nodes.contains { $0.subtree.leaves.overlaps(subtree.leaves) }
      || kept.contains { subtree.indexes.contains($0.index) }
  }

  private mutating func insert(_ entry: KeptSalts) {
    kept.insert(entry, at: kept.firstIndex { $0.index > entry.index } ?? kept.endIndex)
    checkInvariants()
  }
}

extension AlignedSubtree {
  fileprivate var indexes: Range<Int> { Int(leaves.lowerBound)..<Int(leaves.upperBound) }
}
