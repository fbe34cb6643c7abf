import BinaryCoding
import EventModel
import HybridTime
import MerkleProofs
import MerkleProofsTests
import Testing

/// `Golden/events.json`: a book's founding, events of every shape, and the root of their set.
@Suite("Vectors of events")
struct EventVectorTests {
  private let founding: BookFounding
  private let first: OriginID
  private let second: OriginID
  private let salts: VectorSalts

  init() throws {
    let owner = try #require(DeviceKey(bytes: [UInt8](repeating: 0xab, count: 32)))
    let other = try #require(DeviceKey(bytes: [UInt8](repeating: 0x17, count: 32)))
    founding = BookFounding(owner: owner, nonceHigh: 0x0011_2233_4455_6677, nonceLow: 7)
    first = OriginID(incarnation: 0x0102_0304_0506_0708, key: owner)
    second = OriginID(incarnation: 0xfedc_ba98_7654_3210, key: other)
    salts = VectorSalts([(first, 0), (first, 1), (second, 0)])
  }

  @Test("Events, their husks and their set are as in the golden file")
  func golden() throws {
    let events = try events()
    for (_, event) in events { #expect(try Event(checking: event.encoded.span) == event) }
    try VectorText.object([
      ("kind", "event"), ("version", 1), ("founding", foundingText), ("windows", salts.text),
      (
        "events",
        .list(events.map { $0.event.vector($0.what, book: founding.book, salts: salts) })
      ),
      ("husks", .list(try husks(of: try threePersons()))),
      ("set_root", try setRoot(of: events.map(\.event))),
    ]).expectGolden("events.json")
  }

  private var foundingText: VectorText {
    .object([
      ("owner", .text(founding.owner.description)),
      ("bytes", VectorText(hex: [UInt8](writing: founding.write))),
      ("book", .text(founding.book.description)),
    ])
  }

  private func events() throws -> [(what: String, event: Event)] {
    [
      ("one person", try onePerson()), ("every kind of value", try everyKind()),
      ("the last event of a window, of the shortest kind", try shortest(4096)),
      ("the first event of the next window: three persons", try threePersons()),
      ("another origin, sixteen sections", try sixteenSections()),
    ]
  }

  private func onePerson() throws -> Event {
    try event(
      first, 1, counter: 0, .web, "page.viewed",
      [
        Section([.init("@occurred", 1_763_779_999_000), .init("duration_seconds", 12)]),
        Section([
          .init("@id", "m-1"), .init("@identifiers", .array(["email:ana@example.com"])),
          .init("@source", "shop"),
        ]),
      ])
  }

  private func everyKind() throws -> Event {
    let nested = Value.object([
      .init("", .array([])), .init("a", .array([.null, .array([.object([])])])), .init("é", 1),
    ])
    return try event(
      first, 2, counter: 65_535, .other, "custom.every_kind_2",
      [
        Section([
          .init("@occurred", -1), .init("@received", .integer(.max)),
          .init("@sent", .integer(.min)), .init("@skew", 0), .init("@touchpoint", "till 3"),
        ]),
        Section([
          .init("@@own", "\u{1F642} \\ \"quoted\""), .init("array", .array([1, "two", .null])),
          .init("cent", .decimal(try #require(Decimal64(coefficient: -1, scale: 18)))),
          .init("false", .boolean(false)), .init("long", .number("123456789012345678901234567890")),
          .init("minus_sixty_five", -65), .init("nested", nested), .init("null", .null),
          .init("number", .number("-0.5e+400")),
          .init("price", .decimal(try #require(Decimal64(coefficient: 1250, scale: 2)))),
          .init("sixty_four", 64), .init("true", .boolean(true)),
        ]),
      ])
  }

  private func shortest(_ sequence: UInt64) throws -> Event {
    try event(first, sequence, counter: 1, .chat, "a.b", [.empty, .empty])
  }

  private func threePersons() throws -> Event {
    try event(
      first, 4097, counter: 2, .phone, "call.ended",
      [
        Section([.init("@occurred", 1_763_780_000_500), .init("duration_seconds", 300)]),
        Section([
          .init("@id", "call-9"), .init("@identifiers", .array(["phone:+4915112345678"])),
          .init("@source", "pbx"), .init("note", "asked for Ben"),
        ]),
        Section([.init("@identifiers", .array(["email:ben@example.com", "user:ben"]))]),
        Section([.init("@traits", .object([.init("name", "Cleo")]))]),
      ])
  }

  private func sixteenSections() throws -> Event {
    try event(
      second, 3, counter: 3, .store, "custom.party",
      (0..<16).map { number in
        number == 0 ? .empty : Section([.init("guest", .integer(Int64(number)))])
      })
  }

  private func event(
    _ origin: OriginID, _ sequence: UInt64, counter: UInt64, _ channel: Channel, _ name: String,
    _ sections: [Section]
  ) throws -> Event {
    let type = try #require(EventType(name))
    return Event(
      dot: Dot(origin: origin, sequence: sequence),
      recorded: HybridTimestamp(rawValue: 1_763_780_000_000 << 16 + counter),
      draft: EventDraft(
        channel: channel, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
        sections: sections))
  }

  /// The event without some of its sections: other records, the same header.
  private func husks(of event: Event) throws -> [VectorText] {
    try [[2], [0, 1, 3], [0, 1, 2, 3]].map { (erased: [Int]) in
      let eventSalts = salts.salts(of: event.dot)
      let sections = try event.sections.enumerated().map { index, section in
        guard erased.contains(index) else { return section }
        let salt = try #require(eventSalts.salt(ofSection: index))
        return Section(erased: Digest256.commitment(salt: salt, to: section.bytes.span))
      }
      let husk = Event(
        dot: event.dot, recorded: event.recorded,
        draft: EventDraft(
          channel: event.channel, type: event.type, schema: event.schema, sections: sections))
      let left = EventSalts.sections(
        event.sections.indices.filter { !erased.contains($0) }.reduce(into: [:]) { kept, index in
          kept[UInt8(index)] = eventSalts.salt(ofSection: index)
        })
      let id = try #require(husk.id(book: founding.book, salts: left))
      #expect(try Event(checking: husk.encoded.span) == husk)
      #expect(id == event.id(book: founding.book, salts: eventSalts))
      return .object([
        ("erased", .list(erased.map { VectorText($0) })),
        ("record", VectorText(hex: husk.encoded)), ("id", VectorText(id)),
      ])
    }
  }

  /// The root of the set of these events, with all that is missing between them as gaps.
  private func setRoot(of events: [Event]) throws -> VectorText {
    var builder = SetRootBuilder(book: founding.book)
    var origins: [VectorText] = []
    for origin in [first, second] {
      let own = events.filter { $0.dot.origin == origin }
      let held = IntervalSet(
        own.map { IntervalSet.Run(first: $0.dot.sequence, last: $0.dot.sequence) })
      var tree = MerkleFrontier()
      for event in own {
        tree.append(repeating: .zero, count: event.dot.sequence - 1 - tree.size)
        tree.append(try #require(event.id(book: founding.book, salts: salts.salts(of: event.dot))))
      }
      builder.add(origin: origin, held: held, root: tree.root)
      let gaps = held.gaps.runs.map { VectorText.list([.number($0.first), .number($0.last)]) }
      origins.append(
        .object([
          ("origin", VectorText(origin)), ("size", .number(held.highest)),
          ("root", VectorText(tree.root)), ("gaps", .list(gaps)),
        ]))
    }
    return .object([
      ("origins", .list(origins)), ("root", VectorText(builder.finish())),
      ("of_nothing", VectorText(SetRootBuilder(book: founding.book).finish())),
    ])
  }
}
