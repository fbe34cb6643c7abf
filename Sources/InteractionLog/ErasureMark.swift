internal import BinaryCoding
internal import BookRules
internal import DurableFiles
internal import HybridTime

// `erasures`, version 1:
//
//   file := mark 8 bytes `DAYBKERM`, version u32 = 1, position varint, roles u8,
//           listing count varint, (origin 40 bytes, sequence varint)*, checksum u32
//
// Listings ascend. The checksum is the CRC32C of all bytes before it. The file is derivable: a file
// that breaks a rule is ignored, and the whole log is matched again.

/// How far a replica has matched its log against erasures, so that opening a store does not begin
/// anew.
struct ErasureMark: Equatable {
  /// Up to where every event was matched.
  var position: UInt64 = 0
  /// What this replica could list then: with more roles, there may be more to list.
  var roles: RoleSet = []
  /// The erasures they were matched against, and the extensions that remember keys.
  var listings: Set<Dot> = []

  private static let magic = Array("DAYBKERM".utf8)
  private static let byteCountMax = 64 << 20

  /// The mark in a file.
  ///
  /// - Parameters:
  ///   - path: Where it lies.
  ///   - files: The disk.
  ///   - last: The log's last position; a mark beyond it belongs to another log.
  /// - Returns: The mark; that of a log never matched when there is no whole file.
  /// - Throws: ``FileFault``.
  static func read(
    _ path: String, from files: any FileSystem, last: UInt64
  ) throws(FileFault) -> ErasureMark {
    guard try files.exists(path) else { return ErasureMark() }
    let bytes = try files.readFile(path, byteCountMax: byteCountMax)
    guard let mark = try? ErasureMark(decoding: bytes), mark.position <= last else {
      return ErasureMark()
    }
    return mark
  }

  /// The file's bytes.
  var encoded: [UInt8] {
    var writer = ByteWriter(capacity: 32 + listings.count * 48)
    writer.write(Self.magic)
    writer.write(UInt32(1))
    writer.writeVarint(position)
    writer.write(roles.rawValue)
    writer.writeVarint(UInt64(listings.count))
    for dot in listings.sorted() {
      dot.origin.write(to: &writer)
      writer.writeVarint(dot.sequence)
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }
}

extension ErasureMark {
  private init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    guard try reader.readBytes(count: Self.magic.count) == Self.magic else {
      throw .notCanonical(field: "mark", at: 0)
    }
    guard try reader.readUInt32() == 1 else { throw .notCanonical(field: "version", at: 8) }
    position = try reader.readVarint()
    roles = RoleSet(rawValue: try reader.readByte())
    for _ in 0..<(try reader.readCount(max: bytes.count / 41)) {
      let origin = try OriginID(from: &reader)
      listings.insert(Dot(origin: origin, sequence: try reader.readVarint()))
    }
    let end = reader.offset
    let checksum = try reader.readUInt32()
    try reader.expectEnd()
    guard checksum == CRC32C.checksum(Array(bytes[..<end])) else {
      throw .notCanonical(field: "checksum", at: end)
    }
  }
}
