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
      [
        ErasedSection(
          dot: sale.dot, section: 1, source: SourceTags(key: tag, content: nil))
      ]
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

  @Test("Erased interactions stay twins and under one key, and leave what is not erased alone")
  mutating func closed() throws {
    func tags(_ key: UInt8, _ content: UInt8?) throws -> SourceTags {
      func tag(_ byte: UInt8) throws -> IdentifierTag {
        try #require(IdentifierTag(bytes: [UInt8](repeating: byte, count: 16)))
      }
      return SourceTags(key: try tag(key), content: try content.map(tag))
    }
    let same = try interaction(person: [.init("name", "Bo")], id: "i1")
    let copies = [till, phone, office].map { book.append(same, by: $0) }
    let third = copies[2]
    book.append(.retracting(reference(copies[0])), by: book.owner)
    #expect(copies.allSatisfy { book.effective($0) == nil })
    func erase(_ event: Event, _ source: SourceTags?) {
      let listed = ErasedSection(dot: event.dot, section: 1, source: source)
      let request = ErasureRequest(sections: [listed], tags: [], cutMilliseconds: 0)
      book.append(.erasing(request), by: office)
    }
    // One alone is apart from the two that are open.
    erase(copies[1], try tags(1, 1))
    #expect(book.effective(copies[1])?.event.personal == .empty)
    #expect(book.effective(third) == nil)
    erase(copies[0], try tags(1, 1))
    #expect(book.effective(copies[1]) == nil)
    #expect(book.effective(third) != nil)
    #expect(
      book.state.closedInteractions(withKey: try tags(1, nil).key)
        == [copies[0].dot, copies[1].dot].sorted())
    // Without its tags, or with those of another content, it is known by nothing.
    erase(third, nil)
    #expect(book.state.closure(of: third.dot) == .closed(nil))
    #expect(book.effective(third) != nil)
    erase(third, try tags(1, 2))
    #expect(book.effective(third) != nil)
    #expect(book.state.closedInteractions(withKey: try tags(1, nil).key).count == 3)
    // A state of the past knows them by the same tags.
    var past = BookState(ownerKey: book.owner.key)
    past.hide(whatIsErasedIn: book.state)
    for copy in copies { #expect(past.closure(of: copy.dot) == book.state.closure(of: copy.dot)) }
    #expect(past.closedInteractions(withKey: try tags(1, nil).key).count == 3)
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
    past.hide(whatIsErasedIn: book.state)
    #expect(book.meaning(of: sale, in: past).erased == SectionSet(section: 1))
    #expect(book.meaning(of: other, in: past).counts)
  }
}
