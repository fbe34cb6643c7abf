internal import BinaryCoding

/// Numbers different leaves in the order in which they are met.
struct Interner {
  /// Where each different leaf was first met.
  private(set) var entries: [UInt64] = []
  private var hashes: [UInt32] = []
  private var slots = [Int32](repeating: -1, count: 64)

  init() {}

  /// The number of a leaf, which is a new one if it was not met before.
  mutating func number(of leaf: UInt64, in records: Span<UInt8>) -> UInt32 {
    let bytes = records.extracting(Place(rawValue: leaf).range)
    let hash = UInt32(truncatingIfNeeded: hashBytes(bytes, seed: 0))
    var slot = Int(hash) & (slots.count &- 1)
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if hashes[index] == hash,
        records.extracting(Place(rawValue: entries[index]).range).isEqual(to: bytes)
      {
        return UInt32(index)
      }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    slots[slot] = Int32(entries.count)
    entries.append(leaf)
    hashes.append(hash)
    if entries.count &* 2 > slots.count { grow() }
    return UInt32(entries.count &- 1)
  }

  /// The number of a leaf that was met before.
  func existing(_ leaf: UInt64, in records: Span<UInt8>) -> Int? {
    let bytes = records.extracting(Place(rawValue: leaf).range)
    let hash = UInt32(truncatingIfNeeded: hashBytes(bytes, seed: 0))
    var slot = Int(hash) & (slots.count &- 1)
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if hashes[index] == hash,
        records.extracting(Place(rawValue: entries[index]).range).isEqual(to: bytes)
      {
        return index
      }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return nil
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 4)
    for index in hashes.indices {
      var slot = Int(hashes[index]) & (slots.count &- 1)
      while slots[slot] >= 0 { slot = (slot &+ 1) & (slots.count &- 1) }
      slots[slot] = Int32(index)
    }
  }
}
