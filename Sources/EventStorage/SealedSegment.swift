internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// A sealed segment's file, open for reading, and its footer.
///
/// Immutable; a class because all snapshots share one open file.
final class SealedSegment: Sendable {
  let number: UInt64
  let footer: SegmentFooter
  /// The file's length.
  let byteCount: UInt64
  let footerChecksum: UInt32
  private let file: any DurableFile
  /// The file's name, for messages.
  let name: String

  var firstPosition: UInt64 { footer.firstPosition }
  /// The position behind the last event.
  var endPosition: UInt64 { footer.firstPosition + UInt64(footer.rowCount) }

  private init(
    number: UInt64, footer: SegmentFooter, byteCount: UInt64, footerChecksum: UInt32,
    file: any DurableFile
  ) {
    self.number = number
    self.footer = footer
    self.byteCount = byteCount
    self.footerChecksum = footerChecksum
    self.file = file
    name = "log/" + StoreFiles.segmentName(number)
  }

  /// Opens a segment and checks header, trailer and footer against what the manifest says.
  static func open(
    _ entry: Manifest.Segment, _ identity: LogIdentity, files: StoreFiles,
    _ fileSystem: any FileSystem
  ) throws(StorageError) -> SealedSegment {
    let path = files.segment(entry.number)
    let file: any DurableFile
    do throws(FileFault) {
      file = try fileSystem.open(path, for: .reading)
    } catch {
      guard error.isNotFound else { throw .disk(error) }
      throw .damaged(entry.damage(offset: 0, byteCount: entry.byteCount, "the file is missing"))
    }
    let byteCount = try onDisk { () throws(FileFault) in try file.byteCount() }
    guard byteCount == entry.byteCount else {
      throw .damaged(
        entry.damage(
          offset: 0, byteCount: byteCount,
          "the file has \(byteCount) bytes, the manifest says \(entry.byteCount)"))
    }
    let result: Result<SegmentFooter, StorageError>
    do throws(SegmentFault) {
      result = try readFooter(file, byteCount, entry, identity)
    } catch {
      throw entry.storageError(error)
    }
    return SealedSegment(
      number: entry.number, footer: try result.get(), byteCount: byteCount,
      footerChecksum: entry.footerChecksum, file: file)
  }

  /// Reads and checks header, trailer and footer; a fault of the disk is kept apart.
  private static func readFooter(
    _ file: any DurableFile, _ byteCount: UInt64, _ entry: Manifest.Segment,
    _ identity: LogIdentity
  ) throws(SegmentFault) -> Result<SegmentFooter, StorageError> {
    let head: [UInt8]
    let tail: [UInt8]
    do throws(FileFault) {
      head = try file.read(count: SegmentHeader.byteCount, at: 0)
      let tailCount = UInt64(SegmentTrailer.byteCount)
      tail = try file.read(
        count: SegmentTrailer.byteCount, at: byteCount > tailCount ? byteCount - tailCount : 0)
    } catch {
      return .failure(.disk(error))
    }
    let expected = SegmentHeader(
      book: identity.book, number: entry.number, firstPosition: entry.firstPosition)
    guard try SegmentHeader(head) == expected else {
      throw SegmentFault(.header, .disagreement("book, number or first position"))
    }
    let trailer = try SegmentTrailer(tail, fileByteCount: byteCount)
    let bytes: [UInt8]
    do throws(FileFault) {
      bytes = try file.read(count: Int(trailer.footerByteCount), at: trailer.footerOffset)
    } catch {
      return .failure(.disk(error))
    }
    return .success(try checkedFooter(bytes, trailer, entry))
  }

  private static func checkedFooter(
    _ bytes: [UInt8], _ trailer: SegmentTrailer, _ entry: Manifest.Segment
  ) throws(SegmentFault) -> SegmentFooter {
    let found = CRC32C.checksum(bytes)
    guard found == trailer.footerChecksum, found == entry.footerChecksum else {
      throw SegmentFault(.footer, .checksum(expected: entry.footerChecksum, found: found))
    }
    let footer = try SegmentFooter(bytes)
    guard footer.firstPosition == entry.firstPosition, footer.rowCount == entry.rowCount,
      footer.identifiersOffset + UInt64(footer.identifiersByteCount) == trailer.footerOffset
    else { throw SegmentFault(.footer, .disagreement("manifest and footer")) }
    return footer
  }

  /// Reads a block's bytes.
  func readFrame(_ index: Int) throws(StorageError) -> [UInt8] {
    let summary = footer.blocks[index]
    return try onDisk { () throws(FileFault) in
      try file.read(count: summary.byteCount, at: summary.offset)
    }
  }

  /// Reads bytes of the file.
  func read(count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
    try onDisk { () throws(FileFault) in try file.read(count: count, at: offset) }
  }

  /// The event in a row of a block.
  func event(
    in block: SegmentBlock, _ index: Int, row: Int
  ) throws(StorageError) -> Event {
    do throws(SegmentFault) {
      return try block.event(atRow: row, blockIndex: index)
    } catch {
      throw storageError(error)
    }
  }

  /// The event in a row of a block, with every rule of the event's encoding checked.
  func checkedEvent(
    in block: SegmentBlock, _ index: Int, row: Int
  ) throws(StorageError) -> Event {
    do throws(DecodingFault) {
      return try Event(checking: block.record(atRow: row).span)
    } catch {
      throw storageError(SegmentFault(.block(index), .decoding(error)))
    }
  }

  /// The hash of each row's idempotency key: the key column of a segment of rows, computed in one
  /// of columns.
  func readKeys(_ keys: inout EventKeys) throws(StorageError) -> [UInt64] {
    isColumnar ? try computeKeys(&keys) : try readKeyColumn()
  }

  /// Reads the key column of a segment of rows.
  func readKeyColumn() throws(StorageError) -> [UInt64] {
    let bytes = try onDisk { () throws(FileFault) in
      try file.read(count: footer.keysByteCount, at: footer.keysOffset)
    }
    do throws(SegmentFault) {
      return try KeyColumn.decode(bytes, footer: footer)
    } catch {
      throw storageError(error)
    }
  }

  /// Calls `body` with each row of a segment of rows and the event's outline.
  func forEachOutline(
    _ body: (Int, EventOutline) -> Void
  ) throws(StorageError) {
    for (index, summary) in footer.blocks.enumerated() {
      let block = try block(try readFrame(index), index, nil)
      for row in 0..<block.rowCount {
        body(summary.firstRow + row, EventOutline(try event(in: block, index, row: row)))
      }
    }
  }

  /// Reads a page of the identifier index and compares its checksum.
  func readPage(_ page: IdentifierPage) throws(StorageError) -> [UInt8] {
    let bytes = try onDisk { () throws(FileFault) in
      try file.read(count: page.byteCount, at: footer.identifiersOffset + UInt64(page.offset))
    }
    let found = CRC32C.checksum(bytes)
    guard found == page.checksum else {
      throw storageError(
        SegmentFault(.identifiers, .checksum(expected: page.checksum, found: found)))
    }
    return bytes
  }

  /// The rows, or in a segment of columns the blocks, that name an identifier, ascending; maybe some
  /// that do not.
  func places(ofIdentifier key: UInt64) throws(StorageError) -> [Int] {
    guard let page = footer.identifierPages.page(forKey: key) else { return [] }
    let bytes = try readPage(page)
    do throws(SegmentFault) {
      return try IdentifierIndex.places(
        ofKey: key, inPage: bytes,
        placeCount: isColumnar ? footer.blocks.count : footer.rowCount)
    } catch {
      throw storageError(error)
    }
  }

  /// A fault in this segment as the log reports it: with its extent and the events concerned.
  func storageError(_ fault: SegmentFault) -> StorageError {
    .damaged(damage(fault))
  }

  /// Where a fault lies in the file.
  func damage(_ fault: SegmentFault) -> StoreDamage {
    var offset: UInt64 = 0
    var count = byteCount
    var positions: ClosedRange<UInt64>?
    switch fault.part {
    case .header: count = UInt64(SegmentHeader.byteCount)
    case .block(let index) where index < footer.blocks.count:
      let block = footer.blocks[index]
      (offset, count) = (block.offset, UInt64(block.byteCount))
      let first = firstPosition + UInt64(block.firstRow)
      positions = first...(first + UInt64(block.rowCount) - 1)
    case .block: break
    case .tables: (offset, count) = (footer.tablesOffset, UInt64(footer.tablesByteCount))
    case .keys: (offset, count) = (footer.keysOffset, UInt64(footer.keysByteCount))
    case .identifiers:
      (offset, count) = (footer.identifiersOffset, UInt64(footer.identifiersByteCount))
    case .footer, .trailer:
      offset = footer.identifiersOffset + UInt64(footer.identifiersByteCount)
      count = byteCount - offset
    }
    return StoreDamage(
      file: name, offset: offset, byteCount: count, positions: positions,
      problem: "\(fault.reason)")
  }
}

extension Manifest.Segment {
  fileprivate func damage(
    offset: UInt64, byteCount: UInt64, _ problem: String
  ) -> StoreDamage {
    StoreDamage(
      file: "log/" + StoreFiles.segmentName(number), offset: offset, byteCount: byteCount,
      positions: rowCount > 0 ? firstPosition...(firstPosition + UInt64(rowCount) - 1) : nil,
      problem: problem)
  }

  /// A fault met before the footer is known, which puts the whole file in doubt.
  fileprivate func storageError(_ fault: SegmentFault) -> StorageError {
    let file = "log/" + StoreFiles.segmentName(number)
    if case .version(let found) = fault.reason {
      return .version(file: file, found: found, supported: LogIdentity.formatVersionWritten)
    }
    return .damaged(
      damage(offset: 0, byteCount: byteCount, "\(fault.part): \(fault.reason)"))
  }
}
