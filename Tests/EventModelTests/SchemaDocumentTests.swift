import EventModel
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Schema documents")
struct SchemaDocumentTests {
  /// Canonical, with everything a schema can say.
  static let rated = """
    daybook schema 0
    visit.rated
    amount money 0..5000
    mood integer 1..3
    store_id text ..16
    survey text
    weight decimal -5..
    @stage advocacy
    @from 00000000000000000000000000000000000000000000000000000000000000aa
    rename feeling mood
    default survey "smile, please"
    multiply weight 1/1000
    map mood 0 1
    map open "yes" true
    move shop id store_id
    drop old
    @from 00000000000000000000000000000000000000000000000000000000000000bb

    """

  @Test("Every built-in schema is a document that reads back equal, under the digest events carry")
  func builtIn() throws {
    for entry in EventCatalogue.builtIn.entries {
      let read = try EventSchema(document: entry.schema.document)
      #expect(read == entry.schema)
      #expect(read.digest == entry.digest)
      #expect(EventCatalogue.builtIn.declares(entry.schema.type, under: entry.digest))
    }
    let type = try #require(EventType("custom.anything"))
    let undeclared = EventSchema.undeclared(type)
    #expect(try EventSchema(document: undeclared.document) == undeclared)
  }

  @Test("The canonical form is what is printed, byte for byte, and its digest is golden")
  func canonical() throws {
    let schema = try EventSchema(document: Self.rated)
    #expect(schema.document == Self.rated)
    #expect(schema.stage == .advocacy)
    #expect(schema.upcasts.map(\.steps.count) == [7, 0])
    #expect(schema.digest == Digest256.hash(Array(Self.rated.utf8)))
    #expect(schema.digest.description == Self.ratedDigest)
  }

  private static let ratedDigest =
    "53f01d31c9f747fa6355472b0a8faaf26fc6c40c1abed3675b05de93bc86b37c"

  @Test("What people write loosely is the same document")
  func loose() throws {
    var lines = Self.rated.split(separator: "\n").map { $0.replacingSpaces() + "\r" }
    lines.swapAt(2, 6)
    lines.insert("# Smileys at the exit of a \"store", at: 1)
    lines.insert("", at: 4)
    #expect(try EventSchema(document: lines.joined(separator: "\n")).document == Self.rated)
  }

  @Test(
    "A mistake is told with its line",
    arguments: [
      ("", 1), ("daybook schema 1\nvisit.rated\n", 1), ("daybook projection 0\n", 1),
      ("daybook schema 0\n", 2), ("daybook schema 0\nvisit\n", 2),
      ("daybook schema 0\ngrant.added\n", 2), ("daybook schema 0\nvisit.rated twice\n", 2),
      ("daybook schema 0\nvisit.rated\nmood\n", 3),
      ("daybook schema 0\nvisit.rated\nmood float\n", 3),
      ("daybook schema 0\nvisit.rated\n\nmood integer 3..1\n", 4),
      ("daybook schema 0\nvisit.rated\nmood integer 01..3\n", 3),
      ("daybook schema 0\nvisit.rated\nmood text 1..3\n", 3),
      ("daybook schema 0\nvisit.rated\nmood text ..257\n", 3),
      ("daybook schema 0\nvisit.rated\nmood time 1..3\n", 3),
      ("daybook schema 0\nvisit.rated\nmood integer\nmood text\n", 4),
      ("daybook schema 0\nvisit.rated\n@touchpoint text\n", 3),
      ("daybook schema 0\nvisit.rated\nmood integer 1..3 more\n", 3),
      ("daybook schema 0\nvisit.rated\n@stage rage\n", 3),
      ("daybook schema 0\nvisit.rated\n@from aa\n", 3),
      ("daybook schema 0\nvisit.rated\n@from \(digest)\nrename a\n", 4),
      ("daybook schema 0\nvisit.rated\n@from \(digest)\nrename @occurred b\n", 4),
      ("daybook schema 0\nvisit.rated\n@from \(digest)\nmultiply a 1/0\n", 4),
      ("daybook schema 0\nvisit.rated\n@from \(digest)\ndefault a 01\n", 4),
      ("daybook schema 0\nvisit.rated\n@from \(digest)\ndefault a \"x\n", 4),
      ("daybook schema 0\nvisit.rated\n@from \(digest)\ndefault a \"x@y\"\n", 4),
      ("daybook schema 0\nvisit.rated\n@from \(digest)\nmelt a\n", 4),
      ("daybook schema 0\nvisit.rated\n@from \(digest)\n@from \(digest)\n", 4),
    ])
  func mistakes(document: String, line: Int) {
    #expect {
      try EventSchema(document: document)
    } throws: { error in
      (error as? DocumentFault)?.line == line
    }
  }

  private static let digest = String(repeating: "0a", count: 32)

  @Test("Too much of anything is refused")
  func limits() {
    let head = "daybook schema 0\nvisit.rated\n"
    let facts = (0...EventSchema.factCountMax).map { "fact_\($0) text\n" }.joined()
    #expect(throws: DocumentFault.self) { try EventSchema(document: head + facts) }
    let sources = (0...EventSchema.upcastCountMax).map { number in
      "@from \(String(repeating: "00", count: 31))\(number < 16 ? "0" : "")"
        + String(number, radix: 16) + "\n"
    }.joined()
    #expect(throws: DocumentFault.self) { try EventSchema(document: head + sources) }
    let remarks = String(repeating: "# nothing\n", count: 7_000)
    #expect(throws: DocumentFault.self) { try EventSchema(document: head + remarks) }
  }

  @Test(
    "Damaged documents are read or refused, and what is read prints canonically", arguments: 1...4)
  func noise(seed: Int) throws {
    var chance = SeededGenerator(seed: UInt64(seed))
    let whole = Array(Self.rated.utf8)
    for _ in 0..<2_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &chance) {
        let place = Int.random(in: 0..<bytes.count, using: &chance)
        switch Int.random(in: 0..<3, using: &chance) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &chance)
        case 1: bytes.remove(at: place)
        default:
          let other = Int.random(in: 0..<bytes.count, using: &chance)
          bytes.insert(bytes[other], at: place)
        }
      }
      guard let schema = try? EventSchema(document: String(decoding: bytes, as: UTF8.self)) else {
        continue
      }
      #expect(try EventSchema(document: schema.document) == schema)
    }
  }
}

extension Substring {
  /// The line with two spaces, or a tab, for one, where they are not within a text.
  fileprivate func replacingSpaces() -> String {
    contains("\"") ? "\t" + self : " " + split(separator: " ").joined(separator: "  ")
  }
}
