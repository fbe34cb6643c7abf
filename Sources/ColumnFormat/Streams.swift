internal import BinaryCoding
internal import ZstdCompression

// bytes := packed length varint, data
//
// How many bytes there are is known from elsewhere. A packed length of 0: the data are the bytes
// themselves; otherwise a zstd frame without its first four bytes, the magic number 28 B5 2F FD.

/// Writes streams of bytes, compressed where that is smaller.
struct StreamPacker: ~Copyable {
  private var fast: ZstdCompressor
  private var small: ZstdCompressor

  init() throws(ColumnFault) {
    let fast = try Self.compressor(.fast)
    let small = try Self.compressor(ZstdLevel(clamping: 6))
    self.fast = fast
    self.small = small
  }

  private static func compressor(_ level: ZstdLevel) throws(ColumnFault) -> ZstdCompressor {
    do throws(ZstdFault) { return try ZstdCompressor.make(level: level) } catch {
      throw .compression(error)
    }
  }

  /// The stream of `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: What to write.
  ///   - isSmall: Whether to take more time: for tables and words.
  /// - Returns: Packed length and data.
  /// - Throws: ``ColumnFault/compression(_:)``.
  mutating func pack(_ bytes: Span<UInt8>, small isSmall: Bool = false) throws(ColumnFault)
    -> [UInt8]
  {
    var writer = ByteWriter()
    if bytes.count >= 8 {
      let frame: [UInt8]
      do throws(ZstdFault) {
        frame = try isSmall ? small.compress(bytes) : fast.compress(bytes)
      } catch {
        throw .compression(error)
      }
      if frame.count - Self.magic.count < bytes.count {
        writer.writeVarint(UInt64(frame.count - Self.magic.count))
        writer.write(frame.span.extracting(Self.magic.count..<frame.count))
        return writer.bytes
      }
    }
    writer.write(UInt8(0))
    writer.write(bytes)
    return writer.bytes
  }

  static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
}

/// Reads streams of bytes; see ``StreamPacker``.
struct StreamUnpacker: ~Copyable {
  private var decompressor: ZstdDecompressor

  init() throws(ColumnFault) { decompressor = try Self.decompressor() }

  private static func decompressor() throws(ColumnFault) -> ZstdDecompressor {
    do throws(ZstdFault) { return try ZstdDecompressor.make() } catch {
      throw .compression(error)
    }
  }

  /// Reads a stream of `count` bytes, which the caller has bounded.
  mutating func unpack(_ reader: inout SpanReader, count: Int) throws(ColumnFault) -> [UInt8] {
    let packed = try reader.count(max: reader.remaining)
    guard packed > 0 else { return [UInt8](copying: reader.bytes, try reader.range(count)) }
    let range = try reader.range(packed)
    var frame = ByteWriter(capacity: packed + StreamPacker.magic.count)
    frame.write(StreamPacker.magic)
    frame.write(reader.bytes.extracting(range))
    do throws(ZstdFault) {
      return try decompressor.decompress(frame.bytes.span, byteCount: count)
    } catch {
      throw .compression(error)
    }
  }
}

/// A `ByteReader` that throws this target's faults and shows its span.
struct SpanReader: ~Escapable {
  let bytes: Span<UInt8>
  private var reader: ByteReader

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
    reader = ByteReader(bytes)
  }

  var remaining: Int { reader.remaining }

  mutating func byte() throws(ColumnFault) -> UInt8 {
    do throws(DecodingFault) { return try reader.readByte() } catch { throw .decoding(error) }
  }

  mutating func varint() throws(ColumnFault) -> UInt64 {
    do throws(DecodingFault) { return try reader.readVarint() } catch { throw .decoding(error) }
  }

  mutating func signed() throws(ColumnFault) -> Int64 {
    do throws(DecodingFault) { return try reader.readSignedVarint() } catch {
      throw .decoding(error)
    }
  }

  mutating func count(max: Int) throws(ColumnFault) -> Int {
    do throws(DecodingFault) { return try reader.readCount(max: max) } catch {
      throw .decoding(error)
    }
  }

  mutating func range(_ count: Int) throws(ColumnFault) -> Range<Int> {
    do throws(DecodingFault) { return try reader.readRange(count: count) } catch {
      throw .decoding(error)
    }
  }

  /// A length, then so many bytes.
  mutating func lengthPrefixed(max: Int) throws(ColumnFault) -> [UInt8] {
    let length = try count(max: max)
    return [UInt8](copying: bytes, try range(length))
  }

  func expectEnd() throws(ColumnFault) {
    do throws(DecodingFault) { try reader.expectEnd() } catch { throw .decoding(error) }
  }
}
