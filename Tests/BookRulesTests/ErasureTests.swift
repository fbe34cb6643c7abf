import BookRules
import EventModel
import HybridTime
import MerkleProofs
import Testing

@Suite("What erasures say of what comes again")
struct ErasureTests {
  private var book: TestBook
  private let office, till, phone: OriginID

  init() throws {
    book = try TestBook()
    office = try makeOrigin(key: 2)
    till = try makeOrigin(key: 3)
    phone = try makeOrigin(key: 4)
    book.grant([RoleSet(.append), RoleSet(.erase)], to: office)
    book.grant(RoleSet(.append), to: till)
    book.grant(RoleSet(.append), to: phone)
  }

  // By Python: hmac.new(bytes(range(32)), b"\1email\0ana@example.com", "sha256"), and of
  // b"\0\x04shop" + b"order-1".
  @Test("Tags are the specification's HMAC, and a key's is no identifier's")
  func vectors() throws {
    let secret = try #require(BookSecret(bytes: Array(0..<32)))
    let tag = secret.tag(ofIdentifier: Array("email:ana@example.com".utf8))
    #expect("\(tag)" == "740635112ab95d0e950479ea3f025b00")
    let section = Section([.init("@id", "order-1"), .init("@source", "shop")])
    let key = try #require(IdempotencyKey(section: section))
    // A text that is no identifier, in the form of a key, has the tag of neither.
    let odd = secret.tag(ofIdentifier: [UInt8(ascii: ":"), 4] + Array("shoporder-1".utf8))
    #expect(odd != secret.tag(of: key))
    #expect("\(secret.tag(of: key))" == "9480a76472075b882a9d286890a6b8cd")
    #expect(BookSecret(bytes: Array(0..<31)) == nil)
    #expect("\(secret)" == "book secret")
  }

  @Test("A key that was erased is refused to all by who may erase, to its own device by others")
  mutating func keys() throws {
    let tag = try #require(IdentifierTag(bytes: [UInt8](repeating: 7, count: 16)))
    let late = try #require(IdentifierTag(bytes: [UInt8](repeating: 8, count: 16)))
    let sale = book.append(try interaction(person: [.init("name", "Bo")]), by: till)
    func listing(_ tag: IdentifierTag) -> [ErasedSection] {
      [ErasedSection(dot: sale.dot, section: 1, key: tag)]
    }
    let request = ErasureRequest(sections: listing(tag), tags: [], cutMilliseconds: 0)
    book.append(.erasing(request), by: till)
    #expect(!book.state.erasesKey(tag, appendedBy: till.key))
    let erasure = reference(book.append(.erasing(request), by: office))
    #expect(book.state.hasErasedKeys)
    for device in [office, till, phone] {
      #expect(book.state.erasesKey(tag, appendedBy: device.key))
      #expect(!book.state.erasesKey(late, appendedBy: device.key))
    }
    book.append(.extending(erasure: erasure, sections: listing(late)), by: till)
    #expect(book.state.erasesKey(late, appendedBy: till.key))
    #expect(!book.state.erasesKey(late, appendedBy: phone.key))
    book.append(.extending(erasure: erasure, sections: listing(late)), by: office)
    #expect(book.state.erasesKey(late, appendedBy: phone.key))
  }

  @Test("Tags go with their own section, and the sections an erasure lists stay erased")
  mutating func erasedTags() throws {
    let tag = try #require(IdentifierTag(bytes: [UInt8](repeating: 7, count: 16)))
    let sale = book.append(try interaction(person: [.init("name", "Bo")]), by: till)
    let listed = [ErasedSection(dot: sale.dot, section: 1)]
    let request = ErasureRequest(sections: listed, tags: [tag], cutMilliseconds: 1_000)
    let erasure = book.append(.erasing(request), by: office)
    #expect(!erasure.facts.fields.contains { $0.value.json.contains(tag.description) })
    let found = book.state.erasure(matching: tag, earliestMilliseconds: 1_000)
    #expect(found == reference(erasure))
    #expect(book.state.erasure(matching: tag, earliestMilliseconds: 1_001) == nil)

    let own = [ErasedSection(dot: erasure.dot, section: 1)]
    book.append(.erasing(ErasureRequest(sections: own, tags: [], cutMilliseconds: 0)), by: office)
    #expect(book.state.erasure(matching: tag, earliestMilliseconds: 1_000) == nil)
    #expect(book.effective(sale)?.event.personal == .empty)
  }

  private static func tag(_ byte: UInt8) throws -> IdentifierTag {
    try #require(IdentifierTag(bytes: [UInt8](repeating: byte, count: 16)))
  }

  @Test("Copies of an interaction stay one while their persons are erased, by the key remembered")
  mutating func remembered() throws {
    let same = try interaction(person: [.init("name", "Bo")], id: "i1")
    let copies = [till, phone, office].map { book.append(same, by: $0) }
    let other = book.append(try interaction(person: [.init("name", "Al")], id: "i1"), by: till)
    let retraction = book.append(.retracting(reference(copies[0])), by: book.owner)
    book.append(
      .extending(act: reference(retraction), to: copies.dropFirst().map(reference)), by: book.owner)
    func counting(_ events: [Event]) -> [Bool] { events.map { book.effective($0) != nil } }
    #expect(counting(copies + [other]) == [false, false, false, true])
    let key = try Self.tag(1)
    func list(_ sections: [ErasedSection], by origin: OriginID) {
      book.append(
        .erasing(ErasureRequest(sections: sections, tags: [], cutMilliseconds: 0)), by: origin)
    }
    // Erased and not remembered, it is known by no key.
    list([ErasedSection(dot: copies[1].dot, section: 1)], by: office)
    #expect(book.state.key(of: copies[1].dot, erased: SectionSet(section: 1)) == .none)
    list(
      [
        ErasedSection(dot: copies[0].dot, section: 0, key: key),
        ErasedSection(dot: copies[1].dot, section: 1, key: key),
        ErasedSection(dot: copies[2].dot, section: 0, key: key),
        ErasedSection(dot: other.dot, section: 0, key: key),
      ], by: office)
    #expect(counting(copies + [other]) == [false, false, false, true])
    #expect(book.state.interactions(rememberedBy: key) == (copies + [other]).map(\.dot).sorted())
    var past = BookState(ownerKey: book.owner.key)
    past.hide(whatIsTakenAwayIn: book.state)
    #expect(past.rememberedKey(of: copies[0].dot) == key)
    #expect(past.interactions(rememberedBy: key).count == 4)
  }

  @Test("What a device says of a key, without the role to erase, counts for no fold")
  mutating func copiedTags() throws {
    let key = try Self.tag(1)
    let sale = book.append(try interaction(person: [.init("name", "Bo")], id: "i1"), by: office)
    let fake = book.append(try interaction(person: [.init("name", "Al")], id: "i2"), by: till)
    let kept = book.append(try interaction(person: [.init("name", "Cy")], id: "i3"), by: till)
    let erasure = book.append(
      .erasing(
        ErasureRequest(
          sections: [ErasedSection(dot: sale.dot, section: 1, key: key)], tags: [try Self.tag(3)],
          cutMilliseconds: 0)), by: office)
    book.append(
      .extending(
        erasure: reference(erasure),
        sections: [
          ErasedSection(dot: fake.dot, section: 1, key: key),
          ErasedSection(dot: kept.dot, section: 0, key: key),
          ErasedSection(dot: sale.dot, section: 1, key: try Self.tag(2)),
        ]), by: till)
    let state = book.state
    #expect(state.rememberedKey(of: sale.dot) == key)
    #expect(state.key(of: fake.dot, erased: state.listedSections(of: fake.dot)) == .none)
    #expect(state.key(of: kept.dot, erased: []) == .stated)
    #expect(state.interactions(rememberedBy: key) == [sale.dot])
    #expect(state.firstErasure(listing: fake.dot) == reference(erasure))
    #expect(state.firstErasure(listing: kept.dot) == nil)
    // Who may erase says which it is.
    book.append(
      .extending(
        erasure: reference(erasure),
        sections: [ErasedSection(dot: fake.dot, section: 0, key: key)]), by: office)
    #expect(book.state.rememberedKey(of: fake.dot) == key)
    #expect(book.state.erasures(remembering: key) == [reference(erasure)])
    #expect(book.state.erasures(remembering: try Self.tag(2)).isEmpty)
    #expect(book.state.asks(reference(erasure), for: try Self.tag(3)))
    #expect(!book.state.asks(reference(sale), for: try Self.tag(3)))
    // What a device names refuses its own drafts.
    let other = try Self.tag(4)
    book.append(
      .extending(
        erasure: reference(erasure),
        sections: [ErasedSection(dot: kept.dot, section: 1, key: other)]), by: till)
    #expect(book.state.erasesKey(other, appendedBy: till.key))
    #expect(!book.state.erasesKey(other, appendedBy: phone.key))
    #expect(book.state.erasesKey(key, appendedBy: phone.key))
  }

  @Test("A section is gone by the erasure that asked for it, extended or not")
  mutating func sources() throws {
    let sale = book.append(try interaction(person: [.init("name", "Bo")]), by: till)
    let listed = [ErasedSection(dot: sale.dot, section: 1)]
    let erasure = book.append(
      .erasing(ErasureRequest(sections: [], tags: [], cutMilliseconds: 0)), by: office)
    #expect(book.state.erasures(of: sale.dot, sectionCount: 2).isEmpty)
    book.append(.extending(erasure: reference(erasure), sections: listed), by: phone)
    #expect(book.state.erasures(of: sale.dot, sectionCount: 2).isEmpty)
    book.append(.extending(erasure: reference(erasure), sections: listed), by: till)
    book.append(.extending(erasure: reference(erasure), sections: listed), by: office)
    #expect(book.state.erasures(of: sale.dot, sectionCount: 2).map(\.section) == [1])
    #expect(book.state.erasures(of: sale.dot, sectionCount: 2).map(\.erasure) == [erasure.dot])
  }

  @Test("A state of the past hides what was erased since, and nothing else")
  mutating func past() throws {
    let sale = book.append(try interaction(person: [.init("name", "Bo")]), by: till)
    let other = book.append(try interaction(person: [.init("name", "Al")]), by: till)
    var past = book.state
    let listed = [ErasedSection(dot: sale.dot, section: 1)]
    book.append(
      .erasing(ErasureRequest(sections: listed, tags: [], cutMilliseconds: 0)), by: office)
    book.append(.retracting(reference(other)), by: till)
    #expect(!past.mayConcern(sale.dot))
    past.hide(whatIsTakenAwayIn: book.state)
    #expect(book.meaning(of: sale, in: past).erased == SectionSet(section: 1))
    #expect(book.meaning(of: other, in: past).counts)
    let redaction = book.append(
      .redacting(reference(other), section: 0, survivors: .empty), by: office)
    past.hide(whatIsTakenAwayIn: book.state)
    let hidden = book.meaning(of: other, in: past)
    #expect(hidden.counts)
    #expect(hidden.erased == SectionSet(section: 0))
    #expect(hidden.redactions == [.init(section: 0, redaction: redaction.dot)])
  }
}
