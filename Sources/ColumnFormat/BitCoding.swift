internal import BinaryCoding

// A stream of bits, each coded with the probability that it is 1, is a number between 0 and 1 of which
// the bytes are the digits. An interval of 32-bit numbers, at first all of them, is cut in two for each
// bit: [low, middle] is 1, what is above is 0. Bytes that both ends have in common are written. What
// decoders read behind the end are zeros.
//
// Source: Rissanen, *Generalized Kraft inequality and arithmetic coding*, 1976; the carryless form
// that writes whole bytes is that of Mahoney's PAQ.

/// Codes bits, in one direction or the other.
protocol BitCoder {
  /// Writes a bit, or reads and returns one.
  ///
  /// - Parameters:
  ///   - bit: What to write; of no meaning to a reader.
  ///   - probability: That the bit is 1, in 65,536ths; 1 to 65,535.
  /// - Returns: The bit.
  mutating func code(_ bit: Int, probability: UInt32) -> Int
}

/// Writes bits.
struct BitEncoder: BitCoder {
  private var writer = ByteWriter()
  private var low: UInt32 = 0
  private var high = UInt32.max

  @inline(__always)
  mutating func code(_ bit: Int, probability: UInt32) -> Int {
    let middle = bitMiddle(low, high, probability)
    if bit == 1 { high = middle } else { low = middle &+ 1 }
    while (low ^ high) & 0xff00_0000 == 0 {
      writer.write(UInt8(truncatingIfNeeded: high &>> 24))
      low = low &<< 8
      high = high &<< 8 | 0xff
    }
    return bit
  }

  /// The bytes; the last one is as short as the interval allows.
  mutating func finish() -> [UInt8] {
    // The ends differ in their first byte, so one byte tells a number between them.
    if low > 0 { writer.write(UInt8(low &>> 24) + (low & 0xff_ffff > 0 ? 1 : 0)) }
    return writer.bytes
  }
}

/// Reads bits.
struct BitDecoder: BitCoder {
  private let bytes: [UInt8]
  private var next = 4
  private var low: UInt32 = 0
  private var high = UInt32.max
  private var value: UInt32 = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    for index in 0..<4 { value = value &<< 8 | (index < bytes.count ? UInt32(bytes[index]) : 0) }
  }

  @inline(__always)
  mutating func code(_ bit: Int, probability: UInt32) -> Int {
    let middle = bitMiddle(low, high, probability)
    let found = value <= middle ? 1 : 0
    if found == 1 { high = middle } else { low = middle &+ 1 }
    while (low ^ high) & 0xff00_0000 == 0 {
      low = low &<< 8
      high = high &<< 8 | 0xff
      value = value &<< 8 | (next < bytes.count ? UInt32(bytes[next]) : 0)
      next &+= 1
    }
    return found
  }
}

/// The last number of the lower part, which stands for 1.
@inline(__always)
private func bitMiddle(_ low: UInt32, _ high: UInt32, _ probability: UInt32) -> UInt32 {
  low &+ UInt32(truncatingIfNeeded: (UInt64(high &- low) &* UInt64(probability)) &>> 16)
}
