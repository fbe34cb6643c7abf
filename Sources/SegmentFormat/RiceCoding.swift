internal import BinaryCoding

// rice(k) of v := v >> k ones, a zero, the k lowest bits of v
//
// Bits fill bytes from the least significant on, a value's least significant bit first; the last byte
// is filled up with zeros. Short for what is spread like the gaps between random numbers of mean 2ᵏ.
//
// Source: Rice and Plaunt, *Adaptive variable-length coding for efficient compression*, 1971.

/// Writes integers by Rice's code.
struct RiceWriter {
  private var writer = ByteWriter()
  private var pending: UInt8 = 0
  private var pendingCount: UInt8 = 0

  mutating func write(bit: UInt64) {
    pending |= UInt8(truncatingIfNeeded: bit & 1) << pendingCount
    pendingCount += 1
    guard pendingCount == 8 else { return }
    writer.write(pending)
    pending = 0
    pendingCount = 0
  }

  mutating func write(_ value: UInt64, parameter: Int) {
    for _ in 0..<(value >> UInt64(parameter)) { write(bit: 1) }
    write(bit: 0)
    for index in 0..<UInt64(parameter) { write(bit: value >> index) }
  }

  /// The bytes, the last one filled up.
  mutating func finish() -> [UInt8] {
    while pendingCount > 0 { write(bit: 0) }
    return writer.bytes
  }

  /// The parameter, 0 to 28, by which values take fewest bits.
  static func parameter(of values: [UInt64]) -> Int {
    var best = (parameter: 0, bitCount: UInt64.max)
    for parameter in 0...28 {
      let bitCount = values.reduce(UInt64(values.count * (parameter + 1))) {
        $0 + $1 >> UInt64(parameter)
      }
      if bitCount < best.bitCount { best = (parameter, bitCount) }
    }
    return best.parameter
  }
}

/// Reads integers by Rice's code.
struct RiceReader: ~Escapable {
  private let bytes: Span<UInt8>
  private var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) { self.bytes = bytes }

  mutating func readBit() throws(DecodingFault) -> UInt64 {
    let byte = offset >> 3
    guard byte < bytes.count else { throw .truncated(needed: 1, available: 0, at: byte) }
    defer { offset += 1 }
    return UInt64(bytes[byte] >> UInt8(offset & 7) & 1)
  }

  mutating func read(parameter: Int) throws(DecodingFault) -> UInt64 {
    var value: UInt64 = 0
    while try readBit() == 1 { value += 1 }
    value <<= UInt64(parameter)
    for index in 0..<UInt64(parameter) { value |= try readBit() << index }
    return value
  }
}
