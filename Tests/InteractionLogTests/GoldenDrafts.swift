import EventModel
import SyntheticWorkload
import Testing

/// Made-up interactions that together show every form of `docs/format/columns.md`.
struct GoldenDrafts {
  /// How the source ids of a book are written: a form of its own, or numbered.
  enum IDs { case numbered, uuid, uuidWithoutDashes, anyUUID }

  private var random: SeededGenerator
  private let ids: IDs
  private var milliseconds: Int64 = 1_789_000_000_000
  private var count = 0

  init(seed: UInt64, ids: IDs) {
    random = SeededGenerator(seed: seed)
    self.ids = ids
  }

  /// A view of a page by nobody in particular: what most events are like.
  mutating func view(page: Int) throws -> EventDraft {
    try draft(
      "page.viewed", .web,
      facts: [
        .init("@occurred", .integer(nextTime())), .init("page_id", .text("page-\(page)")),
        .init("section", .text(Self.departments[page % 7])),
      ],
      person: [
        .init("@id", .text(nextID())), .init("@source", "web-sdk"),
        .init("plan", .text("plan \(page % 5)")),
      ])
  }

  /// An order with amounts of each scale, an array, words, and copies of the person's number.
  mutating func order(of person: Int) throws -> EventDraft {
    var facts: [Value.Field] = [
      .init("@occurred", .integer(nextTime())),
      .init("@touchpoint", .text(Self.departments[person % 7])),
      .init("amount", try decimal(Int64.random(in: 1...90_000, using: &random), 2)),
      .init("gift", .boolean(random.oneIn(3))),
      .init("weight", try least(Int64.random(in: 1...4_000, using: &random))),
      .init("width", try written()),
    ]
    if random.oneIn(2) {
      facts.append(.init("zoom", .number("\(Int.random(in: 1...9, using: &random))e400")))
    }
    let note = (0..<12).map { _ in random.pick(Self.words) }.joined(separator: " ")
    let items = (0..<count % 4).map { $0 == 2 ? Value.null : .text("item \($0 * 7)") }
    return try draft(
      "order.placed", .store, facts: facts,
      person: [
        .init("@id", .text(nextID())),
        .init(
          "@identifiers",
          .array([.text("email:u\(person)@example.com"), .text("user:u\(person)")])),
        .init("@source", "till"),
        .init("city", .text(Self.departments[person % 7] + " street")),
        .init("copy", .text(random.oneIn(9) ? "x" : "mailto:u\(person)@example.com")),
        .init("items", .array(items)),
        .init("name", .text(random.oneIn(20) ? "someone" : "name of \(person * 31)")),
        .init("note", .text(note)),
      ])
  }

  /// A call whose person's fields have the forms of texts, one each.
  mutating func call(of person: Int) throws -> EventDraft {
    let when = civilTime()
    let bytes = random.bytes(16)
    return try draft(
      "call.ended", .phone,
      facts: [
        .init("@occurred", .integer(nextTime())),
        .init("duration_seconds", .integer(duration())),
      ],
      person: [
        .init("@context", .object(context())), .init("@id", .text(nextID())),
        .init("@identifiers", .array([.text("phone:+34600\(100_000 + person)")])),
        .init("@source", "switchboard"),
        .init("any", .text(hexadecimal(bytes, version: 9, dashed: true))),
        .init("call", .text(hexadecimal(random.bytes(16), version: 4, dashed: true))),
        .init("day", .text(when.day)), .init("digest", .text("sha:" + hexadecimal(bytes))),
        .init("line", .text("L-00\(100 + person % 900)")),
        .init("place", .text("desk \(count * 3) a")),
        .init("session", .text(hexadecimal(random.bytes(16), version: 4, dashed: false))),
        .init("stamp", .text(when.stamp)), .init("till", .text(when.till)),
      ])
  }

  // MARK: Parts

  private static let departments = [
    "coats", "shoes", "bags", "hats", "gloves", "belts", "scarves",
  ]
  private static let words = [
    "the", "coat", "came", "late", "but", "it", "fits", "please", "send", "another", "one", "blue",
    "before", "Friday", "thanks", "again",
  ]

  private mutating func nextTime() -> Int64 {
    milliseconds += Int64.random(in: 1...90_000, using: &random)
    return milliseconds
  }

  private mutating func nextID() -> String {
    count += 1
    return switch ids {
    case .numbered: "r-\(count)"
    case .uuid: hexadecimal(random.bytes(16), version: 4, dashed: true)
    case .uuidWithoutDashes: hexadecimal(random.bytes(16), version: 4, dashed: false)
    case .anyUUID: hexadecimal(random.bytes(16), version: 9, dashed: true)
    }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// A UUID of a version, and of the usual variant.
  private func hexadecimal(_ bytes: [UInt8], version: UInt8, dashed: Bool) -> String {
    var bytes = bytes
    bytes[6] = bytes[6] & 15 | version << 4
    bytes[8] = bytes[8] & 63 | 128
    let digits = Array(hexadecimal(bytes))
    guard dashed else { return String(digits) }
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
      .joined(separator: "-")
  }

  private func decimal(_ coefficient: Int64, _ scale: UInt8) throws -> Value {
    .decimal(try #require(Decimal64(coefficient: coefficient, scale: scale)))
  }

  /// Tenths, with as few digits as there can be.
  private func least(_ tenths: Int64) throws -> Value {
    tenths % 10 == 0 ? .integer(tenths / 10) : try decimal(tenths, 1)
  }

  /// A decimal with zeros behind, or without.
  private mutating func written() throws -> Value {
    try decimal(Int64.random(in: 1...99, using: &random) * 10, random.pick([1, 2, 3]))
  }

  /// Of any order of magnitude.
  private mutating func duration() -> Int64 {
    let bits = Int64.random(in: 0...24, using: &random)
    return 1 << bits + Int64.random(in: 0..<(1 << bits), using: &random)
  }

  private mutating func civilTime() -> (day: String, stamp: String, till: String) {
    let (month, day) = (
      Int.random(in: 1...12, using: &random), Int.random(in: 1...28, using: &random)
    )
    let (hour, minute) = (
      Int.random(in: 0...23, using: &random), Int.random(in: 0...59, using: &random)
    )
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
    let clock = two(hour) + ":" + two(minute)
    return (
      "2026-\(two(month))-\(two(day))",
      "2026-\(two(month))-\(two(day))T\(clock):\(two(minute)).\(100 + day)Z",
      "\(day)/\(month)/2026 \(clock)"
    )
  }

  /// More sets of names than an object with columns of its own may have.
  private mutating func context() -> [Value.Field] {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"].filter { _ in random.oneIn(2) }
    return names.map { .init($0, .integer(Int64.random(in: 0...9, using: &random))) }
  }

  private func draft(
    _ name: String, _ channel: Channel, facts: [Value.Field], person: [Value.Field]
  ) throws -> EventDraft {
    let type = try #require(EventType(name))
    return EventDraft(
      channel: channel, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
      sections: [Section(facts), Section(person)])
  }
}
