internal import BinaryCoding

// Bits fill bytes from the least significant on; a value's least significant bit comes first. The
// last byte is filled up with zeros.

/// Appends integers of any width.
struct BitWriter {
  private var writer = ByteWriter()
  private var pending: UInt64 = 0
  private var pendingCount = 0

  init(capacity: Int = 0) { writer = ByteWriter(capacity: capacity) }

  /// Appends the `width` lowest bits of `value`; 0 to 64, and no bit above them is set.
  @inline(__always)
  mutating func write(_ value: UInt64, width: Int) {
    guard width > 0 else { return }
    pending |= value &<< UInt64(pendingCount)
    let free = 64 - pendingCount
    if width < free {
      pendingCount += width
    } else {
      writer.write(pending)
      pending = free == 64 ? 0 : value >> UInt64(free)
      pendingCount = width - free
    }
  }

  /// The bytes, the last one filled up.
  mutating func finish() -> [UInt8] {
    while pendingCount > 0 {
      writer.write(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      pendingCount -= 8
    }
    pendingCount = 0
    return writer.bytes
  }
}

/// How many bytes `count` values of `width` bits take.
func packedByteCount(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }

extension Span<UInt8> {
  /// The `width` bits, 0 to 64, from bit `offset` on; bits behind the end are 0.
  @inline(__always)
  func bits(at offset: Int, width: Int) -> UInt64 {
    guard width > 0 else { return 0 }
    let byte = offset &>> 3
    let shift = UInt64(offset & 7)
    let mask = UInt64.max &>> UInt64(64 &- width)
    guard byte &+ 9 <= count else { return slowBits(at: offset, width: width) }
    let low = word(at: byte) &>> shift
    guard Int(shift) &+ width > 64 else { return low & mask }
    return (low | UInt64(self[byte &+ 8]) &<< (64 &- shift)) & mask
  }

  private func slowBits(at offset: Int, width: Int) -> UInt64 {
    var value: UInt64 = 0
    for bit in 0..<width where (offset + bit) >> 3 < count {
      value |= UInt64(self[(offset + bit) >> 3] >> UInt8((offset + bit) & 7) & 1) << UInt64(bit)
    }
    return value
  }
}
