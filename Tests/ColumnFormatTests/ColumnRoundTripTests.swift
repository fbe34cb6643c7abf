import BinaryCoding
import ColumnFormat
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

/// A segment as its encoder gives it.
struct EncodedSegment {
  let records: [[UInt8]]
  let tables: [ColumnTable]
  var blocks: [EncodedBlock] = []

  init(_ records: [[UInt8]]) throws {
    self.records = records
    var ends: [Int] = []
    for record in records { ends.append((ends.last ?? 0) + record.count) }
    var encoder = try ColumnEncoder(records: records.flatMap { $0 }, ends: ends)
    tables = encoder.tables
    for block in 0..<encoder.blockCount {
      blocks.append(try encoder.encode(block: block))
    }
  }

  /// Reads every record back.
  func decoded() throws -> [[UInt8]] {
    let tables = try ColumnTables(tables)
    var all: [[UInt8]] = []
    for block in blocks {
      let read = try tables.records(
        facts: block.facts.span, persons: block.persons.span, rowCount: block.rowCount)
      for (row, end) in read.ends.enumerated() {
        all.append(Array(read.bytes[(row == 0 ? 0 : read.ends[row - 1])..<end]))
      }
    }
    return all
  }

  /// Bytes of tables and blocks.
  var byteCount: Int {
    tables.reduce(0) { $0 + $1.bytes.count }
      + blocks.reduce(0) { $0 + $1.facts.count + $1.persons.count }
  }
}

/// Records for tests.
enum SampleRecords {
  /// Records of a synthetic company's customers, of two origins.
  static func customers(seed: UInt64, count: Int) -> [[UInt8]] {
    var workload = CustomerWorkload(seed: seed, customerCount: 40)
    return drafts(workload.drafts(count: count), seed: seed)
  }

  /// Records of drafts, recorded one after another by two origins.
  static func drafts(_ drafts: [EventDraft], seed: UInt64 = 7) -> [[UInt8]] {
    var random = SeededGenerator(seed: seed)
    let origins = [random.origin(), random.origin()]
    var clock = HybridClock()
    return drafts.enumerated().map { index, draft in
      let origin = origins[index / 50 % 2]
      let recorded = clock.issue(wallMilliseconds: 1_700_000_000_000 + Int64(index / 3))
      let event = Event(
        dot: Dot(origin: origin, sequence: UInt64(index + 1)), recorded: recorded, draft: draft)
      return event.encoded
    }
  }

  /// A draft of sections, the first of them facts.
  static func draft(_ sections: [Section], type index: Int = 0) -> EventDraft {
    let entry = EventCatalogue.builtIn.entries[index]
    return EventDraft(
      channel: .web, type: entry.schema.type, schema: entry.digest, sections: sections)
  }
}

@Suite("Columns give records back")
struct ColumnRoundTripTests {
  static func check(_ records: [[UInt8]]) throws {
    #expect(try EncodedSegment(records).decoded() == records)
  }

  @Test("Events of a synthetic company", arguments: [0, 1, 3, 5, 100, 4096, 4097, 9000])
  func customers(count: Int) throws {
    let records = SampleRecords.customers(seed: 3, count: count)
    let segment = try EncodedSegment(records)
    #expect(try segment.decoded() == records)
    let rawCount = records.reduce(0) { $0 + $1.count }
    #expect(count < 4096 || segment.byteCount * 3 < rawCount)
  }

  @Test("Random events", arguments: 1...20 as ClosedRange<UInt64>)
  func random(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    let count = UInt64.random(in: 1...600, using: &random)
    var records = random.events(of: origin, sequences: 1...count).map(\.encoded)
    // Shapes need more than one row each.
    records += (0..<300).map { _ in records[Int.random(in: 0..<records.count, using: &random)] }
    try Self.check(records)
  }

  @Test("Every kind of value, each often")
  func kinds() throws {
    var random = SeededGenerator(seed: 5)
    let drafts = (0..<5000).map { index in
      let fields: [Value.Field] = [
        Value.Field("amount", random.oneIn(3) ? .integer(random.integer()) : .null),
        Value.Field("array", .array((0..<index % 5).map { .integer(Int64($0)) })),
        Value.Field("empty", .object([])),
        Value.Field("flag", .boolean(random.oneIn(2))),
        Value.Field("mixed", random.value(depth: 1)),
        Value.Field(
          "nested",
          .array([.array([.text(random.text()), .null]), .object([.init("x", .integer(1))])])),
        Value.Field("number", .number("1e\(index)")),
        Value.Field(
          "price",
          Decimal64(coefficient: Int64(index) * 5, scale: 2).map { .decimal($0) } ?? .null),
        Value.Field("same", .text("always")),
        Value.Field("text", .text(random.text())),
      ]
      return SampleRecords.draft([Section(fields), Section(fields), Section(fields)])
    }
    try Self.check(SampleRecords.drafts(drafts))
  }

  @Test("Texts of every form, and texts that are nearly of one")
  func forms() throws {
    var random = SeededGenerator(seed: 6)
    func hex(_ count: Int) -> String {
      String((0..<count).map { _ in random.pick(Array("0123456789abcdef")) })
    }
    let drafts = (0..<5000).map { index in
      let uuid = "\(hex(8))-\(hex(4))-4\(hex(3))-a\(hex(3))-\(hex(12))"
      let person: [Value.Field] = [
        Value.Field("@id", .text(random.oneIn(50) ? uuid.uppercased() : uuid)),
        Value.Field("a", .text("order-\(index * 7)")),
        Value.Field("b", .text("00\(100_000 + index)")),
        Value.Field("c", .text(index % 9 == 0 ? "0" : "\(index)#")),
        Value.Field("d", .text("dev-\(hex(16))")),
        Value.Field("e", .text("\(hex(8))-\(hex(4))-\(hex(4))-\(hex(4))-\(hex(12))")),
        Value.Field("f", .text("\(hex(12))4\(hex(3))8\(hex(15))")),
        Value.Field("g", .text("2026-11-\(10 + index % 19) 0\(index % 9):15:00")),
        Value.Field("h", .text("\(UInt64.max)")),
        Value.Field(
          "j", .text("\(1 + index % 31)/\(1 + index % 13)/\(1990 + index % 99) 10:0\(index % 10)")),
        Value.Field(
          "k", .text("20\(10 + index % 90)-02-\(10 + index % 20)T23:59:59.\(100 + index % 900)Z")),
        Value.Field("l", .text("000\(1 + index % 9)-12-31")),
        Value.Field("i", .text(random.oneIn(2) ? "" : "999999999999999999")),
      ]
      return SampleRecords.draft([.empty, Section(person)])
    }
    try Self.check(SampleRecords.drafts(drafts))
  }

  @Test("Columns that go by other columns, with exceptions")
  func predictors() throws {
    var random = SeededGenerator(seed: 8)
    let drafts = (0..<12_000).map { index in
      let user = Int.random(in: 0..<500, using: &random)
      let name = random.oneIn(40) ? "someone" : "name of \(user * 31)"
      var person: [Value.Field] = [
        Value.Field(
          "@identifiers", .array([.text("email:u\(user)@example.com"), .text("user:u\(user)")])),
        Value.Field("copy", .text(random.oneIn(30) ? "x" : "<u\(user)@example.com>")),
      ]
      if !random.oneIn(100) { person.append(Value.Field("name", .text(name))) }
      person.append(Value.Field("run", .text("part \(index / 100)")))
      return SampleRecords.draft([
        Section([
          Value.Field("price", .integer(Int64(user % 90 * 37))),
          Value.Field("sku", .text("sku-\(user % 90)")),
        ]), Section(person),
      ])
    }
    try Self.check(SampleRecords.drafts(drafts))
  }

  @Test("Husks, sixteen sections, deep values, and a section of a megabyte")
  func extremes() throws {
    var deep = Value.text("bottom")
    for _ in 0..<62 { deep = .array([deep]) }
    let gone = Section(erased: Digest256.hash([1, 2, 3].span))
    let plain = Section([Value.Field("a", .text("b"))])
    let large = Section([Value.Field("a", .text(String(repeating: "ab", count: 500_000)))])
    let sections: [[Section]] = [
      [plain, gone], [gone, plain], [gone, gone], Array(repeating: plain, count: 16),
      [Section([Value.Field("deep", deep)]), plain], [.empty, .empty], [.empty, large],
    ]
    let drafts = (0..<70).map { SampleRecords.draft(sections[$0 % 7]) }
    try Self.check(SampleRecords.drafts(drafts))
  }

  @Test("Objects whose names are data, and shapes past every bound")
  func explosions() throws {
    var random = SeededGenerator(seed: 9)
    let drafts = (0..<6000).map { index in
      let names = (0..<3).map { _ in "k\(Int.random(in: 0..<400, using: &random))" }
      let fields = Set(names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        .map { Value.Field($0, .integer(1)) }
      return SampleRecords.draft([
        index % 2 == 0 ? Section(fields) : Section([Value.Field("map", .object(fields))]),
        Section([Value.Field("list", .array(Array(repeating: .null, count: index % 40 * 40)))]),
      ])
    }
    try Self.check(SampleRecords.drafts(drafts))
  }

  @Test("What is no record behind its time is kept as it is")
  func junk() throws {
    var random = SeededGenerator(seed: 10)
    let good = SampleRecords.customers(seed: 4, count: 400)
    let records = good.map { record in
      random.oneIn(3)
        ? Array(record.prefix(51)) + random.bytes(Int.random(in: 0...60, using: &random)) : record
    }
    try Self.check(records)
  }
}
