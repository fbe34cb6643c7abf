import BinaryCoding
import EventModel
import SyntheticWorkload
import Testing

@Suite("Section")
struct SectionTests {
  @Test("The builder makes the same bytes from any order", arguments: 1...6 as ClosedRange<UInt64>)
  func builderOrder(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var builder = SectionBuilder()
    for _ in 0..<100 {
      let fields = random.fields(max: random.pick([3, 8, 60]))
      let expected = Section(fields)
      for field in fields.shuffled(using: &random) { builder.add(field.name, field.value) }
      #expect(builder.count == fields.count)
      #expect(builder.finish() == expected)
      #expect(builder.count == 0)
      #expect(try Section(checking: expected.bytes) == expected)
      #expect(expected.fields == fields)
      #expect(expected.fieldCount == fields.count)
    }
  }

  @Test("All ways to add a field agree")
  func waysToAdd() {
    var builder = SectionBuilder()
    builder.add(ReservedName.occurred, integer: -5)
    builder.add(ReservedName.source, text: Array("till".utf8).span)
    builder.add(name: Array("sku".utf8).span, encoded: Value.text("a-1").encoded.span)
    builder.add(ReservedName.touchpoint, .text("till 4"))
    let section = builder.finish()
    #expect(
      section
        == Section([
          .init("sku", "a-1"), .init("@occurred", -5), .init("@touchpoint", "till 4"),
          .init("@source", "till"),
        ]))
    #expect(section?.integer(ReservedName.occurred) == -5)
    #expect(section?.text(ReservedName.source) == "till")
    #expect(section?.value(named: "sku") == "a-1")
  }

  @Test("A name twice is refused, and the builder starts anew", arguments: [2, 40])
  func duplicateName(count: Int) {
    var builder = SectionBuilder()
    for index in 0..<count { builder.add("n\(index)", 1) }
    builder.add("n1", 2)
    #expect(builder.finish() == nil)
    builder.add("n1", 2)
    #expect(builder.finish() == Section([.init("n1", 2)]))
  }

  @Test("Lookups find each field and nothing else", arguments: [1, 2, 3])
  func lookups(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let fields = random.fields(max: 6)
      let section = Section(fields)
      for field in fields { #expect(section.value(named: field.name) == field.value) }
      var seen: [(String, [UInt8])] = []
      section.forEachRange { name, value in
        let text = String(decoding: section.bytes[name], as: UTF8.self)
        seen.append((text, Array(section.bytes[value])))
        return true
      }
      #expect(seen.map(\.0) == fields.map(\.name))
      #expect(seen.map(\.1) == fields.map(\.value.encoded))
    }
    #expect(Section.empty.value(ReservedName.occurred) == nil)
    #expect(Section.empty.fields.isEmpty)
  }

  @Test("A field of another kind is not what was asked for")
  func otherKind() {
    let section = Section([.init("@occurred", "soon"), .init("@source", 4), .init("@id", nil)])
    #expect(section.integer(ReservedName.occurred) == nil)
    #expect(section.textRange(ReservedName.source) == nil)
    #expect(IdempotencyKey(section: section) == nil)
    #expect(section.identifiers.isEmpty)
  }

  @Test("Identifiers come out as they went in, and as ranges of the same bytes")
  func identifiers() {
    let section = Section([
      .init("@identifiers", .array(["email:ana@example.com", "phone:+999551000001"])),
      .init("name", "Ana"),
    ])
    #expect(
      section.identifiers.map(\.description) == ["email:ana@example.com", "phone:+999551000001"])
    var texts: [String] = []
    section.forEachIdentifierRange {
      texts.append(String(decoding: section.bytes[$0], as: UTF8.self))
    }
    #expect(texts == section.identifiers.map(\.description))
  }

  @Test(
    "Bytes that are no section are refused, and harmless when taken unchecked", arguments: [1, 2])
  func hostile(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      var bytes = Section(random.fields(max: 5)).bytes
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      if random.oneIn(4) { bytes.removeLast(Int.random(in: 1...bytes.count, using: &random)) }
      if let checked = try? Section(checking: bytes) {
        #expect(Section(checked.fields).bytes == bytes)
      }
      let section = Section(unchecked: bytes)
      _ = section.fields
      _ = section.identifiers
      section.forEachIdentifierRange { _ in }
      _ = section.text(ReservedName.source)
      _ = section.integer(ReservedName.occurred)
      _ = IdempotencyKey(section: section)
    }
  }
}
