extension CRC32C {
  /// The one bit of `bytes` that must be flipped so that they have a checksum, if there is such a bit.
  ///
  /// A flipped bit changes the checksum by an amount that tells its place. Where more than one bit is
  /// damaged, the amount is that of some single bit with a chance of 8 × bytes in 2³²: whoever relies on
  /// the answer checks it by something else, too.
  ///
  /// - Parameters:
  ///   - bytes: The damaged bytes, at most 256 MiB.
  ///   - expected: What their checksum was.
  /// - Returns: Which byte, and the bit in it.
  /// - Complexity: O(bytes), about 100 MB/s.
  public static func flippedBit(
    in bytes: [UInt8], expected: UInt32
  ) -> (offset: Int, mask: UInt8)? {
    let difference = checksum(bytes) ^ expected
    // What each bit of the last byte changes, then of the one before it, and so on.
    var changes = (0..<8).map { shiftedByOneByte(1 << UInt32($0)) }
    for offset in bytes.indices.reversed() {
      for bit in 0..<8 {
        if changes[bit] == difference { return (offset, 1 << UInt8(bit)) }
        changes[bit] = shiftedByOneByte(changes[bit])
      }
    }
    return nil
  }

  /// The remainder of a value followed by eight zero bits.
  private static func shiftedByOneByte(_ value: UInt32) -> UInt32 {
    var value = value
    for _ in 0..<8 { value = (value >> 1) ^ (value & 1 == 1 ? 0x82f6_3b78 : 0) }
    return value
  }
}
