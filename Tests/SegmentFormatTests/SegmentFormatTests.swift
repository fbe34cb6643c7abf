import BinaryCoding
import EventModel
import HybridTime
import SegmentFormat
import SyntheticWorkload
import Testing

@Suite("Segments")
struct SegmentFormatTests {
  static let header = SegmentHeader(
    book: BookID(high: 3, low: 4), number: 7, firstPosition: 1001)

  /// A segment of random events of two origins, with an echo and a received run.
  static func make(seed: UInt64, count: Int) throws -> ([UInt8], SegmentFooter, [Event]) {
    var random = SeededGenerator(seed: seed)
    let origins = (0..<2).map { _ in random.origin() }
    var events: [Event] = []
    for origin in origins {
      events += random.events(of: origin, sequences: 1...UInt64(count / 2))
    }
    var writer = try SegmentWriter.make(header)
    var bytes = writer.headerBytes
    for (row, event) in events.enumerated() {
      let keys = EventKeys(event, in: header.book)
      let echo =
        row == 3 ? Echo(distance: 2, isSameContent: true, contentChecksum: 9) : nil
      bytes += try writer.add(
        event.encoded.span, of: EventOutline(event), key: keys.idempotencyKey, echo: echo,
        identifierKeys: keys.identifierKeys)
    }
    let received = [
      ReceivedRun(firstRow: 1, rowCount: 2, time: HybridTimestamp(rawValue: 5))
    ]
    let end = try writer.finish(received: received, clock: HybridTimestamp(rawValue: 77))
    return (bytes + end.bytes, end.footer, events)
  }

  @Test(
    "What was written is found again, by row, dot, key and identifier", arguments: [4, 40, 3000])
  func roundTrip(count: Int) throws {
    let (bytes, written, events) = try Self.make(seed: 1, count: count)
    #expect(try SegmentHeader([UInt8](bytes.prefix(SegmentHeader.byteCount))) == Self.header)
    let trailer = try SegmentTrailer(
      [UInt8](bytes.suffix(SegmentTrailer.byteCount)), fileByteCount: UInt64(bytes.count))
    let start = Int(trailer.footerOffset)
    let footer = try SegmentFooter(
      [UInt8](bytes[start..<(start + Int(trailer.footerByteCount))]))
    #expect(footer == written)
    #expect(footer.rowCount == events.count)
    #expect(count < 3000 || footer.blocks.count > 1)
    for (row, event) in events.enumerated() {
      #expect(footer.run(from: event.dot)?.row == row)
      let index = try #require(footer.blockIndex(ofRow: row))
      #expect(
        (footer.blocks[index]
          .firstRow..<(footer.blocks[index].firstRow + footer.blocks[index].rowCount))
          .contains(row))
    }
    try checkBlocks(bytes, footer, events)
    try checkIdentifiers(bytes, footer, events)
    let keysStart = Int(footer.keysOffset)
    let keys = try KeyColumn.decode(
      [UInt8](bytes[keysStart..<(keysStart + footer.keysByteCount)]), footer: footer)
    #expect(keys == events.map { EventKeys($0, in: Self.header.book).idempotencyKey })
    #expect(footer.receivedTime(ofRow: 0) == nil)
    #expect(footer.receivedTime(ofRow: 2)?.rawValue == 5)
    #expect(footer.receivedTime(ofRow: 3) == nil)
    #expect(footer.clock.rawValue == 77)
  }

  private func checkBlocks(
    _ bytes: [UInt8], _ footer: SegmentFooter, _ events: [Event]
  ) throws {
    for (index, summary) in footer.blocks.enumerated() {
      let start = Int(summary.offset)
      let block = try SegmentBlock(
        [UInt8](bytes[start..<(start + summary.byteCount)]), summary: summary, index: index)
      #expect(block.rowCount == summary.rowCount)
      for row in 0..<block.rowCount {
        let event = events[summary.firstRow + row]
        #expect(try block.event(atRow: row, blockIndex: index) == event)
        #expect(summary.occurred.contains(event.occurredMilliseconds))
        #expect(summary.recorded.contains(event.recorded.rawValue))
        #expect(summary.channels & (1 << event.channel.rawValue) != 0)
        #expect(summary.types.contains { footer.types[$0].name == event.type.name })
      }
    }
  }

  private func checkIdentifiers(
    _ bytes: [UInt8], _ footer: SegmentFooter, _ events: [Event]
  ) throws {
    var rows: [Identifier: [Int]] = [:]
    for (row, event) in events.enumerated() {
      for identifier in Set(event.persons.flatMap(\.identifiers)) {
        rows[identifier, default: []].append(row)
      }
    }
    for (identifier, expected) in rows {
      let key = Self.header.book.indexHash.hash(identifier.name.span)
      let page = try #require(footer.identifierPages.page(forKey: key))
      let start = Int(footer.identifiersOffset) + page.offset
      let found = try IdentifierIndex.places(
        ofKey: key, inPage: [UInt8](bytes[start..<(start + page.byteCount)]),
        placeCount: footer.rowCount)
      #expect(found == expected)
    }
  }

  @Test("An index of many identifiers has many pages, and each finds its own")
  func manyPages() throws {
    var random = SeededGenerator(seed: 4)
    let entries = (0..<20_000).map { row in
      IdentifierIndex.Entry(key: random.next(), place: UInt32(row))
    }
    let (bytes, pages) = IdentifierIndex.build(entries)
    #expect(pages.count > 10)
    #expect(pages.allSatisfy { $0.byteCount < 5000 })
    for entry in entries where entry.place % 97 == 0 {
      let page = try #require(pages.page(forKey: entry.key))
      let part = [UInt8](bytes[page.offset..<(page.offset + page.byteCount)])
      let rows = try IdentifierIndex.places(ofKey: entry.key, inPage: part, placeCount: 20_000)
      #expect(rows.contains(Int(entry.place)))
    }
  }

  @Test("No cut or changed byte of a footer traps, whatever it then says", arguments: UInt64(1)...4)
  func hostileFooters(seed: UInt64) throws {
    let (_, footer, _) = try Self.make(seed: seed, count: 30)
    let bytes = footer.encoded
    var random = SeededGenerator(seed: seed)
    for end in 0..<bytes.count {
      #expect(throws: SegmentFault.self) { try SegmentFooter([UInt8](bytes[..<end])) }
    }
    for _ in 0..<3000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<changed.count, using: &random)] = random.pick([
          0, 1, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: random.next()),
        ])
      }
      guard let found = try? SegmentFooter(changed) else { continue }
      use(found, &random)
    }
    for _ in 0..<3000 {
      let noise = random.bytes(Int.random(in: 0...200, using: &random))
      if let found = try? SegmentFooter(noise) { use(found, &random) }
    }
  }

  /// Asks a footer everything; an answer may be wrong, but must come.
  private func use(_ footer: SegmentFooter, _ random: inout SeededGenerator) {
    _ = footer.encoded
    _ = footer.identifiersOffset + UInt64(footer.identifiersByteCount)
    for row in [0, footer.rowCount - 1, footer.rowCount] {
      if let index = footer.blockIndex(ofRow: row) { #expect(index < footer.blocks.count) }
      _ = footer.receivedTime(ofRow: row)
    }
    for run in footer.runs {
      _ = footer.run(from: Dot(origin: run.origin, sequence: run.firstSequence))
      _ = footer.run(from: Dot(origin: run.origin, sequence: .max))
    }
  }

  @Test("No changed byte of header, trailer, page or block traps", arguments: UInt64(1)...2)
  func hostileParts(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let (bytes, footer, _) = try Self.make(seed: seed, count: 30)
    let summary = footer.blocks[0]
    let frame = [UInt8](bytes[Int(summary.offset)..<(Int(summary.offset) + summary.byteCount)])
    let pageStart = Int(footer.identifiersOffset)
    let page = [UInt8](bytes[pageStart..<(pageStart + footer.identifierPages[0].byteCount)])
    for _ in 0..<2000 {
      var header = [UInt8](bytes.prefix(SegmentHeader.byteCount))
      header[Int.random(in: 0..<header.count, using: &random)] ^=
        1 << UInt8.random(in: 0..<8, using: &random)
      #expect((try? SegmentHeader(header)).map { $0 == Self.header } ?? true)
      _ = try? SegmentTrailer(random.bytes(28), fileByteCount: random.next())
      var changedPage = page
      changedPage[Int.random(in: 0..<page.count, using: &random)] = UInt8(
        truncatingIfNeeded: random.next())
      let rows = try? IdentifierIndex.places(
        ofKey: random.next(), inPage: changedPage, placeCount: 30)
      #expect(rows?.allSatisfy { $0 < 30 } ?? true)
      var changedFrame = frame
      changedFrame[Int.random(in: 0..<frame.count, using: &random)] ^= 0x10
      var claimed = summary
      claimed.checksum = CRC32C.checksum(changedFrame)
      if let block = try? SegmentBlock(changedFrame, summary: claimed, index: 0) {
        for row in 0..<block.rowCount { _ = try? block.event(atRow: row, blockIndex: 0) }
      }
    }
  }
}
