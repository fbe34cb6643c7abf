import BinaryCoding
import ColumnFormat
import EventModel
import SegmentFormat

// Parts of a segment without the checksums around them, each reached at once.

extension FuzzEntry {
  static let segmentParts = [
    FuzzEntry(
      "segment-header", seeds: { [Array(try GoldenFiles.bytes("rows/log/000001.seg").prefix(52))] },
      mend: { $0.resealed(0..<48) },
      decode: { _ = try? SegmentHeader([UInt8](copying: $0, 0..<$0.count)) }),
    FuzzEntry(
      "segment-trailer",
      seeds: { [Array(try GoldenFiles.bytes("rows/log/000001.seg").suffix(28))] },
      mend: { $0.resealed(0..<16) },
      decode: { input in
        for length in [28, 2_000, .max] as [UInt64] {
          _ = try? SegmentTrailer([UInt8](copying: input, 0..<input.count), fileByteCount: length)
        }
      }),
    FuzzEntry(
      "segment-footer",
      seeds: {
        try ["rows/log/000001.seg", "columns/log/000005.seg", "blocks/log/000002.seg"].map {
          footer(of: try GoldenFiles.bytes($0))
        }
      },
      decode: { input in
        guard let footer = try? SegmentFooter([UInt8](copying: input, 0..<input.count)) else {
          return
        }
        for row in [0, 7, footer.rowCount - 1, footer.rowCount] {
          _ = footer.blockIndex(ofRow: row)
          _ = footer.receivedTime(ofRow: row)
        }
        _ = footer.keysOffset &+ UInt64(footer.identifiersByteCount)
      }),
    FuzzEntry(
      "block-of-rows", seeds: { [try rowBlock()] },
      decode: { input in
        let bytes = [UInt8](copying: input, 0..<input.count)
        guard var summary = try? rowSummary() else { return }
        summary.byteCount = bytes.count
        summary.checksum = CRC32C.checksum(bytes)
        // What the footer may claim, as it is or too small.
        for (rawByteCount, rowCount) in [(256 << 10, 18), (6_000, 4_096), (0, 0)] {
          summary.rawByteCount = rawByteCount
          summary.rowCount = rowCount
          guard let block = try? SegmentBlock(bytes, summary: summary, index: 0) else { continue }
          for row in 0..<block.rowCount { _ = try? block.event(atRow: row, blockIndex: 0) }
        }
      }),
    FuzzEntry(
      "identifier-page", seeds: { [try identifierPage()] },
      decode: { input in
        let bytes = [UInt8](copying: input, 0..<input.count)
        for key in [0, 1 << 40, .max] as [UInt64] {
          _ = try? IdentifierIndex.places(ofKey: key, inPage: bytes, placeCount: 30)
        }
      }),
    FuzzEntry(
      "segment-of-columns", rounds: 150,
      seeds: {
        try ["columns/log/000005.seg", "uuids-U/log/000002.seg", "uuids-q/log/000002.seg"].map {
          try GoldenFiles.bytes($0)
        }
      },
      mend: { segmentResealed($0) }, decode: { readColumns([UInt8](copying: $0, 0..<$0.count)) }),
  ]

  private static func footer(of segment: [UInt8]) -> [UInt8] {
    guard let offset = segment.word(at: segment.count - 28) else { return [] }
    return Array(segment[offset..<segment.count - 28])
  }

  private static func rowSummary() throws -> BlockSummary {
    try SegmentFooter(footer(of: try GoldenFiles.bytes("rows/log/000001.seg"))).blocks[0]
  }

  private static func rowBlock() throws -> [UInt8] {
    let segment = try GoldenFiles.bytes("rows/log/000001.seg")
    let summary = try rowSummary()
    return Array(segment[Int(summary.offset)..<Int(summary.offset) + summary.byteCount])
  }

  private static func identifierPage() throws -> [UInt8] {
    let segment = try GoldenFiles.bytes("rows/log/000001.seg")
    let footer = try SegmentFooter(footer(of: segment))
    let start = Int(footer.identifiersOffset)
    return Array(segment[start..<start + footer.identifiersByteCount])
  }

  /// Cuts a segment into tables and blocks by its footer, without their checksums, and reads all.
  private static func readColumns(_ bytes: [UInt8]) {
    guard let footer = try? SegmentFooter(footerIfThere(of: bytes)) else { return }
    func part(_ offset: Int, _ count: Int) -> [UInt8] {
      Array(bytes.dropFirst(min(offset, bytes.count)).prefix(count))
    }
    var offset = Int(clamping: footer.tablesOffset)
    var tables: [ColumnTable] = []
    for table in footer.tables {
      tables.append(
        ColumnTable(
          part: table.isPersonal ? .persons : .facts, bytes: part(offset, table.byteCount)))
      offset += table.byteCount
    }
    if let shapes = tables.first { _ = try? ShapeCounter(shapes) }
    var account = try? StreamAccount(tables)
    _ = account?.strings(max: 10)
    for purpose in [ColumnTables.Purpose.records, .rows, .keys] {
      guard let read = try? ColumnTables(tables, for: purpose) else { continue }
      for block in footer.blocks.prefix(4) {
        let facts = part(Int(clamping: block.offset), block.factsByteCount)
        let persons = part(
          Int(clamping: block.offset) + block.factsByteCount, block.byteCount - block.factsByteCount
        )
        try? account?.add(facts: facts.span, persons: persons.span, rowCount: block.rowCount)
        readBlock(read, purpose, facts, persons, block.rowCount)
      }
    }
  }

  private static func readBlock(
    _ tables: ColumnTables, _ purpose: ColumnTables.Purpose, _ facts: [UInt8], _ persons: [UInt8],
    _ rowCount: Int
  ) {
    switch purpose {
    case .records:
      _ = try? tables.records(facts: facts.span, persons: persons.span, rowCount: rowCount)
      _ = try? tables.outlines(facts: facts.span, rowCount: rowCount)
    case .rows:
      for row in [0, rowCount - 1, rowCount] {
        _ = try? tables.record(row, facts: facts.span, persons: persons.span, rowCount: rowCount)
      }
      let name = Array("user:u7".utf8)
      guard
        let identifier = try? tables.identifier(
          name.span, facts: facts.span, persons: persons.span, rowCount: rowCount)
      else { return }
      _ = try? tables.rows(
        naming: identifier, facts: facts.span, persons: persons.span, rowCount: rowCount)
    default:
      var keys = EventKeys(in: BookID(high: 1, low: 2))
      _ = try? tables.idempotencyKeys(
        &keys, facts: facts.span, persons: persons.span, rowCount: rowCount)
    }
  }

  private static func footerIfThere(of segment: [UInt8]) -> [UInt8] {
    guard segment.count >= 28, let offset = segment.word(at: segment.count - 28),
      offset < segment.count - 28
    else { return [] }
    return Array(segment[offset..<segment.count - 28])
  }
}
