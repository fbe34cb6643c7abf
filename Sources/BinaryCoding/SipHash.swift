/// SipHash-1-3: a 64-bit hash under a secret or at least unforeseen key, so that whoever chooses the
/// bytes cannot choose collisions. For tables in memory and indexes, not for proofs.
///
/// Check value: under the key 0, 0 the bytes 0, 1, … 14 hash to `0xf30eb725bb91c9ea`. Source:
/// Aumasson and Bernstein, *SipHash: a fast short-input PRF*, 2012.
public struct SipHash: Sendable {
  private let key0, key1: UInt64

  /// A hash under a key of two words.
  public init(_ key0: UInt64, _ key1: UInt64) {
    self.key0 = key0
    self.key1 = key1
  }

  /// The hash of `bytes`.
  ///
  /// - Parameter bytes: What to hash.
  /// - Returns: 64 bits.
  /// - Complexity: O(bytes), about a nanosecond for each eight and ten besides.
  public func hash(_ bytes: Span<UInt8>) -> UInt64 {
    var state = State(key0, key1)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      state.add(bytes.word(at: offset))
      offset &+= 8
    }
    var last = UInt64(truncatingIfNeeded: bytes.count) &<< 56
    var shift: UInt64 = 0
    while offset < bytes.count {
      last |= UInt64(bytes[offset]) &<< shift
      shift &+= 8
      offset &+= 1
    }
    state.add(last)
    return state.finish()
  }

  private struct State {
    private var v0, v1, v2, v3: UInt64

    @inline(__always)
    init(_ key0: UInt64, _ key1: UInt64) {
      v0 = key0 ^ 0x736f_6d65_7073_6575
      v1 = key1 ^ 0x646f_7261_6e64_6f6d
      v2 = key0 ^ 0x6c79_6765_6e65_7261
      v3 = key1 ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    mutating func add(_ word: UInt64) {
      v3 ^= word
      mix()
      v0 ^= word
    }

    @inline(__always)
    mutating func finish() -> UInt64 {
      v2 ^= 0xff
      mix()
      mix()
      mix()
      return v0 ^ v1 ^ v2 ^ v3
    }

    @inline(__always)
    private mutating func mix() {
      v0 = v0 &+ v1
      v1 = Self.turned(v1, 13) ^ v0
      v0 = Self.turned(v0, 32)
      v2 = v2 &+ v3
      v3 = Self.turned(v3, 16) ^ v2
      v0 = v0 &+ v3
      v3 = Self.turned(v3, 21) ^ v0
      v2 = v2 &+ v1
      v1 = Self.turned(v1, 17) ^ v2
      v2 = Self.turned(v2, 32)
    }

    @inline(__always)
    private static func turned(_ word: UInt64, _ count: UInt64) -> UInt64 {
      word &<< count | word &>> (64 &- count)
    }
  }
}
