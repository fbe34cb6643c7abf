internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import MerkleProofs

// generation := mark `DAYBKBUP`, version u32 = 0, number varint, made u64, founding 48 bytes,
//               origin 40 bytes, label length varint, label, next position varint,
//               salts generation varint, ledger generation varint, segment count varint, segment*,
//               heads, trees, checksum u32
// segment    := number varint, first position varint, rows varint, length varint,
//               footer checksum u32, digest 32 bytes
// heads      := length varint, digest 32 bytes           trees alike

/// What one run of a backup saved: the files that a log consisted of, by digest.
///
/// Source: `docs/format/backup.md`.
struct BackupGeneration: Equatable, Sendable {
  /// A segment, as the log's manifest says it, and its bytes.
  struct Segment: Equatable, Sendable {
    let entry: Manifest.Segment
    let file: StoredFile
  }

  var number: UInt64
  /// When it was made, in milliseconds since 1970.
  var madeMilliseconds: Int64
  var identity: LogIdentity
  /// The position behind the last event.
  var nextPosition: UInt64
  /// Salts of a lower generation are not those of this backup.
  var saltsGeneration: UInt64
  var ledgerGeneration: UInt64
  var segments: [Segment]
  var heads: StoredFile
  var trees: StoredFile

  static let mark = [UInt8]("DAYBKBUP".utf8)
  static let byteCountMax = 64 << 20

  /// Every file it needs.
  var files: [StoredFile] { segments.map(\.file) + [heads, trees] }

  /// How many events it holds.
  var eventCount: Int { segments.reduce(0) { $0 + $1.entry.rowCount } }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.mark)
    writer.write(UInt32(0))
    writer.writeVarint(number)
    writer.write(UInt64(bitPattern: madeMilliseconds))
    identity.founding.write(to: &writer)
    identity.origin.write(to: &writer)
    writer.writeLengthPrefixed(identity.label)
    writer.writeVarint(nextPosition)
    writer.writeVarint(saltsGeneration)
    writer.writeVarint(ledgerGeneration)
    writer.writeVarint(UInt64(segments.count))
    for segment in segments {
      segment.entry.write(to: &writer)
      segment.file.digest.write(to: &writer)
    }
    for file in [heads, trees] {
      writer.writeVarint(file.byteCount)
      file.digest.write(to: &writer)
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }
}

extension BackupGeneration {
  /// Reads a generation and checks it.
  init(_ bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    guard try reader.readBytes(count: Self.mark.count) == Self.mark,
      try reader.readUInt32() == 0
    else { throw .notCanonical(field: "mark or version", at: 0) }
    number = try reader.readVarint()
    madeMilliseconds = Int64(bitPattern: try reader.readUInt64())
    let founding = try BookFounding(from: &reader)
    let origin = try OriginID(from: &reader)
    let label = try reader.readLengthPrefixedBytes(max: Manifest.labelBytesMax)
    identity = LogIdentity(
      founding: founding, origin: origin, label: String(decoding: label, as: UTF8.self))
    nextPosition = try reader.readVarint()
    saltsGeneration = try reader.readVarint()
    ledgerGeneration = try reader.readVarint()
    segments = []
    var position: UInt64 = 1
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      let entry = try Manifest.Segment(from: &reader, behind: &position)
      let digest = try Digest256(from: &reader)
      segments.append(
        Segment(entry: entry, file: StoredFile(byteCount: entry.byteCount, digest: digest)))
    }
    guard position <= nextPosition else {
      throw .notCanonical(field: "next position", at: reader.offset)
    }
    heads = StoredFile(byteCount: try reader.readVarint(), digest: try Digest256(from: &reader))
    trees = StoredFile(byteCount: try reader.readVarint(), digest: try Digest256(from: &reader))
    let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
    let place = reader.offset
    let expected = try reader.readUInt32()
    guard found == expected else {
      throw .checksum(expected: expected, found: found, at: place)
    }
    try reader.expectEnd()
  }
}
