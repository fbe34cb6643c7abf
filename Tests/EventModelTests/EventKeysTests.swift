import BinaryCoding
import EventModel
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Keys of an event")
struct EventKeysTests {
  private static let book = BookID(high: 5, low: 6)
  private static let type = EventCatalogue.builtIn.entries[0].schema.type

  private func keys(_ persons: Section...) -> EventKeys {
    var keys = EventKeys(in: Self.book)
    keys.read([.empty] + persons, of: Self.type)
    return keys
  }

  @Test("Pairs of source and id whose texts join alike have different keys")
  func pairsAreSeparate() {
    let one = Section([.init("@source", "ab"), .init("@id", "c")])
    let other = Section([.init("@source", "a"), .init("@id", "bc")])
    #expect(IdempotencyKey(section: one) != IdempotencyKey(section: other))
    #expect(keys(one).idempotencyKey != 0)
    #expect(keys(one).idempotencyKey != keys(other).idempotencyKey)
  }

  @Test("There is a key exactly where an event has an idempotency key")
  func keyOrNone() throws {
    #expect(keys(Section([.init("@source", "a"), .init("@id", 7)])).idempotencyKey == 0)
    #expect(keys(Section([.init("@id", "c"), .init("note", "n")])).idempotencyKey == 0)
    #expect(keys(.empty, Section([.init("@source", "a"), .init("@id", "c")])).idempotencyKey == 0)
    var control = EventKeys(in: Self.book)
    control.read(
      [.empty, Section([.init("@source", "a"), .init("@id", "c")])],
      of: try #require(EventType("grant.added")))
    #expect(control.idempotencyKey == 0)
  }

  @Test("Identifiers of all persons are listed, whatever fields stand around them")
  func identifiers() {
    let odd = Section([
      .init("", "n"), .init("1", "n"), .init("@identifiers", .array([.text("user:u")])),
      .init("@id", "c"), .init("@source", "a"), .init("A", "n"),
    ])
    #expect(keys(odd).identifierKeys == [Self.hash("user:u")])
    #expect(keys(odd).idempotencyKey != 0)
    var random = SeededGenerator(seed: 3)
    let origin = random.origin()
    for event in random.events(of: origin, sequences: 1...200) {
      let expected = event.persons.flatMap(\.identifiers).map { Self.hash($0.description) }
      let keys = EventKeys(event, in: Self.book)
      #expect(keys.identifierKeys == expected)
      #expect((keys.idempotencyKey != 0) == (event.idempotencyKey != nil))
    }
  }

  @Test("Another book hashes otherwise")
  func books() {
    let event = Section([.init("@source", "a"), .init("@id", "c")])
    var other = EventKeys(in: BookID(high: 5, low: 7))
    other.read([.empty, event], of: Self.type)
    #expect(other.idempotencyKey != keys(event).idempotencyKey)
  }

  private static func hash(_ text: String) -> UInt64 {
    let bytes = Array(text.utf8)
    return book.indexHash.hash(bytes.span)
  }
}
