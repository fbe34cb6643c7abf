/// From the hash of an idempotency key to the first position that has the key.
///
/// Open addressing with linear probing over two flat columns, 12 bytes a slot, at most three
/// quarters full: about 20 bytes an event. Positions beyond 2³² − 1 do not fit; a store of that
/// size takes another index.
///
/// Invariant: `count` is at most three quarters of the slots, so every probe ends.
struct KeyIndex: Sendable {
  /// The largest position it can hold.
  static let positionMax = UInt64(UInt32.max)

  private var hashes: [UInt64]
  private var positions: [UInt32]
  private(set) var count = 0

  /// An index with room for some keys.
  init(expectedCount: Int) {
    var slots = 1024
    while slots * 3 < expectedCount * 4 { slots *= 2 }
    hashes = [UInt64](repeating: 0, count: slots)
    positions = [UInt32](repeating: 0, count: slots)
  }

  /// Adds a key; a hash may be added again for another key.
  mutating func insert(_ hash: UInt64, _ position: UInt64) {
    if (count + 1) * 4 > hashes.count * 3 { grow() }
    place(hash, UInt32(truncatingIfNeeded: position))
    count += 1
  }

  /// The first of the positions listed under a hash, usually one or none, for which `isMatch` holds.
  func firstPosition<Failure: Error>(
    of hash: UInt64, where isMatch: (UInt64) throws(Failure) -> Bool
  ) throws(Failure) -> UInt64? {
    var slot = Int(truncatingIfNeeded: hash) & (hashes.count - 1)
    while positions[slot] != 0 {
      if hashes[slot] == hash, try isMatch(UInt64(positions[slot])) {
        return UInt64(positions[slot])
      }
      slot = (slot + 1) & (hashes.count - 1)
    }
    return nil
  }

  private mutating func place(_ hash: UInt64, _ position: UInt32) {
    var slot = Int(truncatingIfNeeded: hash) & (hashes.count - 1)
    while positions[slot] != 0 { slot = (slot + 1) & (hashes.count - 1) }
    hashes[slot] = hash
    positions[slot] = position
  }

  private mutating func grow() {
    let old = self
    hashes = [UInt64](repeating: 0, count: old.hashes.count * 2)
    positions = [UInt32](repeating: 0, count: old.positions.count * 2)
    for slot in old.positions.indices where old.positions[slot] != 0 {
      place(old.hashes[slot], old.positions[slot])
    }
  }
}
