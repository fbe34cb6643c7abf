import BinaryCoding
import ColumnFormat
import EventModel
import SyntheticWorkload
import Testing

@Suite("Damaged columns")
struct ColumnFuzzTests {
  /// A small segment that has every kind of table and of stream.
  static let segment: EncodedSegment? = try? {
    var random = SeededGenerator(seed: 41)
    let drafts = (0..<1200).map { index in
      let user = Int.random(in: 0..<60, using: &random)
      var person: [Value.Field] = [
        Value.Field(
          "@identifiers", .array([.text("user:u\(user)"), .text("email:u\(user)@example.com")])),
        Value.Field("copy", .text(random.oneIn(9) ? "x" : "u\(user)")),
        Value.Field("items", .array((0..<index % 4).map { $0 == 2 ? .null : .text("i\($0)") })),
        Value.Field("name", .text(random.oneIn(20) ? "someone" : "name of \(user * 31)")),
        Value.Field(
          "text",
          .text(
            (0..<9).map { _ in random.pick(["on", "sale", "today", "now"]) }.joined(separator: " "))
        ),
      ]
      if index % 3 > 0 { person.append(Value.Field("value", random.value(depth: 0))) }
      let hex = random.bytes(8).map { byte in "0123456789abcdef".map { $0 }[Int(byte & 15)] }
      person.insert(
        Value.Field("@id", .text("\(String(hex))-0000-4000-8000-0000000\(10_000 + index)")), at: 0)
      let price = Decimal64(coefficient: Int64(user * 5), scale: 2).map { Value.decimal($0) }
      return SampleRecords.draft([
        Section([Value.Field("price", price ?? .null), Value.Field("sku", .text("s\(user)"))]),
        Section(person),
      ])
    }
    return try EncodedSegment(SampleRecords.drafts(drafts))
  }()

  /// Reads everything there is; only a fault may stop it.
  static func readAll(_ tables: [ColumnTable], _ facts: [UInt8], _ persons: [UInt8]) {
    do throws(ColumnFault) {
      let tables = try ColumnTables(tables)
      let user = Array("user:u7".utf8)
      var keys = EventKeys(in: BookID(high: 1, low: 2))
      _ = try? tables.rows(
        naming: tables.identifier(user.span), facts: facts.span, persons: persons.span,
        rowCount: 1200)
      _ = try? tables.idempotencyKeys(
        &keys, facts: facts.span, persons: persons.span, rowCount: 1200)
      _ = try? tables.outlines(facts: facts.span, rowCount: 1200)
      _ = try? tables.record(7, facts: facts.span, persons: persons.span, rowCount: 1200)
      let read = try tables.records(facts: facts.span, persons: persons.span, rowCount: 1200)
      #expect(read.ends.count == 1200)
    } catch {
      return
    }
  }

  static func damage(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    guard !bytes.isEmpty else { return random.bytes(3) }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
    case 1: bytes += random.bytes(2)
    case 2:
      // The beginning holds counts and codecs.
      let at = Int.random(in: 0..<min(bytes.count, 40), using: &random)
      bytes[at] = UInt8(truncatingIfNeeded: random.next())
    default:
      let at = Int.random(in: 0..<bytes.count, using: &random)
      bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }
    return bytes
  }

  @Test(
    "Tables with flipped bits or cut off throw or give something bounded",
    arguments: 1...8 as ClosedRange<UInt64>)
  func tables(seed: UInt64) throws {
    let segment = try #require(Self.segment)
    #expect(try segment.decoded() == segment.records)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<250 {
      var tables = segment.tables
      let at = Int.random(in: 0..<tables.count, using: &random)
      tables[at] = ColumnTable(
        part: tables[at].part, bytes: Self.damage(tables[at].bytes, &random))
      if random.oneIn(30) { tables.remove(at: at) }
      Self.readAll(tables, segment.blocks[0].facts, segment.blocks[0].persons)
    }
  }

  @Test(
    "Blocks with flipped bits or cut off throw or give something bounded",
    arguments: 1...8 as ClosedRange<UInt64>)
  func blocks(seed: UInt64) throws {
    let segment = try #require(Self.segment)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<250 {
      let block = segment.blocks[0]
      let isFacts = random.oneIn(2)
      Self.readAll(
        segment.tables, isFacts ? Self.damage(block.facts, &random) : block.facts,
        isFacts ? block.persons : Self.damage(block.persons, &random))
    }
  }

  @Test("Every cut of a table or part throws or gives something bounded")
  func cuts() throws {
    let segment = try #require(Self.segment)
    for at in segment.tables.indices {
      for count in 0..<min(60, segment.tables[at].bytes.count) {
        var tables = segment.tables
        tables[at] = ColumnTable(
          part: tables[at].part, bytes: Array(tables[at].bytes.prefix(count)))
        #expect(throws: ColumnFault.self) { try ColumnTables(tables) }
      }
    }
  }
}
