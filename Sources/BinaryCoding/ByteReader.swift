/// Reads integers and runs of bytes from the front of a borrowed span.
///
/// Every method either advances past one whole value or throws and stays where it was. Fixed-width
/// integers are little-endian. No method traps, whatever the bytes.
///
/// Varints are LEB128: base 128, least significant group first, high bit set on all bytes but the
/// last, in the shortest form only, so that one value has one encoding.
public struct ByteReader: ~Escapable {
  @usableFromInline let bytes: Span<UInt8>

  @usableFromInline var position = 0

  /// How many bytes have been read.
  @inlinable public var offset: Int { position }

  /// Starts at the first byte of `bytes`.
  @inlinable @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) { self.bytes = bytes }

  /// How many bytes are left.
  @inlinable public var remaining: Int { bytes.count - offset }

  /// Whether every byte has been read.
  @inlinable public var isAtEnd: Bool { offset == bytes.count }

  @inlinable
  mutating func advance(_ count: Int) { position += count }

  /// Reads one byte.
  @inlinable
  public mutating func readByte() throws(DecodingFault) -> UInt8 {
    guard offset < bytes.count else { throw .truncated(needed: 1, available: 0, at: offset) }
    let value = bytes[offset]
    advance(1)
    return value
  }

  /// Reads four bytes as a little-endian integer.
  @inlinable
  public mutating func readUInt32() throws(DecodingFault) -> UInt32 {
    guard remaining >= 4 else { throw .truncated(needed: 4, available: remaining, at: offset) }
    // In bounds by the guard above; the on-disk order is little-endian.
    let value = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    advance(4)
    return UInt32(littleEndian: value)
  }

  /// Reads eight bytes as a little-endian integer.
  @inlinable
  public mutating func readUInt64() throws(DecodingFault) -> UInt64 {
    guard remaining >= 8 else { throw .truncated(needed: 8, available: remaining, at: offset) }
    // In bounds by the guard above; the on-disk order is little-endian.
    let value = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    advance(8)
    return UInt64(littleEndian: value)
  }

  /// Reads eight bytes as a big-endian integer, the order in which digests and keys are compared.
  @inlinable
  public mutating func readUInt64BigEndian() throws(DecodingFault) -> UInt64 {
    try readUInt64().byteSwapped
  }

  /// Reads an unsigned varint of at most 64 bits.
  @inlinable
  public mutating func readVarint() throws(DecodingFault) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var index = offset
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if shift == 63, byte > 1 { throw .malformedVarint(at: offset) }
      value |= UInt64(byte & 0x7f) &<< shift
      if byte & 0x80 == 0 {
        if byte == 0, shift > 0 { throw .malformedVarint(at: offset) }
        advance(index - offset)
        return value
      }
      shift += 7
      if shift > 63 { throw .malformedVarint(at: offset) }
    }
    throw .truncated(needed: 1, available: 0, at: index)
  }

  /// Reads a signed varint in zigzag form.
  @inlinable
  public mutating func readSignedVarint() throws(DecodingFault) -> Int64 {
    let raw = try readVarint()
    return Int64(bitPattern: (raw &>> 1) ^ (0 &- (raw & 1)))
  }

  /// Reads a varint that counts or measures something and must not exceed `max`.
  ///
  /// - Parameter max: The largest value the format allows here; checked before anything is
  ///   allocated.
  /// - Returns: The value, from 0 to `max`.
  /// - Throws: ``DecodingFault`` when the varint is cut off, too long, or above `max`.
  @inlinable
  public mutating func readCount(max: Int) throws(DecodingFault) -> Int {
    let start = offset
    let value = try readVarint()
    guard value <= UInt64(max) else {
      position = start
      throw .tooLarge(value: value, max: UInt64(max), at: start)
    }
    return Int(value)
  }

  /// Reads a varint length no larger than what is left, and returns the range it covers.
  ///
  /// - Parameter max: The largest length the format allows here.
  /// - Returns: The range of the bytes, as offsets from the start of the span.
  /// - Throws: ``DecodingFault`` when the length or the bytes it promises are cut off, or the
  ///   length is above `max`.
  @inlinable
  public mutating func readLengthPrefixedRange(max: Int) throws(DecodingFault) -> Range<Int> {
    let start = offset
    let count = try readCount(max: max)
    guard count <= remaining else {
      let available = remaining
      position = start
      throw .truncated(needed: count, available: available, at: start)
    }
    let range = offset..<(offset + count)
    advance(count)
    return range
  }

  /// Skips `count` bytes and returns the range they cover.
  @inlinable
  public mutating func readRange(count: Int) throws(DecodingFault) -> Range<Int> {
    guard count >= 0, count <= remaining else {
      throw .truncated(needed: count, available: remaining, at: offset)
    }
    let range = offset..<(offset + count)
    advance(count)
    return range
  }

  /// Reads `count` bytes into a new array.
  @inlinable
  public mutating func readBytes(count: Int) throws(DecodingFault) -> [UInt8] {
    let range = try readRange(count: count)
    return copyBytes(range)
  }

  /// Reads a varint length and then that many bytes, into a new array.
  @inlinable
  public mutating func readLengthPrefixedBytes(max: Int) throws(DecodingFault) -> [UInt8] {
    let range = try readLengthPrefixedRange(max: max)
    return copyBytes(range)
  }

  /// Copies a range that this reader returned.
  @inlinable
  public func copyBytes(_ range: Range<Int>) -> [UInt8] { [UInt8](copying: bytes, range) }

  /// Requires that nothing is left.
  @inlinable
  public func expectEnd() throws(DecodingFault) {
    guard isAtEnd else { throw .trailingBytes(count: remaining, at: offset) }
  }
}

extension [UInt8] {
  /// A copy of `range` of `bytes`.
  ///
  /// The range must lie within the span; ranges that a ``ByteReader`` over it returned do.
  @inlinable
  public init(copying bytes: Span<UInt8>, _ range: Range<Int>) {
    let part = bytes.extracting(range)
    // The pointer is used only inside the closure and the buffer covers exactly the span.
    self = unsafe part.withUnsafeBufferPointer { unsafe [UInt8]($0) }
  }
}
