internal import BinaryCoding
internal import DurableFiles

/// The file that new events are written to: the append path's only write and only sync.
///
/// Invariants:
/// - Bytes before `end` are whole frames, each durable before the next was written.
/// - Bytes from `end` to `zeroedEnd` are zeros.
/// - `end` only grows; after a failed sync the file is never written again.
///
/// A class because the tail's readers share its file while the writer moves its end.
final class WriteAheadLog {
  let file: any DurableFile
  let header: WriteAheadHeader
  let salt: UInt64
  /// Where the last frame ends.
  private(set) var end: UInt64
  /// The checksum that the next frame continues from.
  private var chain: UInt32
  private var zeroedEnd: UInt64
  private let zeroedAheadByteCount: Int

  /// Continues a file behind its last whole frame.
  init(
    file: any DurableFile, header: WriteAheadHeader, end: UInt64, chain: UInt32,
    zeroedAheadByteCount: Int
  ) {
    self.file = file
    self.header = header
    self.end = end
    self.chain = chain
    self.zeroedAheadByteCount = zeroedAheadByteCount
    zeroedEnd = end
    salt = header.salt
  }

  /// Makes a file and its header durable; the caller syncs the directory.
  static func create(
    _ path: String, _ header: WriteAheadHeader, _ fileSystem: any FileSystem,
    zeroedAheadByteCount: Int
  ) throws(FileFault) -> WriteAheadLog {
    let file = try fileSystem.open(path, for: .replacing)
    let bytes = header.encoded
    try file.write(bytes.span, at: 0)
    try file.syncData()
    return WriteAheadLog(
      file: file, header: header, end: UInt64(bytes.count), chain: header.firstChain,
      zeroedAheadByteCount: zeroedAheadByteCount)
  }

  /// What a failed append leaves behind.
  enum AppendFault: Error {
    /// The disk is full and the file is as it was: the frame did not happen.
    case undone(FileFault)
    /// The file's state is unknown: nothing more may be acknowledged.
    case uncertain(FileFault)
  }

  /// Writes a frame and makes it durable: one write, one sync.
  ///
  /// - Parameters:
  ///   - header: The frame's beginning.
  ///   - frame: Room for the header, then the payload; gets header and checksum.
  /// - Throws: ``AppendFault``.
  func append(_ header: FrameHeader, _ frame: inout ByteWriter) throws(AppendFault) {
    assert(frame.count == FrameHeader.byteCount + header.payloadByteCount)
    frame.bytes.replaceSubrange(0..<FrameHeader.byteCount, with: header.encoded(salt: salt))
    var crc = CRC32C(continuing: chain)
    crc.update(frame.bytes.span)
    frame.write(crc.value)
    do throws(FileFault) {
      try zeroAhead(frame.count)
      try file.write(frame.bytes.span, at: end)
    } catch {
      throw undo(error)
    }
    do throws(FileFault) {
      try file.syncData()
    } catch {
      throw .uncertain(error)
    }
    end += UInt64(frame.count)
    zeroedEnd = max(zeroedEnd, end)
    chain = crc.value
  }

  /// Extends the zeros when a small frame would outgrow them, so that most syncs of small frames
  /// need not change the file's length.
  private func zeroAhead(_ byteCount: Int) throws(FileFault) {
    guard byteCount < zeroedAheadByteCount, end + UInt64(byteCount) > zeroedEnd else { return }
    let zeros = [UInt8](repeating: 0, count: zeroedAheadByteCount)
    try file.write(zeros.span, at: zeroedEnd)
    zeroedEnd += UInt64(zeros.count)
  }

  /// Cuts off what a failed write may have left.
  private func undo(_ fault: FileFault) -> AppendFault {
    guard fault.isDiskFull else { return .uncertain(fault) }
    do throws(FileFault) {
      try file.truncate(to: end)
      zeroedEnd = end
      return .undone(fault)
    } catch {
      return .uncertain(fault)
    }
  }

  /// Gives back the zeros ahead.
  func trim() throws(FileFault) {
    try file.truncate(to: end)
    try file.syncData()
    zeroedEnd = end
  }
}
