/// Destroying salts.
extension SaltTree {
  /// Destroys the salts of all sections of an event. Idempotent; order does not matter.
  ///
  /// - Parameter index: 0 to 4,095.
  /// - Complexity: 24 hashes at most, and moving the nodes behind it.
  public mutating func puncture(_ index: Int) {
    precondition((0..<Self.indexCount).contains(index), "an index of the window")
    dropLeaf(index)
    kept.removeAll { $0.index == index }
    checkInvariants()
  }

  /// Destroys the salt of one section of an event, and those of sections that it does not have.
  ///
  /// Idempotent; order does not matter. A section that the event does not have changes nothing.
  ///
  /// - Parameters:
  ///   - section: Which section.
  ///   - index: 0 to 4,095.
  ///   - sectionCount: How many sections the event has, 0 to 16. Where the event is not held, 16; then
  ///     repeat the erasure once it is.
  public mutating func erase(section: UInt8, of index: Int, sectionCount: Int) {
    precondition((0..<Self.indexCount).contains(index), "an index of the window")
    precondition((0...Self.sectionCountMax).contains(sectionCount), "at most 16 sections")
    guard section < sectionCount else { return }
    let wanted = UInt16(truncatingIfNeeded: (1 << sectionCount) - 1) & ~(1 << section)
    if let leaf = leaf(index) {
      dropLeaf(index)
      keep(wanted, of: leaf, at: index)
    } else if let place = kept.firstIndex(where: { $0.index == index }) {
      narrow(place, to: wanted)
    }
    checkInvariants()
  }

  /// Replaces the node that covers `index` by the siblings along the way to the leaf.
  private mutating func dropLeaf(_ index: Int) {
    guard let place = place(covering: index) else { return }
    let top = nodes[place]
    var before: [HashedSubtree] = []
    var after: [HashedSubtree] = []
    var hash = top.hash
    for level in (0..<top.subtree.level).reversed() {
      let isRight = (index >> level) & 1 == 1
      let prefix = UInt64(index >> level)
      let sibling = HashedSubtree(
        AlignedSubtree(level: level, index: prefix ^ 1),
        hash: Self.child(hash, of: index ^ (1 << level), level))
      if isRight { before.append(sibling) } else { after.append(sibling) }
      hash = Self.child(hash, of: index, level)
    }
    nodes.replaceSubrange(place...place, with: before + after.reversed())
  }

  mutating func keep(_ sections: UInt16, of leaf: Digest256, at index: Int) {
    guard sections != 0 else { return }
    let salts = (0..<UInt8(Self.sectionCountMax))
      .filter { sections & (1 << $0) != 0 }
      .map { Self.sectionSalt(leaf, section: $0) }
    let place = kept.firstIndex { $0.index > index } ?? kept.endIndex
    kept.insert(KeptSalts(index: index, sections: sections, salts: salts), at: place)
  }

  private mutating func narrow(_ place: Int, to wanted: UInt16) {
    var entry = kept[place]
    let before = (0..<UInt16(Self.sectionCountMax)).filter { entry.sections & (1 << $0) != 0 }
    entry.salts = zip(before, entry.salts).filter { wanted & (1 << $0.0) != 0 }.map(\.1)
    entry.sections &= wanted
    if entry.sections == 0 { kept.remove(at: place) } else { kept[place] = entry }
  }
}
