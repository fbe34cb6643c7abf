import ColumnFormat
import EventModel
import Foundation
import Testing

/// The example of `docs/format/columns.md`, taken from the page itself.
@Suite("Worked example of the page on columns")
struct ColumnWorkedExampleTests {
  /// The bytes of a block of the page, without what explains them.
  static func bytes(ofExample name: String) throws -> [UInt8] {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/format/columns.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let start = try #require(text.range(of: "<!-- example: \(name) -->\n```\n"))
    let end = try #require(text.range(of: "\n```", range: start.upperBound..<text.endIndex))
    return text[start.upperBound..<end.lowerBound].split(separator: "\n").flatMap { line in
      line.split(separator: " ", omittingEmptySubsequences: false)
        .prefix { $0.count == 2 }.compactMap { UInt8($0, radix: 16) }
    }
  }

  static func tables() throws -> [ColumnTable] {
    [
      ColumnTable(part: .facts, bytes: try bytes(ofExample: "shapes")),
      ColumnTable(part: .facts, bytes: try bytes(ofExample: "plans of facts")),
      ColumnTable(part: .persons, bytes: try bytes(ofExample: "plans of persons")),
      ColumnTable(part: .persons, bytes: try bytes(ofExample: "dictionary")),
    ]
  }

  @Test("Tables and parts give the record that the page shows")
  func records() throws {
    let tables = try ColumnTables(Self.tables())
    let facts = try Self.bytes(ofExample: "facts")
    let persons = try Self.bytes(ofExample: "persons")
    let read = try tables.records(facts: facts.span, persons: persons.span, rowCount: 4)
    let record = try Self.bytes(ofExample: "record")
    #expect(Array(read.bytes[read.ends[0]..<read.ends[1]]) == record)
    let event = try Event(checking: record.span)
    #expect(event.occurredMilliseconds == 1_763_780_000_000)
  }

  @Test("The encoder writes the same, but for packing the shapes")
  func encoding() throws {
    let tables = try ColumnTables(Self.tables())
    let facts = try Self.bytes(ofExample: "facts")
    let persons = try Self.bytes(ofExample: "persons")
    let read = try tables.records(facts: facts.span, persons: persons.span, rowCount: 4)
    var encoder = try ColumnEncoder(records: read.bytes, ends: read.ends)
    let block = try encoder.encode(block: 0)
    #expect(block.facts == facts)
    #expect(block.persons == persons)
    #expect(encoder.tables.dropFirst().map(\.bytes) == (try Self.tables()).dropFirst().map(\.bytes))
  }
}
