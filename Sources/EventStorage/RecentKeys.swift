/// From the hash of an idempotency key to the first position that has the key, for events that are in
/// no segment yet.
///
/// Open addressing with linear probing over two flat columns, 16 bytes a slot, at most three
/// quarters full.
///
/// Invariant: `count` is at most three quarters of the slots, so every probe ends.
struct RecentKeys: Sendable {
  private var hashes = [UInt64](repeating: 0, count: 1024)
  private var positions = [UInt64](repeating: 0, count: 1024)
  private(set) var count = 0

  /// Adds a key; a hash may be added again for another key.
  mutating func insert(_ hash: UInt64, _ position: UInt64) {
    if (count + 1) * 4 > hashes.count * 3 { grow() }
    place(hash, position)
    count += 1
  }

  /// The first of the positions listed under a hash, usually one or none, for which `isMatch` holds.
  func firstPosition<Failure: Error>(
    of hash: UInt64, where isMatch: (UInt64) throws(Failure) -> Bool
  ) throws(Failure) -> UInt64? {
    var slot = Int(truncatingIfNeeded: hash) & (hashes.count - 1)
    while positions[slot] != 0 {
      if hashes[slot] == hash, try isMatch(positions[slot]) { return positions[slot] }
      slot = (slot + 1) & (hashes.count - 1)
    }
    return nil
  }

  /// Calls `body` with every key and its position, in no order.
  func forEachKey(_ body: (UInt64, UInt64) -> Void) {
    for slot in positions.indices where positions[slot] != 0 { body(hashes[slot], positions[slot]) }
  }

  private mutating func place(_ hash: UInt64, _ position: UInt64) {
    var slot = Int(truncatingIfNeeded: hash) & (hashes.count - 1)
    while positions[slot] != 0 { slot = (slot + 1) & (hashes.count - 1) }
    hashes[slot] = hash
    positions[slot] = position
  }

  private mutating func grow() {
    let old = self
    hashes = [UInt64](repeating: 0, count: old.hashes.count * 2)
    positions = [UInt64](repeating: 0, count: old.positions.count * 2)
    old.forEachKey { place($0, $1) }
  }
}
