internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import SegmentFormat

/// A file as it would be with some bytes put right; it cannot be written.
final class CorrectedFile: DurableFile {
  private let file: any DurableFile
  /// What takes the place of the file's bytes.
  private let corrections: [Correction]

  struct Correction: Sendable {
    let offset: UInt64
    let bytes: [UInt8]
  }

  init(_ file: any DurableFile, _ corrections: [Correction]) {
    self.file = file
    self.corrections = corrections
  }

  var path: String { file.path }

  func read(count: Int, at offset: UInt64) throws(FileFault) -> [UInt8] {
    var bytes = try file.read(count: count, at: offset)
    for correction in corrections {
      for (index, byte) in correction.bytes.enumerated() {
        let place = correction.offset + UInt64(index)
        guard place >= offset, place - offset < UInt64(bytes.count) else { continue }
        bytes[Int(place - offset)] = byte
      }
    }
    return bytes
  }

  func byteCount() throws(FileFault) -> UInt64 { try file.byteCount() }

  func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(FileFault) {
    preconditionFailure("a corrected file is only read")
  }

  func truncate(to byteCount: UInt64) throws(FileFault) {
    preconditionFailure("a corrected file is only read")
  }

  func syncData() throws(FileFault) {
    preconditionFailure("a corrected file is only read")
  }
}

extension CorrectedFile {
  /// A damaged segment with what can be told for certain put right: its header, which the manifest
  /// implies; its trailer, which follows from the footer; one flipped bit of the footer or of a table.
  convenience init(
    segment file: any DurableFile, _ entry: Manifest.Segment, book: BookID
  ) throws(FileFault) {
    let header = SegmentHeader(
      book: book, number: entry.number, firstPosition: entry.firstPosition)
    var corrections = [Correction(offset: 0, bytes: header.encoded)]
    if let (bytes, offset) = try Self.findFooter(of: file, entry) {
      let trailer = SegmentTrailer(footer: bytes, at: offset)
      corrections.append(
        Correction(offset: offset, bytes: bytes + trailer.encoded))
      if let footer = try? SegmentFooter(bytes) {
        corrections += try Self.tableCorrections(of: file, footer)
      }
    }
    self.init(file, corrections)
  }

  /// The footer that the manifest's checksum is of: its place is told twice by the trailer.
  private static func findFooter(
    of file: any DurableFile, _ entry: Manifest.Segment
  ) throws(FileFault) -> (bytes: [UInt8], offset: UInt64)? {
    let fileEnd = try file.byteCount()
    guard fileEnd == entry.byteCount, fileEnd > UInt64(SegmentTrailer.byteCount) else { return nil }
    let end = fileEnd - UInt64(SegmentTrailer.byteCount)
    let trailer = try file.read(count: SegmentTrailer.byteCount, at: end)
    var reader = ByteReader(trailer.span)
    guard let offset = try? reader.readUInt64(), let count = try? reader.readUInt32() else {
      return nil
    }
    for start in [offset, end.subtractingReportingOverflow(UInt64(count)).partialValue]
    where start < end && end - start <= UInt64(SegmentLimits.footerBytesMax) {
      var bytes = try file.read(count: Int(end - start), at: start)
      if CRC32C.checksum(bytes) == entry.footerChecksum { return (bytes, start) }
      if bytes.correct(to: entry.footerChecksum) { return (bytes, start) }
    }
    return nil
  }

  private static func tableCorrections(
    of file: any DurableFile, _ footer: SegmentFooter
  ) throws(FileFault) -> [Correction] {
    var corrections: [Correction] = []
    var offset = footer.tablesOffset
    for table in footer.tables {
      var bytes = try file.read(count: table.byteCount, at: offset)
      if CRC32C.checksum(bytes) != table.checksum, bytes.correct(to: table.checksum) {
        corrections.append(Correction(offset: offset, bytes: bytes))
      }
      offset += UInt64(table.byteCount)
    }
    return corrections
  }
}

extension [UInt8] {
  /// Flips the one bit that a checksum says is wrong; false if there is no such bit.
  mutating func correct(to checksum: UInt32) -> Bool {
    guard let (offset, mask) = CRC32C.flippedBit(in: self, expected: checksum) else {
      return false
    }
    self[offset] ^= mask
    return true
  }

  /// A file that ends with the checksum of all before it, with its one flipped bit put right; nothing
  /// if more than one is wrong, or none.
  var corrected: [UInt8]? {
    guard count > 4 else { return nil }
    var content = Array(dropLast(4))
    var reader = ByteReader(span.extracting((count - 4)..<count))
    guard let expected = try? reader.readUInt32() else { return nil }
    let difference = CRC32C.checksum(content) ^ expected
    // The bit may be one of the checksum's own.
    if difference.nonzeroBitCount != 1, !content.correct(to: expected) { return nil }
    return content.checked
  }
}
