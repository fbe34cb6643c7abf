/// Appends integers and runs of bytes to a growing array; the mirror of ``ByteReader``.
public struct ByteWriter: Sendable {
  /// What has been written.
  public var bytes: [UInt8]

  /// An empty writer with room for `capacity` bytes.
  @inlinable
  public init(capacity: Int = 0) {
    bytes = []
    if capacity > 0 { bytes.reserveCapacity(capacity) }
  }

  /// How many bytes have been written.
  @inlinable public var count: Int { bytes.count }

  /// How many bytes can be written before the writer has to find more room.
  @inlinable public var capacity: Int { bytes.capacity }

  /// Forgets what was written and keeps the room.
  @inlinable
  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Writes one byte.
  @inlinable
  public mutating func write(_ byte: UInt8) { bytes.append(byte) }

  /// Writes four bytes, little-endian.
  @inlinable
  public mutating func write(_ value: UInt32) {
    // The buffer is used only inside the closure and covers exactly the integer.
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Writes eight bytes, little-endian.
  @inlinable
  public mutating func write(_ value: UInt64) {
    // The buffer is used only inside the closure and covers exactly the integer.
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Writes the UTF-8 of a name that the program is made with.
  @inlinable
  public mutating func write(_ name: StaticString) {
    // The buffer is used only inside the closure.
    name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }

  /// Writes eight bytes, big-endian.
  @inlinable
  public mutating func writeBigEndian(_ value: UInt64) { write(value.byteSwapped) }

  /// Writes four times eight bytes, each big-endian, at once.
  @inlinable
  public mutating func writeBigEndian(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
    let words = (a.bigEndian, b.bigEndian, c.bigEndian, d.bigEndian)
    // The buffer is used only inside the closure and covers exactly the four integers.
    unsafe withUnsafeBytes(of: words) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Writes an unsigned varint in its shortest form.
  @inlinable
  public mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes a signed varint in zigzag form.
  @inlinable
  public mutating func writeSignedVarint(_ value: Int64) {
    writeVarint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
  }

  /// Writes `run` as it is.
  @inlinable
  public mutating func write(_ run: [UInt8]) { bytes.append(contentsOf: run) }

  /// Writes the bytes of `run` as they are.
  @inlinable
  public mutating func write(_ run: Span<UInt8>) {
    // The pointer is used only inside the closure and the buffer covers exactly the span.
    unsafe run.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  /// Writes the length of `run` as a varint, then its bytes.
  @inlinable
  public mutating func writeLengthPrefixed(_ run: [UInt8]) {
    writeVarint(UInt64(run.count))
    bytes.append(contentsOf: run)
  }

  /// Writes the length of `text` in UTF-8 as a varint, then its bytes.
  @inlinable
  public mutating func writeLengthPrefixed(_ text: String) {
    writeVarint(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }
}

/// How many bytes ``ByteWriter/writeVarint(_:)`` takes for `value`.
@inlinable
public func varintByteCount(_ value: UInt64) -> Int {
  value == 0 ? 1 : (64 - value.leadingZeroBitCount + 6) / 7
}
