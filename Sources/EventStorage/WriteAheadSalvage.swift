internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import MerkleProofs

/// What is whole of a write-ahead log, behind damage as well as before it.
///
/// Each frame's checksum continues that of the frame before. Where that frame is damaged, the checksum
/// that it ends with is read in its place: a frame that fits either counts, since no damage makes it
/// fit. A frame whose own last four bytes are damaged counts if the frame behind it continues it.
struct WriteAheadSalvage {
  let header: WriteAheadHeader
  /// The whole frames, in position order.
  private(set) var frames: [Frame] = []
  /// The position behind the last event that the file held, as far as that can be known.
  private(set) var endPosition: UInt64

  struct Frame {
    let header: FrameHeader
    let content: FrameContent
    let isForeign: Bool
  }

  private struct Candidate {
    let start: Int
    let header: FrameHeader
    var payload: Range<Int> {
      let first = start + FrameHeader.byteCount
      return first..<(first + header.payloadByteCount)
    }
    var end: Int { payload.upperBound + 4 }
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file; empty if it is missing.
  ///   - header: What its header must be.
  ///   - cleanEnd: Where its last frame ended at a clean close, or 0.
  ///   - nextBase: Where the file that continues it begins, if one does.
  init(_ bytes: [UInt8], header: WriteAheadHeader, cleanEnd: UInt64, nextBase: UInt64?) {
    self.header = header
    let candidates = Self.findFrames(in: bytes, header)
    endPosition = header.basePosition
    var trusted: (end: Int, chain: UInt32) = (WriteAheadHeader.byteCount, header.firstChain)
    for (index, candidate) in candidates.enumerated() {
      let stored = Self.word(in: bytes, at: candidate.end - 4)
      var chains: [UInt32] = []
      if trusted.end == candidate.start { chains.append(trusted.chain) }
      if candidate.start >= WriteAheadHeader.byteCount + 4,
        let before = Self.word(in: bytes, at: candidate.start - 4)
      {
        chains.append(before)
      }
      let next = candidates.dropFirst(index + 1).first
      for chain in chains {
        let own = Self.chain(of: candidate, in: bytes, continuing: chain)
        let isContinued =
          next.map { next in
            next.start == candidate.end
              && Self.chain(of: next, in: bytes, continuing: own)
                == Self.word(in: bytes, at: next.end - 4)
          } ?? false
        guard own == stored || isContinued, add(candidate, bytes) else { continue }
        trusted = (candidate.end, own)
        break
      }
      endPosition = max(endPosition, endOfLost(candidate, bytes, cleanEnd, hasNext: next != nil))
    }
    endPosition = max(endPosition, nextBase ?? 0)
    let end = UInt64(candidates.last?.end ?? WriteAheadHeader.byteCount)
    if bytes.isEmpty {
      skipEvents(max(cleanEnd, Self.missingByteCount))
    } else if nextBase == nil, end < cleanEnd {
      skipEvents(max(cleanEnd, UInt64(bytes.count)) - end)
    }
  }

  /// Where the events of a frame end that is not whole, if it was acknowledged once.
  private func endOfLost(
    _ candidate: Candidate, _ bytes: [UInt8], _ cleanEnd: UInt64, hasNext: Bool
  ) -> UInt64 {
    guard hasNext || UInt64(candidate.end) <= cleanEnd else { return 0 }
    return candidate.header.firstPosition + UInt64(candidate.header.rowCount)
  }

  /// Leaves out the positions that events in unreadable bytes may have had: more than there can
  /// have been.
  private mutating func skipEvents(_ byteCount: UInt64) {
    endPosition += byteCount / Self.recordByteCountMin + 1
  }

  /// No event takes fewer bytes in a frame: its origin and time alone are as many.
  private static let recordByteCountMin: UInt64 = 48
  /// How much a file may have held that is gone: a log is sealed long before.
  private static let missingByteCount: UInt64 = 128 << 20

  private mutating func add(_ candidate: Candidate, _ bytes: [UInt8]) -> Bool {
    guard candidate.header.firstPosition >= (frames.last?.endPosition ?? header.basePosition),
      let content = try? FramePayload.read(Array(bytes[candidate.payload]), candidate.header)
    else { return false }
    frames.append(
      Frame(
        header: candidate.header, content: content, isForeign: candidate.header.isForeign))
    endPosition = max(endPosition, frames.last?.endPosition ?? 0)
    return true
  }

  /// Everything that begins like a frame of this file, in order and without overlaps.
  private static func findFrames(
    in bytes: [UInt8], _ header: WriteAheadHeader
  ) -> [Candidate] {
    let salt = header.salt
    let first = UInt8(truncatingIfNeeded: salt)
    var found: [Candidate] = []
    var offset = WriteAheadHeader.byteCount
    while offset + FrameHeader.overhead <= bytes.count {
      let head = bytes.span.extracting(offset..<(offset + FrameHeader.byteCount))
      if bytes[offset] == first, let frame = FrameHeader(head, salt: salt),
        offset + FrameHeader.overhead + frame.payloadByteCount <= bytes.count,
        frame.firstPosition >= header.basePosition
      {
        let candidate = Candidate(start: offset, header: frame)
        found.append(candidate)
        offset = candidate.end
      } else {
        offset += 1
      }
    }
    return found
  }

  private static func chain(
    of candidate: Candidate, in bytes: [UInt8], continuing chain: UInt32
  ) -> UInt32 {
    var crc = CRC32C(continuing: chain)
    crc.update(bytes.span.extracting(candidate.start..<candidate.payload.upperBound))
    return crc.value
  }

  private static func word(in bytes: [UInt8], at offset: Int) -> UInt32? {
    guard offset >= 0, offset + 4 <= bytes.count else { return nil }
    var reader = ByteReader(bytes.span.extracting(offset..<(offset + 4)))
    return try? reader.readUInt32()
  }

  /// Calls `body` with every event that is whole, in position order.
  func forEachEvent(
    _ body: (SalvagedEvent) throws(StorageError) -> Void
  ) throws(StorageError) {
    var clock = HybridTimestamp(rawValue: 0)
    for frame in frames {
      clock = max(clock, frame.content.received)
      for (row, entry) in frame.content.entries.enumerated() {
        if !frame.isForeign { clock = max(clock, entry.event.recorded) }
        try body(
          SalvagedEvent(
            position: frame.header.firstPosition + UInt64(row), event: entry.event,
            echo: entry.echo, received: frame.isForeign ? frame.content.received : nil,
            clock: clock))
      }
    }
  }
}

extension WriteAheadSalvage.Frame {
  /// The position behind its last event.
  var endPosition: UInt64 { header.firstPosition + UInt64(header.rowCount) }
}
