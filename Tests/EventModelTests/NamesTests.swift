import BinaryCoding
import EventModel
import SyntheticWorkload
import Testing

@Suite("EventType")
struct EventTypeTests {
  @Test(
    "Dotted lower-case names are types",
    arguments: ["a.b", "order.completed", "a1.b_2.c", String(repeating: "a", count: 62) + ".b"])
  func valid(name: String) {
    #expect(EventType(name)?.name == name)
  }

  @Test(
    "Everything else is not",
    arguments: [
      "", "a", "ab.", ".ab", "a..b", "A.b", "a.b c", "a-b.c", "ä.b", "order",
      String(repeating: "a", count: 63) + ".b",
    ])
  func invalid(name: String) {
    #expect(EventType(name) == nil)
  }

  @Test("Control events govern the book; contacts do not")
  func control() throws {
    let control = [
      "grant.given", "document.activated", "arrival.attested", "event.retracted", "event.corrected",
      "event.redacted", "erasure.requested", "identity.linked", "identity.unlinked",
      "identity.blocked",
    ]
    for name in control { #expect(try #require(EventType(name)).isControl, "\(name)") }
    for entry in EventCatalogue.builtIn.entries { #expect(!entry.schema.type.isControl) }
  }
}

@Suite("Identifier")
struct IdentifierTests {
  @Test("KIND:VALUE, split at the first colon")
  func parsed() throws {
    let identifier = try #require(Identifier("handle:a:b"))
    #expect(identifier.kind == "handle")
    #expect(identifier.value == "a:b")
    #expect(identifier.description == "handle:a:b")
  }

  @Test(
    "Other text names nobody",
    arguments: [
      "", "email", "email:", ":x", "E:x", "e mail:x", String(repeating: "k", count: 33) + ":x",
    ])
  func refused(text: String) {
    #expect(Identifier(text) == nil)
  }

  @Test("Order and name are those of the text", arguments: [1, 2])
  func order(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let (one, other) = (random.identifier(), random.identifier())
      let (left, right) = (Array(one.description.utf8), Array(other.description.utf8))
      #expect((one < other) == left.lexicographicallyPrecedes(right))
      #expect(one.name == left)
      #expect((one.name == other.name) == (one == other))
    }
  }
}

@Suite("BookID and Channel")
struct BookAndChannelTests {
  @Test("A book's name is sixteen bytes and 32 digits")
  func book() throws {
    let book = BookID(high: 0x0011_2233_4455_6677, low: 0x8899_aabb_ccdd_eeff)
    #expect(book.description == "00112233445566778899aabbccddeeff")
    var writer = ByteWriter()
    book.write(to: &writer)
    #expect(writer.count == 16)
    var reader = ByteReader(writer.bytes.span)
    #expect(try BookID(from: &reader) == book)
  }

  @Test("A channel is found by its name; its code never changes")
  func channel() {
    for channel in Channel.allCases { #expect(Channel(name: channel.description) == channel) }
    #expect(Channel(name: "Web") == nil)
    #expect(
      Channel.allCases.map { "\($0.rawValue) \($0)" } == [
        "0 other", "1 web", "2 mobile", "3 store", "4 social", "5 email", "6 phone", "7 chat",
      ])
  }
}
