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
          Value.Field("@id", .text(id)),
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

  @Test("Every source id has a rank that leads to its row; strangers have none")
  func sourceIDs() throws {
    let (segment, ids) = try Self.make(count: 5000)
    let tables = try ColumnTables(segment.tables)
    #expect(tables.hasKeys)
    var row = 0
    for block in segment.blocks {
      #expect(!block.hasUnlisted)
      let ranks = try tables.ranks(
        facts: block.facts.span, persons: block.persons.span, rowCount: block.rowCount)
      #expect(ranks.count == block.rowCount)
      for rank in ranks {
        let found = ids[row].flatMap { Self.rank($0, tables) }
        #expect(rank == found ?? -1)
        row += 1
      }
    }
    for stranger in ["00000000-0000-4000-8000-000000000000", "none"] {
      #expect(Self.rank(stranger, tables) == nil)
    }
  }

  private static func rank(_ text: String, _ tables: ColumnTables) -> Int? {
    let bytes = Array(text.utf8)
    return tables.rank(ofSourceID: bytes.span)
  }

  private static func ranks(_ text: String, _ tables: ColumnTables) -> [IdentifierRank] {
    let bytes = Array(text.utf8)
    return tables.ranks(ofIdentifier: bytes.span)
  }

  @Test("An identifier leads to the blocks that hold it")
  func identifiers() throws {
    let (segment, _) = try Self.make(count: 9000)
    let tables = try ColumnTables(segment.tables)
    for user in 0...12 {
      let ranks = Self.ranks("user:u\(user)", tables)
      let rows = (user * 700)..<min(9000, (user + 1) * 700)
      let rank = try #require(ranks.first)
      #expect(tables.blocks(holding: rank) == Array(Set(rows.map { $0 / 4096 })).sorted())
    }
    for stranger in ["user:u13", "email:u1", "nothing"] {
      #expect(Self.ranks(stranger, tables).isEmpty)
    }
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
    let tables = try ColumnTables(segment.tables)
    for row in stride(from: 0, to: 700, by: 23) {
      let block = segment.blocks[0]
      let record = try tables.record(
        row, facts: block.facts.span, persons: block.persons.span, rowCount: 700)
      #expect(record == records[row])
    }
  }
}
