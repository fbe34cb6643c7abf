import EventModel
import Foundation
import HybridTime
import MerkleProofs
import Testing

/// The example of `docs/format/event.md`, taken from the page itself.
@Suite("Worked example of the format page")
struct WorkedExampleTests {
  static let book = BookID(high: 1, low: 2)

  /// The salts of the first event of the window whose seed is the bytes 0 to 31.
  static func salts() throws -> EventSalts {
    let seed = try #require(Digest256(bytes: [UInt8](0..<32)))
    return .leaf(try #require(SaltTree(seed: seed).leaf(0)))
  }

  static func event() throws -> Event {
    let key = try #require(DeviceKey(bytes: [UInt8](repeating: 0xab, count: 32)))
    let origin = OriginID(incarnation: 0x0102_0304_0506_0708, key: key)
    let type = try #require(EventType("page.viewed"))
    let facts = Section([
      .init("@occurred", 1_763_779_999_000), .init("duration_seconds", 12),
    ])
    let person = Section([
      .init("@id", "m-1"), .init("@identifiers", .array(["email:ana@example.com"])),
      .init("@source", "shop"),
    ])
    return Event(
      dot: Dot(origin: origin, sequence: 1),
      recorded: HybridTimestamp(milliseconds: 1_763_780_000_000),
      draft: EventDraft(
        channel: .web, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
        sections: [facts, person]))
  }

  @Test("The record is written, and read, as the page says")
  func record() throws {
    let bytes = try Self.bytes(ofExample: "record")
    #expect(try Self.event().encoded == bytes)
    #expect(try Event(checking: bytes.span) == Self.event())
  }

  @Test("So are header, id and set root")
  func headerAndDigests() throws {
    let event = try Self.event()
    let salts = try Self.salts()
    let header = try #require(event.headerBytes(book: Self.book, salts: salts))
    #expect(try header == Self.bytes(ofExample: "header"))
    let digests = try Self.block("digests").map { $0.split(separator: " ").last.map(String.init) }
    let id = try #require(event.id(book: Self.book, salts: salts))
    #expect(digests.first == id.description)

    var tree = MerkleFrontier()
    tree.append(id)
    var root = SetRootBuilder(book: Self.book)
    let held = IntervalSet(IntervalSet.Run(first: 1, last: 1))
    root.add(origin: event.dot.origin, held: held, root: tree.root)
    #expect(digests.last == root.finish().description)
  }

  @Test("Without its person the event is a husk with the same header and id")
  func husk() throws {
    let bytes = try Self.bytes(ofExample: "husk")
    let husk = try Event(checking: bytes.span)
    let event = try Self.event()
    let facts = try #require(try Self.salts().salt(ofSection: 0))
    let left = EventSalts.sections([0: facts])
    #expect(husk.sections[1].isErased && husk.encoded == bytes)
    #expect(husk.agrees(with: event) && husk != event)
    #expect(try husk.headerBytes(book: Self.book, salts: left) == Self.bytes(ofExample: "header"))
    #expect(
      try husk.id(book: Self.book, salts: left) == event.id(book: Self.book, salts: Self.salts()))
  }

  /// The bytes of a dump: offset, up to 16 bytes in hexadecimal, two spaces, a comment.
  private static func bytes(ofExample name: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for line in try block(name) {
      let columns = line.dropFirst(10).prefix(47)
      #expect(UInt64(line.prefix(8), radix: 16) == UInt64(bytes.count), "offsets follow")
      for digits in columns.split(separator: " ") {
        bytes.append(try #require(UInt8(digits, radix: 16)))
      }
    }
    return bytes
  }

  /// The lines of the code block behind the mark `<!-- example: NAME -->`.
  private static func block(_ name: String) throws -> [Substring] {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/format/event.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let mark = try #require(lines.firstIndex { $0 == "<!-- example: \(name) -->" })
    return Array(lines[(mark + 2)...].prefix { $0 != "```" })
  }
}
