/// Which stretch of the log may hold the first event with an idempotency key: for events in segments,
/// so that the segments need not be asked for keys that are new.
///
/// Open addressing with linear probing over slots of four bytes: 16 bits of the key's hash, and which
/// 2¹⁸ positions. It is made for a number of keys and at most three quarters full: 5.3 bytes a key, up
/// to twice that as it fills. One look-up in some ten thousand names a stretch without need.
///
/// Invariant: `count` is at most ``capacity``, three quarters of the slots, so every probe ends.
struct KeyFilter: Sendable {
  /// How many positions a stretch has.
  static let stretchCount: UInt64 = 1 << 18
  /// The last stretch, which has no end.
  private static let lastStretch: UInt64 = 0xffff

  private var slots: [UInt32]
  private(set) var count = 0
  /// How many keys there is room for.
  let capacity: Int

  /// A filter with room for some keys.
  init(capacity: Int) {
    self.capacity = capacity
    slots = [UInt32](repeating: 0, count: capacity * 4 / 3 + 8)
  }

  /// Adds a key's hash; the caller has seen to it that there is room.
  mutating func insert(_ hash: UInt64, _ position: UInt64) {
    precondition(count < capacity, "room for a key")
    var slot = firstSlot(of: hash)
    while slots[slot] != 0 { slot = slot + 1 < slots.count ? slot + 1 : 0 }
    slots[slot] =
      Self.mark(of: hash) << 16 | UInt32(min(position / Self.stretchCount, Self.lastStretch))
    count += 1
  }

  /// Calls `body` with the positions that may hold a key, until it returns false.
  func forEachStretch<Failure: Error>(
    of hash: UInt64, _ body: (Range<UInt64>) throws(Failure) -> Bool
  ) throws(Failure) {
    var slot = firstSlot(of: hash)
    let mark = Self.mark(of: hash)
    while slots[slot] != 0 {
      if slots[slot] >> 16 == mark {
        let stretch = UInt64(slots[slot] & 0xffff)
        let start = stretch * Self.stretchCount
        let end = stretch < Self.lastStretch ? start + Self.stretchCount : .max
        guard try body(start..<end) else { return }
      }
      slot = slot + 1 < slots.count ? slot + 1 : 0
    }
  }

  private func firstSlot(of hash: UInt64) -> Int {
    Int((hash << 16).multipliedFullWidth(by: UInt64(slots.count)).high)
  }

  /// The upper bits of a hash, never 0: an empty slot is 0.
  private static func mark(of hash: UInt64) -> UInt32 { max(1, UInt32(hash >> 48)) }
}
