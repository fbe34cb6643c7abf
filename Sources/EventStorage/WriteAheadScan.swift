internal import BinaryCoding
internal import DurableFiles

/// Reads a write-ahead log from its header to its last whole frame.
///
/// A frame is written only once the one before it is durable. So an unreadable frame with nothing
/// behind it is the batch in flight when the power went, which nobody was told of; an unreadable
/// frame with a readable one behind it is damage, as is one before the end noted at a clean close.
struct WriteAheadScan {
  /// Where the last whole frame ends.
  private(set) var end: UInt64
  /// The checksum that the next frame continues from.
  private(set) var chain: UInt32
  /// The position behind the last event.
  private(set) var nextPosition: UInt64
  /// Bytes of an unacknowledged frame behind ``end``, without trailing zeros.
  private(set) var tornByteCount: UInt64 = 0
  /// Damage behind ``end``, if any.
  private(set) var damage: StoreDamage?

  /// One whole frame.
  struct Frame {
    let header: FrameHeader
    let content: FrameContent
    /// Where the payload begins in the file.
    let payloadStart: UInt64
  }

  private static let pieceBytes = 1 << 20

  /// Scans a file whose header was read and checked.
  ///
  /// - Parameters:
  ///   - file: The log.
  ///   - name: Its name, for damage reports.
  ///   - header: Its header.
  ///   - cleanEnd: Where the last frame ended at a clean close, or 0.
  ///   - body: Gets each whole frame in order.
  /// - Throws: `StorageError.disk`, or what `body` throws.
  init(
    _ file: any DurableFile, name: String, header: WriteAheadHeader, cleanEnd: UInt64,
    _ body: (Frame) throws(StorageError) -> Void
  ) throws(StorageError) {
    end = UInt64(WriteAheadHeader.byteCount)
    chain = header.firstChain
    nextPosition = header.basePosition
    let salt = header.salt
    let fileEnd = try onDisk { () throws(FileFault) in try file.byteCount() }
    var pieces = FilePieces(file: file, byteCount: fileEnd)
    while let found = try readFrame(&pieces, salt: salt) {
      try body(found.frame)
      chain = found.chain
      end = found.frame.payloadStart + UInt64(found.frame.header.payloadByteCount) + 4
      nextPosition += UInt64(found.frame.header.rowCount)
    }
    try judgeRest(&pieces, name: name, salt: salt, cleanEnd: cleanEnd)
  }

  /// The frame at ``end``, or nothing if there is no whole one.
  private func readFrame(
    _ pieces: inout FilePieces, salt: UInt64
  ) throws(StorageError) -> (frame: Frame, chain: UInt32)? {
    let headerBytes = try pieces.bytes(count: FrameHeader.byteCount, at: end)
    guard let header = FrameHeader(headerBytes.span, salt: salt),
      header.firstPosition == nextPosition
    else { return nil }
    let payloadStart = end + UInt64(FrameHeader.byteCount)
    let payload = try pieces.bytes(count: header.payloadByteCount, at: payloadStart)
    let trailer = try pieces.bytes(
      count: 4, at: payloadStart + UInt64(header.payloadByteCount))
    var crc = CRC32C(continuing: chain)
    crc.update(headerBytes.span)
    crc.update(payload.span)
    var reader = ByteReader(trailer.span)
    guard payload.count == header.payloadByteCount, (try? reader.readUInt32()) == crc.value,
      let content = try? FramePayload.read(payload, header)
    else { return nil }
    let frame = Frame(
      header: header, content: content, payloadStart: payloadStart)
    return (frame, crc.value)
  }

  /// Tells an unacknowledged frame from damage.
  private mutating func judgeRest(
    _ pieces: inout FilePieces, name: String, salt: UInt64, cleanEnd: UInt64
  ) throws(StorageError) {
    let saltBytes = (0..<8).map { UInt8(truncatingIfNeeded: salt >> (8 * UInt64($0))) }
    var lastNonzero: UInt64?
    var start = end
    while start < pieces.byteCount {
      let piece = try pieces.bytes(count: Self.pieceBytes, at: start)
      var index = 0
      while let found = piece[index...].firstIndex(where: { $0 != 0 }) {
        index = found + 1
        let offset = start + UInt64(found)
        lastNonzero = offset
        guard piece[found] == saltBytes[0], offset > end,
          let next = try frameHeader(at: offset, &pieces, salt: salt)
        else { continue }
        damage = StoreDamage(
          file: name, offset: end, byteCount: offset - end,
          positions: nextPosition...(next.firstPosition - 1),
          problem: "a frame does not match its checksum, and whole frames follow it")
        return
      }
      start += UInt64(piece.count)
    }
    tornByteCount = lastNonzero.map { $0 + 1 - end } ?? 0
    guard end < cleanEnd else { return }
    damage = StoreDamage(
      file: name, offset: end, byteCount: cleanEnd - end,
      problem: "a frame that was there at the last clean close does not match its checksum")
  }

  /// A later frame's header at `offset`, if there is one.
  private func frameHeader(
    at offset: UInt64, _ pieces: inout FilePieces, salt: UInt64
  ) throws(StorageError) -> FrameHeader? {
    let bytes = try pieces.bytes(count: FrameHeader.byteCount, at: offset)
    guard let header = FrameHeader(bytes.span, salt: salt),
      header.firstPosition > nextPosition
    else { return nil }
    return header
  }
}

/// A file read forwards through a buffer, so that small frames do not cost a system call each.
struct FilePieces {
  private let file: any DurableFile
  /// The file's length.
  let byteCount: UInt64
  private var buffer: [UInt8] = []
  private var bufferStart: UInt64 = 0

  init(file: any DurableFile, byteCount: UInt64) {
    self.file = file
    self.byteCount = byteCount
  }

  /// Bytes from `offset` on: `count`, or fewer where the file ends.
  mutating func bytes(count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
    guard offset < byteCount else { return [] }
    let wanted = Int(min(UInt64(count), byteCount - offset))
    if offset < bufferStart || offset + UInt64(wanted) > bufferStart + UInt64(buffer.count) {
      let room = Int(min(UInt64(max(wanted, 1 << 20)), byteCount - offset))
      buffer = try onDisk { () throws(FileFault) in try file.read(count: room, at: offset) }
      bufferStart = offset
    }
    let start = Int(offset - bufferStart)
    return Array(buffer[start..<min(buffer.count, start + wanted)])
  }
}
