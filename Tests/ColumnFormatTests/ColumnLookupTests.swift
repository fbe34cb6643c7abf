import BinaryCoding
import ColumnFormat
import EventModel
import HybridTime
import SyntheticWorkload
import Testing

@Suite("What columns are looked up by")
struct ColumnLookupTests {
  /// Events with ids that are UUIDs, of few users; some have no person at all.
  static func make(count: Int) throws -> (segment: EncodedSegment, ids: [String?]) {
    var random = SeededGenerator(seed: 21)
    var ids: [String?] = []
    let drafts = (0..<count).map { index in
      guard index % 10 < 9 else {
        ids.append(nil)
        return SampleRecords.draft([.empty, .empty], type: 1)
      }
      let id = uuid(&random)
      ids.append(id)
      return SampleRecords.draft([
        Section([Value.Field("@occurred", .integer(Int64(index) * 1000))]),
        Section([
          Value.Field("@id", .text(id)), Value.Field("@source", .text("till")),
          Value.Field("@identifiers", .array([.text("user:u\(index / 700)")])),
        ]),
      ])
    }
    return (try EncodedSegment(SampleRecords.drafts(drafts)), ids)
  }

  private static func uuid(_ random: inout SeededGenerator) -> String {
    let digits = random.bytes(16).flatMap { byte in
      ["0123456789abcdef"].flatMap { [Array($0)[Int(byte >> 4)], Array($0)[Int(byte & 15)]] }
    }
    let text = String(digits)
    let parts = [text.prefix(8), text.dropFirst(8).prefix(4), text.dropFirst(13).prefix(3)]
    return
      "\(parts[0])-\(parts[1])-4\(parts[2])-9\(text.dropFirst(17).prefix(3))-\(text.suffix(12))"
  }

  @Test("The hashes of idempotency keys are those of the events, also of rows stored as they are")
  func keys() throws {
    let book = BookID(high: 1, low: 2)
    let odd = SampleRecords.drafts([
      SampleRecords.draft([
        .empty, Section([.init("@id", "odd"), .init("@source", "till"), .init("rare", .null)]),
      ])
    ])
    let (segment, _) = try Self.make(count: 5000)
    for records in [
      segment.records, segment.records + odd, SampleRecords.customers(seed: 3, count: 900),
    ] {
      let segment = try EncodedSegment(records)
      let tables = try ColumnTables(segment.tables, for: .keys)
      var keys = EventKeys(in: book)
      var hashes: [UInt64] = []
      for block in segment.blocks {
        hashes += try tables.idempotencyKeys(
          &keys, facts: block.facts.span, persons: block.persons.span, rowCount: block.rowCount)
      }
      let expected = try records.map {
        EventKeys(try Event(checking: $0.span), in: book).idempotencyKey
      }
      #expect(hashes == expected)
      #expect(Set(hashes).count > records.count * 8 / 10)
    }
  }

  private static func rows(
    naming name: String, _ segment: EncodedSegment
  ) throws -> (certain: [Int], possible: [Int]) {
    let tables = try ColumnTables(segment.tables, for: .rows)
    let bytes = Array(name.utf8)
    var certain: [Int] = []
    var possible: [Int] = []
    var identifier = ColumnIdentifier()
    for block in segment.blocks where !identifier.isComplete {
      identifier = try tables.identifier(
        bytes.span, known: identifier, facts: block.facts.span, persons: block.persons.span,
        rowCount: block.rowCount)
    }
    for (index, block) in segment.blocks.enumerated() {
      let rows = try tables.rows(
        naming: identifier, facts: block.facts.span, persons: block.persons.span,
        rowCount: block.rowCount)
      certain += rows.certain.map { index * ColumnLimits.blockRows + $0 }
      possible += rows.possible.map { index * ColumnLimits.blockRows + $0 }
    }
    return (certain, possible)
  }

  @Test("An identifier leads to the rows that name it")
  func identifiers() throws {
    let (segment, ids) = try Self.make(count: 9000)
    for user in 0...12 {
      let expected = ((user * 700)..<min(9000, (user + 1) * 700)).filter { ids[$0] != nil }
      let rows = try Self.rows(naming: "user:u\(user)", segment)
      #expect(rows.certain == expected)
      #expect(rows.possible.isEmpty)
    }
    for stranger in ["user:u13", "email:u1", "nothing"] {
      let rows = try Self.rows(naming: stranger, segment)
      #expect(rows.certain.isEmpty && rows.possible.isEmpty)
    }
  }

  @Test("An identifier is found in each column that has it, from whichever block on")
  func identifiersOfTwoColumns() throws {
    let drafts = (0..<9000).map { index in
      let other = index < 5000 ? "x\(index % 7)" : "u0"
      return SampleRecords.draft([
        .empty,
        Section([Value.Field("@identifiers", .array([.text("user:u\(index / 700)")]))]),
        Section([Value.Field("@identifiers", .array([.text("user:\(other)")]))]),
      ])
    }
    let segment = try EncodedSegment(SampleRecords.drafts(drafts))
    let rows = try Self.rows(naming: "user:u0", segment)
    #expect(rows.certain == Array(0..<700) + Array(5000..<9000))
    #expect(rows.possible.isEmpty)
  }

  @Test("Rows whose identifiers are not listed are possible ones")
  func possibleRows() throws {
    let (segment, _) = try Self.make(count: 100)
    func person(_ identifiers: Value) -> EventDraft {
      SampleRecords.draft([
        .empty,
        Section([Value.Field("@id", .text("x")), Value.Field("@identifiers", identifiers)]),
      ])
    }
    let odd = person(.array([.text("user:u0"), .text("Not an identifier")]))
    let more = SampleRecords.drafts(Array(repeating: odd, count: 6) + [person(.text("user:u0"))])
    let rows = try Self.rows(naming: "user:u0", try EncodedSegment(segment.records + more))
    #expect(rows.certain == (0..<100).filter { $0 % 10 < 9 })
    #expect(rows.possible == Array(100..<107))
  }

  @Test("A scan tells type and times of rows, those stored as they are too")
  func outlines() throws {
    let (segment, ids) = try Self.make(count: 5000)
    let odd = SampleRecords.drafts([
      SampleRecords.draft([
        Section([Value.Field("@occurred", .integer(-5)), Value.Field("rare", .null)]), .empty,
      ])
    ])
    for records in [segment.records, segment.records + odd] {
      let segment = try EncodedSegment(records)
      let tables = try ColumnTables(segment.tables)
      var row = 0
      for block in segment.blocks {
        let scan = try tables.outlines(facts: block.facts.span, rowCount: block.rowCount)
        for outline in scan.rows {
          let record = records[row]
          let event = try Event(checking: record.span)
          #expect(outline.recorded == event.recorded.rawValue)
          #expect(outline.channel == event.channel.rawValue)
          let name = String(decoding: scan.types[Int(outline.type)], as: UTF8.self)
          #expect(name == event.type.description)
          let expected = row == 5000 ? -5 : ids[row] == nil ? nil : Int64(row) * 1000
          #expect(outline.occurred == expected)
          row += 1
        }
      }
    }
  }

  @Test("One row is read as it is among all")
  func rows() throws {
    let records = SampleRecords.customers(seed: 31, count: 700)
    let segment = try EncodedSegment(records)
    for tables in [
      try ColumnTables(segment.tables, for: .records), try ColumnTables(segment.tables, for: .rows),
    ] {
      for row in stride(from: 0, to: 700, by: 23) {
        let block = segment.blocks[0]
        let record = try tables.record(
          row, facts: block.facts.span, persons: block.persons.span, rowCount: 700)
        #expect(record == records[row])
      }
    }
  }
}
