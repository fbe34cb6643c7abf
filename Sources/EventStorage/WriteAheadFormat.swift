internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import MerkleProofs
internal import SegmentFormat

// A write-ahead log file, version 2:
//
//   file   := header, frame*, zeros
//   header := mark 8 bytes `DAYBKWAL`, version u32 = 2, key id u32 = 0, book 16 bytes,
//             origin 40 bytes, number u64, base position u64, checksum u32         (92 bytes)
//   frame  := salt u64, payload length u32, count u32, first position u64,
//             kind u8 (0 own, 1 foreign), zero 3 bytes, header checksum u32         (32 bytes)
//             payload, chained checksum u32
//   payload := received u64, entry*, window count varint, window salts*,
//             head count varint, head*
//   entry   := echo varint, content checksum u32 unless echo is 0, record length varint, record
//   echo    := 0, or twice the distance, plus 1 for the same content
//
// The salt is the first eight bytes of SHA-256(header), so no other file's frame passes here. The
// chained checksum is the CRC32C of the frame's header and payload continued from the one before,
// the first from the header's own; so a frame counts only behind all the frames before it.

/// The first bytes of a write-ahead log: whose it is and where its events begin.
///
/// Source: `docs/format/wal.md` §2.
struct WriteAheadHeader: Equatable, Sendable {
  let book: BookID
  let origin: OriginID
  let number: UInt64
  let basePosition: UInt64

  static let byteCount = 92
  static let mark = [UInt8]("DAYBKWAL".utf8)
  static let version: UInt32 = 2

  var encoded: [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.write(Self.mark)
    writer.write(Self.version)
    writer.write(UInt32(0))
    book.write(to: &writer)
    origin.write(to: &writer)
    writer.write(number)
    writer.write(basePosition)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// What every frame of this file begins with.
  var salt: UInt64 { Digest256.hash(encoded).prefix64 }

  /// What the first frame's checksum continues from.
  var firstChain: UInt32 { CRC32C.checksum(encoded) }

  init(book: BookID, origin: OriginID, number: UInt64, basePosition: UInt64) {
    self.book = book
    self.origin = origin
    self.number = number
    self.basePosition = basePosition
  }

  init(_ bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    guard try reader.readBytes(count: Self.mark.count) == Self.mark else {
      throw .notCanonical(field: "mark", at: 0)
    }
    let version = try reader.readUInt32()
    guard version == Self.version else {
      throw .unknownValue(field: "version", value: UInt64(version), at: 8)
    }
    _ = try reader.readUInt32()
    book = try BookID(from: &reader)
    origin = try OriginID(from: &reader)
    number = try reader.readUInt64()
    basePosition = try reader.readUInt64()
    let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
    let expected = try reader.readUInt32()
    guard found == expected else {
      throw .checksum(expected: expected, found: found, at: 0)
    }
  }
}

/// The fixed beginning of a frame: how long it is and which events it holds.
struct FrameHeader: Equatable, Sendable {
  let payloadByteCount: Int
  let rowCount: Int
  let firstPosition: UInt64
  let isForeign: Bool

  static let byteCount = 32
  /// Bytes of a frame besides its payload.
  static let overhead = byteCount + 4
  static let payloadBytesMax = 64 << 20

  func encoded(salt: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.write(salt)
    writer.write(UInt32(payloadByteCount))
    writer.write(UInt32(rowCount))
    writer.write(firstPosition)
    writer.write(UInt32(isForeign ? 1 : 0))
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  init(payloadByteCount: Int, rowCount: Int, firstPosition: UInt64, isForeign: Bool) {
    self.payloadByteCount = payloadByteCount
    self.rowCount = rowCount
    self.firstPosition = firstPosition
    self.isForeign = isForeign
  }

  /// Reads a header; nothing when salt, checksum or bounds are wrong.
  init?(_ bytes: Span<UInt8>, salt: UInt64) {
    var reader = ByteReader(bytes)
    guard (try? reader.readUInt64()) == salt, let byteCount = try? reader.readUInt32(),
      let count = try? reader.readUInt32(), let position = try? reader.readUInt64(),
      let kind = try? reader.readUInt32()
    else { return nil }
    let found = CRC32C.checksum(bytes.extracting(0..<reader.offset))
    guard (try? reader.readUInt32()) == found, byteCount <= Self.payloadBytesMax,
      count >= 1, count <= byteCount, kind <= 1
    else { return nil }
    payloadByteCount = Int(byteCount)
    rowCount = Int(count)
    firstPosition = position
    isForeign = kind == 1
  }
}

/// One event in a frame, as recovery meets it.
struct FrameEntry {
  let event: Event
  let echo: Echo?
  /// Where its record lies, from the start of the payload.
  let record: Range<Int>
}

/// What a frame carries.
struct FrameContent {
  let received: HybridTimestamp
  let entries: [FrameEntry]
  /// The salts that the log lacked for these events.
  let salts: [WindowSalts]
  /// The heads that prove them.
  let heads: [OriginHead]
}

enum FramePayload {
  /// Appends an entry and returns where its record lies; `record` is room to encode it in.
  static func write(
    _ event: Event, _ echo: Echo?, to writer: inout ByteWriter, record: inout ByteWriter
  ) -> Range<Int> {
    if let echo {
      writer.writeVarint(echo.distance << 1 | (echo.isSameContent ? 1 : 0))
      writer.write(echo.contentChecksum)
    } else {
      writer.writeVarint(0)
    }
    record.removeAll()
    event.write(to: &record)
    writer.writeLengthPrefixed(record.bytes)
    return (writer.count - record.count)..<writer.count
  }

  /// Reads a payload whose checksum was compared.
  static func read(
    _ bytes: [UInt8], _ header: FrameHeader
  ) throws(DecodingFault) -> FrameContent {
    var reader = ByteReader(bytes.span)
    let received = HybridTimestamp(rawValue: try reader.readUInt64())
    var entries: [FrameEntry] = []
    entries.reserveCapacity(header.rowCount)
    for row in 0..<header.rowCount {
      let echo = try readEcho(from: &reader, position: header.firstPosition &+ UInt64(row))
      let range = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
      var record = ByteReader(bytes.span.extracting(range))
      let event = try Event(from: &record)
      try record.expectEnd()
      entries.append(FrameEntry(event: event, echo: echo, record: range))
    }
    var salts: [WindowSalts] = []
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      salts.append(try WindowSalts(from: &reader))
    }
    var heads: [OriginHead] = []
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      heads.append(try OriginHead(from: &reader))
    }
    try reader.expectEnd()
    return FrameContent(received: received, entries: entries, salts: salts, heads: heads)
  }

  private static func readEcho(
    from reader: inout ByteReader, position: UInt64
  ) throws(DecodingFault) -> Echo? {
    let start = reader.offset
    let word = try reader.readVarint()
    if word == 0 { return nil }
    guard word >= 2, word >> 1 < position else {
      throw .notCanonical(field: "echo distance", at: start)
    }
    return Echo(
      distance: word >> 1, isSameContent: word & 1 == 1,
      contentChecksum: try reader.readUInt32())
  }
}
