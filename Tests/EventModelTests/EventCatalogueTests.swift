import EventModel
import Foundation
import Testing

@Suite("EventCatalogue")
struct EventCatalogueTests {
  static let entries = EventCatalogue.builtIn.entries

  @Test("Every type is well-formed, unique and found by its name")
  func types() {
    #expect(Set(Self.entries.map(\.schema.type)).count == Self.entries.count)
    for entry in Self.entries {
      #expect(EventType(entry.schema.type.name) == entry.schema.type)
      #expect(EventCatalogue.builtIn.contains(entry.schema.type))
      #expect(EventCatalogue.builtIn.entry(for: entry.schema.type).digest == entry.digest)
    }
  }

  @Test("Facts are sorted by name, each once, and none has a reserved name")
  func facts() {
    for entry in Self.entries {
      let names = entry.schema.facts.map(\.name)
      #expect(names == Set(names).sorted(), "\(entry.schema.type)")
      #expect(names.allSatisfy { !$0.hasPrefix("@") })
    }
  }

  @Test("Names of Segment's specifications lead to one type each, in any letter case")
  func segmentNames() {
    var names: [String] = []
    for entry in Self.entries {
      // Two spellings of one name may differ in letter case alone.
      let own = Set(entry.schema.segmentNames.map { $0.lowercased() })
      names += own
      for name in own {
        #expect(EventCatalogue.builtIn.entry(segmentName: name)?.schema == entry.schema)
        #expect(
          EventCatalogue.builtIn.entry(segmentName: name.uppercased())?.schema == entry.schema)
      }
    }
    #expect(Set(names).count == names.count)
    #expect(EventCatalogue.builtIn.entry(segmentName: "Order Completed") != nil)
    #expect(EventCatalogue.builtIn.entry(segmentName: "order completed yesterday") == nil)
  }

  @Test("A type outside the catalogue has a schema without facts")
  func undeclared() throws {
    let type = try #require(EventType("garden.watered"))
    let entry = EventCatalogue.builtIn.entry(for: type)
    #expect(entry.schema.facts.isEmpty)
    #expect(entry.schema.document == "daybook schema 0\ngarden.watered\n")
    #expect(!EventCatalogue.builtIn.contains(type))
  }

  @Test("Nothing that can name a person is declared a fact")
  func noPersonalFacts() {
    let personal = [
      "name", "email", "phone", "address", "text", "comment", "ip", "user", "message",
    ]
    for entry in Self.entries {
      for fact in entry.schema.facts { #expect(!personal.contains(fact.name)) }
    }
  }

  /// A schema's digest stands in every event of its type, so a change of the catalogue is a change
  /// of format: it shows here first. `Golden/schema-digests.txt` is rewritten on purpose only.
  @Test("Schema digests are those that events already carry")
  func goldenDigests() throws {
    let golden = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden/schema-digests.txt")
    let expected = try String(contentsOf: golden, encoding: .utf8)
    let found = Self.entries.map { "\($0.digest) \($0.schema.type)\n" }.joined()
    #expect(found == expected)
  }
}
