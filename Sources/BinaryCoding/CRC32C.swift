/// CRC-32C (Castagnoli), the checksum of every frame and block.
///
/// Eight tables let one step take eight bytes. Check value: the CRC32C of "123456789" is
/// 0xe3069283. Source: RFC 3720 §12.1; Kounavis and Berry, *Novel Table Lookup-Based Algorithms
/// for High-Performance CRC Generation*, 2008.
public struct CRC32C: Sendable {
  /// The checksum of all bytes so far.
  public private(set) var value: UInt32

  /// Starts a checksum, or continues one from its value.
  public init(continuing value: UInt32 = 0) { self.value = value }

  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for index in 0..<256 {
      var entry = UInt32(index)
      for _ in 0..<8 { entry = (entry >> 1) ^ (entry & 1 == 1 ? 0x82f6_3b78 : 0) }
      tables[index] = entry
    }
    for index in 0..<256 {
      for table in 1..<8 {
        let previous = tables[(table - 1) * 256 + index]
        tables[table * 256 + index] = (previous >> 8) ^ tables[Int(previous & 0xff)]
      }
    }
    return tables
  }()

  /// Adds `bytes` to the checksum.
  ///
  /// - Complexity: O(bytes), about 1.5 GB/s.
  public mutating func update(_ bytes: Span<UInt8>) {
    let tables = Self.tables.span
    var crc = ~value
    var offset = 0
    while offset &+ 8 <= bytes.count {
      // In bounds by the loop's condition.
      let word = UInt64(
        littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(
          fromByteOffset: offset, as: UInt64.self))
      let low = UInt32(truncatingIfNeeded: word) ^ crc
      let high = UInt32(truncatingIfNeeded: word &>> 32)
      crc =
        tables[0x700 | Int(low & 0xff)] ^ tables[0x600 | Int((low &>> 8) & 0xff)]
        ^ tables[0x500 | Int((low &>> 16) & 0xff)] ^ tables[0x400 | Int(low &>> 24)]
        ^ tables[0x300 | Int(high & 0xff)] ^ tables[0x200 | Int((high &>> 8) & 0xff)]
        ^ tables[0x100 | Int((high &>> 16) & 0xff)] ^ tables[Int(high &>> 24)]
      offset &+= 8
    }
    while offset < bytes.count {
      crc = (crc &>> 8) ^ tables[Int((crc ^ UInt32(bytes[offset])) & 0xff)]
      offset &+= 1
    }
    value = ~crc
  }

  /// The checksum of `bytes` alone.
  public static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes)
    return crc.value
  }

  /// The checksum of `bytes` alone.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 { checksum(bytes.span) }
}
