import BinaryCoding
import Testing

@Suite("Bytes and integers")
struct ByteCodingTests {
  static let integers: [UInt64] =
    [0, 1, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 1 << 32, .max - 1, .max]
    + (0..<64).map { 1 << $0 } + (1..<64).map { (1 << $0) - 1 }

  @Test("Integers of every kind read back as they were written")
  func roundTrip() throws {
    for value in Self.integers {
      var writer = ByteWriter()
      writer.write(UInt8(truncatingIfNeeded: value))
      writer.write(UInt32(truncatingIfNeeded: value))
      writer.write(value)
      writer.writeBigEndian(value)
      writer.writeVarint(value)
      writer.writeSignedVarint(Int64(bitPattern: value))
      var reader = ByteReader(writer.bytes.span)
      #expect(try reader.readByte() == UInt8(truncatingIfNeeded: value))
      #expect(try reader.readUInt32() == UInt32(truncatingIfNeeded: value))
      #expect(try reader.readUInt64() == value)
      #expect(try reader.readUInt64BigEndian() == value)
      #expect(try reader.readVarint() == value)
      #expect(try reader.readSignedVarint() == Int64(bitPattern: value))
      try reader.expectEnd()
    }
  }

  @Test("Fixed-width integers lie in the stated byte order")
  func byteOrder() {
    var writer = ByteWriter()
    writer.write(UInt32(0x0102_0304))
    writer.writeBigEndian(0x0102_0304_0506_0708)
    #expect(writer.bytes == [4, 3, 2, 1, 1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test("A varint takes as many bytes as foretold")
  func varintSize() {
    for value in Self.integers {
      var writer = ByteWriter()
      writer.writeVarint(value)
      #expect(writer.count == varintByteCount(value))
    }
  }

  @Test(
    "Only the shortest form of a varint is read",
    arguments: [
      [0x80, 0x00], [0xff, 0x80, 0x00],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    ] as [[UInt8]])
  func malformedVarints(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes.span)
    let fault = readingFault(&reader) { reader throws(DecodingFault) in
      _ = try reader.readVarint()
    }
    #expect(fault == .malformedVarint(at: 0))
    #expect(reader.offset == 0)
  }

  @Test("Runs of bytes read back, within their bound")
  func runs() throws {
    var writer = ByteWriter(capacity: 16)
    writer.writeLengthPrefixed([7, 8, 9])
    writer.writeLengthPrefixed("né")
    writer.write([1, 2])
    writer.write([3].span)
    var reader = ByteReader(writer.bytes.span)
    #expect(try reader.readLengthPrefixedBytes(max: 3) == [7, 8, 9])
    let text = try reader.readLengthPrefixedRange(max: 3)
    #expect(reader.copyBytes(text) == [UInt8]("né".utf8))
    #expect(try reader.readBytes(count: 3) == [1, 2, 3])
    try reader.expectEnd()
    writer.removeAll()
    #expect(writer.bytes.isEmpty)
  }

  @Test("A length over its bound, or over what is left, moves nothing")
  func boundedLengths() {
    let bytes: [UInt8] = [5, 1, 2]
    var reader = ByteReader(bytes.span)
    let tooLarge = readingFault(&reader) { reader throws(DecodingFault) in
      _ = try reader.readLengthPrefixedRange(max: 4)
    }
    #expect(tooLarge == .tooLarge(value: 5, max: 4, at: 0))
    let truncated = readingFault(&reader) { reader throws(DecodingFault) in
      _ = try reader.readLengthPrefixedRange(max: 5)
    }
    #expect(truncated == .truncated(needed: 5, available: 2, at: 0))
    #expect(reader.offset == 0)
  }

  @Test("Trailing bytes are reported")
  func trailingBytes() {
    let bytes: [UInt8] = [1, 2]
    var reader = ByteReader(bytes.span)
    let fault = readingFault(&reader) { reader throws(DecodingFault) in
      _ = try reader.readByte()
      try reader.expectEnd()
    }
    #expect(fault == .trailingBytes(count: 1, at: 1))
  }

  @Test("Every reader stops cleanly at every cut", arguments: 0..<8)
  func cuts(_ count: Int) {
    let bytes = [UInt8](repeating: 0xff, count: count)
    var reader = ByteReader(bytes.span)
    let fault = readingFault(&reader) { reader throws(DecodingFault) in
      _ = try reader.readUInt64()
    }
    #expect(fault == .truncated(needed: 8, available: count, at: 0))
    let varint = readingFault(&reader) { reader throws(DecodingFault) in
      _ = try reader.readVarint()
    }
    #expect(varint == .truncated(needed: 1, available: 0, at: count))
    #expect(reader.offset == 0)
  }

  /// The fault that `read` throws; `#expect(throws:)` cannot capture a reader.
  func readingFault(
    _ reader: inout ByteReader,
    _ read: (inout ByteReader) throws(DecodingFault) -> Void
  ) -> DecodingFault? {
    do {
      try read(&reader)
      return nil
    } catch {
      return error
    }
  }
}
