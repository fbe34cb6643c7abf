import EventModel
import SyntheticWorkload
import Testing

@Suite("Upcasts")
struct UpcastTests {
  private func upcast(_ facts: [Value.Field], _ steps: UpcastStep...) -> [Value.Field] {
    Section(facts).upcast(by: steps).fields
  }

  private func decimal(_ coefficient: Int64, _ scale: UInt8) throws -> Value {
    .decimal(try #require(Decimal64(coefficient: coefficient, scale: scale)))
  }

  @Test("Names and texts are equal if their bytes are")
  func bytes() {
    let composed = "caf\u{e9}"
    let decomposed = "cafe\u{301}"
    #expect(Value.text(composed) != .text(decomposed))
    #expect(Set([Value.text(composed), .text(decomposed)]).count == 2)
    let facts: [Value.Field] = [.init(decomposed, 1), .init(composed, 2), .init("k", 3)]
    #expect(Section(facts).value(named: composed) == 2)
    #expect(upcast(facts, .drop("\u{212a}")).count == 3)
    #expect(upcast(facts, .drop("k")).map(\.value) == [1, 2])
    #expect(
      upcast([.init("a", .text(decomposed))], .map("a", from: .text(composed), to: "x"))
        == [.init("a", .text(decomposed))])
  }

  @Test("Each step does what its name says, and leaves what it does not fit")
  func steps() throws {
    #expect(upcast([.init("a", 1)], .rename("a", to: "b")) == [.init("b", 1)])
    #expect(upcast([.init("a", 1), .init("b", 2)], .rename("a", to: "b")) == [.init("b", 2)])
    #expect(upcast([.init("a", 1)], .fill("b", with: "x")) == [.init("a", 1), .init("b", "x")])
    #expect(upcast([.init("a", 1)], .fill("a", with: "x")) == [.init("a", 1)])
    #expect(upcast([.init("a", "x")], .map("a", from: "x", to: true)) == [.init("a", true)])
    #expect(upcast([.init("a", "y")], .map("a", from: "x", to: true)) == [.init("a", "y")])
    #expect(upcast([.init("a", 1)], .drop("a"), .drop("b")) == [])
    let shop: Value = .object([.init("id", "s1"), .init("town", "Lugo")])
    #expect(
      upcast([.init("shop", shop)], .move(member: "id", of: "shop", to: "store_id"))
        == [.init("shop", .object([.init("town", "Lugo")])), .init("store_id", "s1")])
    #expect(
      upcast(
        [.init("shop", .object([.init("id", "s1")]))],
        .move(member: "id", of: "shop", to: "store_id")) == [.init("store_id", "s1")])
    #expect(
      upcast([.init("shop", "s1")], .move(member: "id", of: "shop", to: "x"))
        == [.init("shop", "s1")])
  }

  @Test("A unit changes exactly, or the fact goes")
  func units() throws {
    #expect(
      upcast([.init("a", 1500)], .multiply("a", by: 1, over: 1000))
        == [.init("a", try decimal(15, 1))])
    #expect(
      upcast([.init("a", try decimal(15, 1))], .multiply("a", by: 1000, over: 1))
        == [.init("a", 1500)])
    #expect(upcast([.init("a", 1)], .multiply("a", by: 1, over: 3)) == [])
    #expect(upcast([.init("a", 9)], .multiply("a", by: 1, over: 3)) == [.init("a", 3)])
    #expect(upcast([.init("a", .integer(.max))], .multiply("a", by: 2, over: 1)) == [])
    #expect(
      upcast([.init("a", .integer(.min))], .multiply("a", by: 1, over: 1))
        == [.init("a", .integer(.min))])
    #expect(upcast([.init("a", "9")], .multiply("a", by: 1, over: 3)) == [.init("a", "9")])
  }

  @Test("Reserved fields stay, and no step leaves the same bytes")
  func reserved() {
    let facts = Section([.init("@occurred", 7), .init("a", 1)])
    #expect(facts.upcast(by: []).bytes == facts.bytes)
    #expect(
      facts.upcast(by: [.drop("a"), .drop("@occurred")]) == Section([.init("@occurred", 7)]))
  }

  @Test("Any steps make canonical facts of any facts", arguments: 1...3)
  func total(seed: Int) throws {
    var chance = SeededGenerator(seed: UInt64(seed))
    let names = ["a", "b", "c", "@occurred"]
    let values: [Value] = [
      0, 1, .integer(.max), .integer(.min), "x", true, nil, .array([1]),
      .object([.init("a", 1), .init("b", 2)]), try decimal(125, 2),
    ]
    for _ in 0..<2_000 {
      let facts = names.shuffled(using: &chance).prefix(3).map { name in
        Value.Field(name, values.randomElement(using: &chance) ?? .null)
      }
      let steps = (0..<6).map { _ in Self.step(names, values, &chance) }
      let result = Section(facts).upcast(by: steps)
      #expect(try Section(checking: result.bytes) == result)
      // A chain of two is one with the steps of both.
      #expect(
        Section(facts).upcast(by: Array(steps[..<3])).upcast(by: Array(steps[3...])) == result)
    }
  }

  private static func step(
    _ names: [String], _ values: [Value], _ chance: inout SeededGenerator
  ) -> UpcastStep {
    let name = names.randomElement(using: &chance) ?? "a"
    let other = ["a", "b", "c"].randomElement(using: &chance) ?? "b"
    let value = values.randomElement(using: &chance) ?? .null
    switch Int.random(in: 0..<6, using: &chance) {
    case 0: return .rename(name, to: other)
    case 1: return .fill(other, with: value)
    case 2:
      return .multiply(
        name, by: .random(in: 1...1_000_000_000, using: &chance),
        over: .random(in: 1...1_000_000_000, using: &chance))
    case 3: return .map(name, from: value, to: values.randomElement(using: &chance) ?? .null)
    case 4: return .move(member: other, of: name, to: other)
    default: return .drop(name)
    }
  }
}
