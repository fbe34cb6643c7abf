internal import BinaryCoding
internal import EventModel
internal import HybridTime

// manifest := mark 8 bytes `DAYBKMAN`, version u32 = 65537, body length u32, body, checksum u32
// body     := generation varint, founding 48 bytes, origin 40 bytes, place 16 bytes, label length varint, label,
//             write-ahead number varint, base position varint, clean end varint,
//             segment count varint, segment*
// segment  := number varint, first position varint, rows varint, length varint,
//             footer checksum u32
//
// The checksum covers everything before it. Two copies are kept, `MANIFEST` and `MANIFEST.bak`;
// the one with the higher generation counts.

/// What a store consists of: the root from which everything else is found.
struct Manifest: Equatable, Sendable {
  /// A sealed segment, as the manifest vouches for it.
  struct Segment: Equatable, Sendable {
    let number: UInt64
    let firstPosition: UInt64
    let rowCount: Int
    let byteCount: UInt64
    let footerChecksum: UInt32
  }

  /// Grows by one with each change.
  var generation: UInt64
  var identity: LogIdentity
  /// Where the store lay when its origin was drawn.
  var place: StorePlace
  /// The number of the write-ahead log in use; only grows.
  var writeAheadNumber: UInt64
  /// The position of its first event.
  var basePosition: UInt64
  /// Where its last frame ended when the log was closed cleanly, or 0.
  var cleanEnd: UInt64
  /// The sealed segments, in position order. Positions between them, and before the write-ahead log,
  /// belong to events that a repair found lost.
  var segments: [Segment]

  static let mark = [UInt8]("DAYBKMAN".utf8)
  static let byteCountMax = 64 << 20
  static let labelBytesMax = 256

  /// Why a copy cannot be used.
  enum Fault: Error, Equatable {
    case version(UInt32)
    case decoding(DecodingFault)
  }

  var encoded: [UInt8] {
    let body = encodedBody
    var writer = ByteWriter(capacity: body.count + 20)
    writer.write(Self.mark)
    writer.write(identity.formatVersion)
    writer.write(UInt32(body.count))
    writer.write(body)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  private var encodedBody: [UInt8] {
    var writer = ByteWriter()
    writer.writeVarint(generation)
    identity.founding.write(to: &writer)
    identity.origin.write(to: &writer)
    place.write(to: &writer)
    writer.writeLengthPrefixed(identity.label)
    writer.writeVarint(writeAheadNumber)
    writer.writeVarint(basePosition)
    writer.writeVarint(cleanEnd)
    writer.writeVarint(UInt64(segments.count))
    for segment in segments { segment.write(to: &writer) }
    return writer.bytes
  }
}

extension Manifest.Segment {
  func write(to writer: inout ByteWriter) {
    writer.writeVarint(number)
    writer.writeVarint(firstPosition)
    writer.writeVarint(UInt64(rowCount))
    writer.writeVarint(byteCount)
    writer.write(footerChecksum)
  }

  /// Reads an entry that begins at or behind a position, which moves to where it ends. What is left
  /// out between two entries are the positions of events that were lost.
  init(
    from reader: inout ByteReader, behind position: inout UInt64
  ) throws(DecodingFault) {
    self.init(
      number: try reader.readVarint(), firstPosition: try reader.readVarint(),
      rowCount: try reader.readCount(max: .max), byteCount: try reader.readVarint(),
      footerChecksum: try reader.readUInt32())
    let (end, overflow) = firstPosition.addingReportingOverflow(UInt64(rowCount))
    guard firstPosition >= position, !overflow else {
      throw .notCanonical(field: "segment positions", at: reader.offset)
    }
    position = end
  }
}

extension Manifest {
  /// Reads a copy and checks it.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - versions: Which versions to read.
  /// - Throws: ``Fault``.
  init(
    _ bytes: [UInt8], versions: [UInt32] = [LogIdentity.formatVersionWritten]
  ) throws(Fault) {
    var version: UInt32 = 0
    do throws(DecodingFault) {
      var reader = ByteReader(bytes.span)
      guard try reader.readBytes(count: Self.mark.count) == Self.mark else {
        throw DecodingFault.notCanonical(field: "mark", at: 0)
      }
      version = try reader.readUInt32()
      if versions.contains(version) {
        self = try Self.read(bytes, version: version)
        return
      }
    } catch {
      throw .decoding(error)
    }
    throw .version(version)
  }

  private static func read(_ bytes: [UInt8], version: UInt32) throws(DecodingFault) -> Manifest {
    var reader = ByteReader(bytes.span)
    _ = try reader.readRange(count: mark.count + 4)
    let bodyCount = Int(try reader.readUInt32())
    _ = try reader.readRange(count: bodyCount)
    let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
    let place = reader.offset
    let expected = try reader.readUInt32()
    guard found == expected else {
      throw .checksum(expected: expected, found: found, at: place)
    }
    try reader.expectEnd()
    var body = ByteReader(bytes.span.extracting((mark.count + 8)..<place))
    let manifest = try readBody(from: &body, version: version)
    try body.expectEnd()
    return manifest
  }

  private static func readBody(
    from reader: inout ByteReader, version: UInt32
  ) throws(DecodingFault) -> Manifest {
    let generation = try reader.readVarint()
    let founding = try BookFounding(from: &reader)
    let origin = try OriginID(from: &reader)
    let place = try StorePlace(from: &reader)
    let label = try reader.readLengthPrefixedBytes(max: labelBytesMax)
    let identity = LogIdentity(
      founding: founding, origin: origin, formatVersion: version,
      label: String(decoding: label, as: UTF8.self))
    var manifest = Manifest(
      generation: generation, identity: identity, place: place,
      writeAheadNumber: try reader.readVarint(),
      basePosition: try reader.readVarint(), cleanEnd: try reader.readVarint(), segments: [])
    var position: UInt64 = 1
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      manifest.segments.append(try Segment(from: &reader, behind: &position))
    }
    guard manifest.basePosition >= position else {
      throw .notCanonical(field: "base position", at: reader.offset)
    }
    return manifest
  }
}
