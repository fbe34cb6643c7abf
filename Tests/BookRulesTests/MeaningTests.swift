import BookRules
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Retraction, correction, redaction, erasure")
struct MeaningTests {
  var book: TestBook
  let till: OriginID
  let phone: OriginID
  let office: OriginID

  init() throws {
    book = try TestBook()
    till = try makeOrigin(key: 2)
    phone = try makeOrigin(key: 3)
    office = try makeOrigin(key: 4)
    book.grant(RoleSet(.append), to: till)
    book.grant(RoleSet(.append), to: phone)
    book.grant([.append, .configure, .erase, .attest], to: office)
  }

  @Test("A retraction withdraws the event that it names, and those it is extended to")
  mutating func extendedRetraction() throws {
    let sale = book.append(try interaction([.init("total", 5)], id: "s-1"), by: till)
    let copy = book.append(try interaction([.init("total", 5)], id: "s-1"), by: phone)
    let retraction = book.append(.retracting(reference(sale)), by: office)
    #expect(book.meaning(of: sale).isRetracted)
    #expect(book.effective(sale) == nil)
    #expect(!book.meaning(of: copy).isRetracted)
    let extending = EventDraft.extending(act: reference(retraction), to: [reference(copy)])
    book.append(extending, by: till)
    #expect(!book.meaning(of: copy).isRetracted, "the till has no say about the phone's")
    book.append(extending, by: phone)
    #expect(book.meaning(of: copy).isRetracted)
    let own = book.append(.retracting(reference(sale)), by: till)
    let other = book.append(try interaction(id: "s-2"), by: phone)
    book.append(.extending(act: reference(own), to: [reference(other)]), by: office)
    #expect(!book.meaning(of: other).isRetracted, "the till's act is for the till's events")
    book.append(.extending(act: reference(sale), to: [reference(other)]), by: office)
    #expect(!book.meaning(of: other).isRetracted, "a sale is no act")
  }

  @Test("Who holds append alone withdraws its own events, and none of another device")
  mutating func ownRetraction() throws {
    let sale = book.append(try interaction(id: "s-1"), by: till)
    let copy = book.append(try interaction(id: "s-1"), by: phone)
    book.append(.retracting(reference(copy)), by: phone)
    book.append(.retracting(reference(sale)), by: phone)
    #expect(book.meaning(of: copy).isRetracted)
    #expect(!book.meaning(of: sale).isRetracted)

    // Its incarnations are one device.
    let restored = try makeOrigin(key: 2, incarnation: 9)
    book.append(.retracting(reference(sale)), by: restored)
    #expect(book.meaning(of: sale).isRetracted)
  }

  @Test("A run that is withdrawn takes interactions, corrections and attestations along")
  mutating func runs() throws {
    let before = book.append(try interaction(id: "s-1"), by: till)
    let sale = book.append(try interaction([.init("total", 5)], id: "s-2"), by: till)
    let fix = EventDraft.correcting(reference(before), facts: Section([.init("total", 9)]))
    book.append(fix, by: till)
    let copy = book.append(try interaction([.init("total", 5)], id: "s-2"), by: phone)
    #expect(book.meaning(of: before).correction != nil)
    book.append(.retracting(origin: till, from: 2), by: office)
    #expect(!book.meaning(of: before).isRetracted)
    #expect(book.meaning(of: before).correction == nil)
    #expect(book.meaning(of: sale).isRetracted)
    #expect(!book.meaning(of: copy).isRetracted)
  }

  @Test("No retraction hangs on another: what governs is not withdrawn by a run")
  mutating func runOfRetractions() throws {
    let sale = book.append(try interaction(), by: till)
    let retraction = book.append(.retracting(reference(sale)), by: till)
    book.append(.retracting(reference(retraction)), by: office)
    book.append(.retracting(origin: till, from: retraction.dot.sequence), by: office)
    #expect(book.meaning(of: sale).isRetracted)
  }

  @Test("The latest correction counts; name, type, times, source and source id stay")
  mutating func correction() throws {
    let sale = book.append(
      try interaction(
        [.init("total", 5), .init("sku", "a")], person: [.init("name", "Bo")], id: "s-1",
        occurred: 1000),
      by: till)
    let first = EventDraft.correcting(reference(sale), facts: Section([.init("total", 6)]))
    book.append(first, by: till, recorded: 2_000_000_000_000)
    let person = Section([.init("name", "Ana"), .init("@id", "forged"), .init("reason", "gift")])
    let second = EventDraft.correcting(
      reference(sale), facts: Section([.init("total", 7)]), persons: [person, person],
      reason: "wrong customer")
    book.append(second, by: office, recorded: 2_000_000_000_001)
    book.append(first, by: phone, recorded: 2_000_000_000_002)

    let seen = try #require(book.effective(sale))
    #expect(seen.event.facts == Section([.init("@occurred", 1000), .init("total", 7)]))
    let kept = Section([
      .init("@source", "shop"), .init("@id", "s-1"), .init("name", "Ana"), .init("reason", "gift"),
    ])
    #expect(seen.event.personal == kept)
    #expect(seen.event.sections.count == 3)
    #expect(seen.event.dot == sale.dot)
    #expect(seen.event.idempotencyKey == sale.idempotencyKey)
    #expect(seen.key.effectiveMilliseconds == 1000)
  }

  @Test("A correction that leaves the persons leaves them; one with a time moves the event")
  mutating func correctionOfFacts() throws {
    let sale = book.append(
      try interaction(person: [.init("name", "Bo")], occurred: 1000), by: till)
    let facts = Section([.init("@occurred", 3000)])
    let fix = book.append(.correcting(reference(sale), facts: facts), by: till)
    let seen = try #require(book.effective(sale))
    #expect(seen.event.persons == sale.persons)
    #expect(seen.key.effectiveMilliseconds == 3000)
    book.append(.retracting(reference(fix)), by: till)
    #expect(book.effective(sale)?.event == sale)
  }

  @Test("An extended correction has the place and the fate of the correction")
  mutating func extendedCorrection() throws {
    let sale = book.append(try interaction(id: "s-1"), by: till)
    let copy = book.append(try interaction(id: "s-1"), by: phone, recorded: 1)
    func correction(_ total: Int64) -> EventDraft {
      .correcting(reference(sale), facts: Section([.init("total", .integer(total))]))
    }
    let first = book.append(correction(1), by: office)
    let second = book.append(correction(2), by: office)
    // Extended in the other order: the later correction stands.
    for act in [second, first] {
      book.append(.extending(act: reference(act), to: [reference(copy)]), by: office)
    }
    #expect(book.meaning(of: copy).correction?.dot == second.dot)
    #expect(book.meaning(of: sale).correction?.dot == second.dot)
    book.append(.retracting(reference(second)), by: office)
    #expect(book.meaning(of: copy).correction?.dot == first.dot)
    let own = [ErasedSection(dot: copy.dot, section: 1)]
    let erasure = book.append(
      .erasing(ErasureRequest(sections: [], tags: [], cutMilliseconds: 0)), by: office)
    book.append(.extending(erasure: reference(erasure), sections: own), by: phone)
    #expect(book.meaning(of: copy).correction?.dot == first.dot, "nothing is parted by a listing")
    // A redacted fact is not corrected back.
    book.append(.redacting(reference(copy), section: 0, survivors: .empty), by: office)
    #expect(book.meaning(of: copy).correction == nil)
    #expect(book.meaning(of: sale).correction?.dot == first.dot)
    book.append(.redacting(reference(sale), section: 0, survivors: .empty), by: office)
    #expect(book.meaning(of: first).erased.contains(section: 0))
  }

  @Test("A redaction erases the section and stands in its place, over any correction")
  mutating func redaction() throws {
    let sale = book.append(
      try interaction([.init("note", "call Bo"), .init("total", 5)], occurred: 7), by: till)
    let survivors = Section([.init("@occurred", 7), .init("total", 5)])
    let draft = EventDraft.redacting(reference(sale), section: 0, survivors: survivors)
    book.append(draft, by: till)
    #expect(book.meaning(of: sale).redactions.isEmpty)
    let redaction = book.append(draft, by: office)
    book.append(
      .correcting(reference(sale), facts: Section([.init("note", "call Bo")])), by: till)
    let meaning = book.meaning(of: sale)
    #expect(meaning.redactions.map(\.redaction) == [redaction.dot])
    #expect(meaning.erased.contains(section: 0))
    #expect(book.effective(sale)?.event.facts == survivors)
  }

  @Test("What survives of a person can be erased in turn")
  mutating func redactionOfPerson() throws {
    let sale = book.append(
      try interaction(person: [.init("name", "Bo"), .init("city", "Rome")]), by: till)
    let city = Section([.init("city", "Rome")])
    let redaction = book.append(
      .redacting(reference(sale), section: 1, survivors: city, reason: "asked"), by: office)
    #expect(book.effective(sale)?.event.personal == city)
    #expect(redaction.controlReason == "asked")
    erase([ErasedSection(dot: redaction.dot, section: 2)])
    #expect(book.effective(sale)?.event.personal == .empty)
  }

  @Test("No redaction brings back who was erased, before or after it")
  mutating func redactionAndErasure() throws {
    let note = Section([.init("name", "Bo"), .init("note", "rang twice")])
    for isFirst in [true, false] {
      let sale = book.append(try interaction(person: note.fields), by: till)
      let listed = [ErasedSection(dot: sale.dot, section: 1)]
      if !isFirst { erase(listed) }
      let redaction = book.append(
        .redacting(reference(sale), section: 1, survivors: note), by: office)
      if isFirst { erase(listed) }
      #expect(book.effective(sale)?.event.personal == .empty)
      #expect(book.meaning(of: redaction).erased == SectionSet(section: 2))
      #expect(book.state.erasures(of: redaction.dot, sectionCount: 3).map(\.section) == [2])
      var dots: [Dot] = []
      book.state.forEachListedEvent { dot, _ in dots.append(dot) }
      #expect(dots.contains(redaction.dot))
    }
  }

  @Test("Of several redactions stands what all of them carry, whatever their clocks say")
  mutating func severalRedactions() throws {
    let fields: [Value.Field] = [.init("a", 1), .init("b", 2), .init("c", 3)]
    let sale = book.append(try interaction(person: fields), by: till)
    func without(_ name: String) -> EventDraft {
      .redacting(
        reference(sale), section: 1, survivors: Section(fields.filter { $0.name != name }))
    }
    book.append(without("a"), by: office, recorded: 4_000_000_000_000)
    book.append(without("b"), by: office)
    #expect(book.effective(sale)?.event.personal == Section([.init("c", 3)]))
    #expect(book.meaning(of: sale).redactions.count == 2)
    // Equal to people is not enough: the texts below differ in bytes.
    let other = book.append(try interaction(person: []), by: till)
    for text in ["caf\u{e9}", "cafe\u{301}"] {
      let left = Section([.init("at", .text(text))])
      book.append(.redacting(reference(other), section: 1, survivors: left), by: office)
    }
    #expect(book.effective(other)?.event.personal == .empty)
  }

  @Test(
    "A redaction gives way to one of the same section that replaces it, and is erased with that")
  mutating func replacement() throws {
    let fields: [Value.Field] = [.init("page_id", "p"), .init("section", "secret")]
    let sale = book.append(try interaction(fields + [.init("total", 5)]), by: till)
    let first = book.append(
      .redacting(
        reference(sale), section: 0, survivors: Section(fields.suffix(1) + [.init("total", 5)])),
      by: office)
    #expect(!first.facts.fields.contains { $0.value.json.contains("secret") })
    let left = Section([.init("total", 5), .init("sku", "a")])
    func replacing(_ event: Event, _ section: Int, _ replaced: EventReference) -> EventDraft {
      .redacting(reference(event), section: section, survivors: left, replaces: [replaced])
    }
    // Not by who may not, nor for another section, nor of another id.
    book.append(replacing(sale, 0, reference(first)), by: till)
    book.append(replacing(sale, 1, reference(first)), by: office)
    let other = EventReference(dot: first.dot, idPrefix: ~idPrefix(of: first))
    book.append(replacing(sale, 0, other), by: office)
    #expect(book.meaning(of: first).erased.isEmpty)
    #expect(book.effective(sale)?.event.facts == Section([.init("total", 5)]))
    let second = book.append(replacing(sale, 0, reference(first)), by: office)
    #expect(book.meaning(of: first).erased == SectionSet(section: 2))
    #expect(book.effective(sale)?.event.facts == left)
    let standing = book.meaning(of: sale).redactions.filter { $0.section == 0 }
    #expect(standing.map(\.redaction).contains(second.dot))
    #expect(!standing.map(\.redaction).contains(first.dot))
    // What an erasure took of the one that gave way does not come back by the one that replaced it.
    erase([ErasedSection(dot: first.dot, section: 2)])
    #expect(book.effective(sale)?.event.facts == .empty)
    #expect(book.meaning(of: sale).erased.contains(section: 0))
  }

  @Test("What a redaction left is redacted by none, nor is a section that is not there")
  mutating func withoutEffect() throws {
    let sale = book.append(try interaction([.init("total", 5)]), by: till)
    let left = Section([.init("total", 5)])
    let first = book.append(
      .redacting(reference(sale), section: 0, survivors: left, reason: "Bo asked"), by: office)
    book.append(.redacting(reference(first), section: 2, survivors: .empty), by: office)
    #expect(book.meaning(of: first).erased.isEmpty)
    #expect(book.effective(sale)?.event.facts == left)
    book.append(.redacting(reference(first), section: 1, survivors: .empty), by: office)
    #expect(book.meaning(of: first).erased == SectionSet(section: 1))
    book.append(.redacting(reference(sale), section: 2, survivors: left), by: office)
    #expect(book.meaning(of: sale).erased == SectionSet(section: 0))
    #expect(book.effective(sale)?.event.sections.count == 2)
  }

  @Test("Corrections go with the section that a redaction takes, and bring nothing of it back")
  mutating func redactionOfCorrected() throws {
    let name = Section([.init("name", "Bo"), .init("note", "x")])
    let sale = book.append(try interaction([.init("total", 5)], person: name.fields), by: till)
    let other = book.append(try interaction([.init("total", 5)], person: name.fields), by: till)
    func correction(of event: Event, by origin: OriginID) -> Event {
      book.append(
        .correcting(
          reference(event), facts: Section([.init("total", 6)]), persons: [name, name]),
        by: origin)
    }
    let fix = correction(of: sale, by: till)
    let inert = correction(of: sale, by: phone)
    let elsewhere = correction(of: other, by: till)
    let ofFix = book.append(.redacting(reference(fix), section: 1, survivors: name), by: office)
    #expect(book.effective(sale)?.event.sections.count == 3)

    let left = Section([.init("name", "Bo")])
    book.append(.redacting(reference(sale), section: 1, survivors: left), by: office)
    let persons = SectionSet.persons
    for event in [fix, inert] { #expect(book.meaning(of: event).erased == persons) }
    #expect(book.meaning(of: ofFix).erased == SectionSet(section: 2))
    #expect(book.meaning(of: elsewhere).erased.isEmpty)
    #expect(book.effective(sale)?.event.sections == [Section([.init("total", 6)]), left])

    let facts = Section([.init("sku", "a")])
    book.append(.redacting(reference(sale), section: 0, survivors: facts), by: office)
    for event in [fix, inert] { #expect(book.meaning(of: event).erased.contains(section: 0)) }
    #expect(book.meaning(of: sale).correction == nil)
    #expect(book.effective(sale)?.event.sections == [facts, left])
    #expect(book.effective(other)?.event.sections.count == 3)
    // Nor does a correction that comes later.
    let late = correction(of: sale, by: till)
    #expect(book.meaning(of: late).erased.contains(section: 0))
    #expect(book.effective(sale)?.event.sections == [facts, left])
  }

  @Test(
    "An erasure takes along what corrections say of an event's persons, and what was left of it")
  mutating func erasureOfCorrected() throws {
    let name = Section([.init("name", "Bo")])
    let sale = book.append(try interaction(person: name.fields), by: till)
    let fixes = [till, phone].map { origin in
      book.append(.correcting(reference(sale), facts: .empty, persons: [name]), by: origin)
    }
    let redaction = book.append(
      .redacting(reference(fixes[0]), section: 1, survivors: name), by: phone)
    let erasure = erase([ErasedSection(dot: sale.dot, section: 1)])
    for fix in fixes {
      #expect(book.meaning(of: fix).listed == .persons)
      let erasures = book.state.erasures(of: fix.dot, sectionCount: 2)
      #expect(erasures.map(\.section) == [1])
      #expect(erasures.map(\.erasure) == [erasure.dot])
    }
    #expect(book.meaning(of: redaction).listed == SectionSet(section: 2))
    #expect(book.effective(sale)?.event.personal == .empty)
    #expect(listedEvents() == ([sale, redaction] + fixes).map(\.dot).sorted())
  }

  @Test("A correction brings no person into an event of which one is erased")
  mutating func correctionOfErased() throws {
    var draft = try interaction([.init("total", 5)], person: [.init("name", "Bo")])
    draft = EventDraft(
      channel: draft.channel, type: draft.type, schema: draft.schema,
      sections: draft.sections + [Section([.init("name", "Al")])])
    let sale = book.append(draft, by: till)
    erase([ErasedSection(dot: sale.dot, section: 1)])
    let persons = [Section([.init("name", "Al")]), Section([.init("name", "Bo")])]
    book.append(
      .correcting(reference(sale), facts: Section([.init("total", 6)]), persons: persons),
      by: till)
    let read = book.effective(sale)?.event
    #expect(read?.facts == Section([.init("total", 6)]))
    #expect(read.map { Array($0.persons) } == [.empty, Section([.init("name", "Al")])])
  }

  @Test("One false event is withdrawn by a run of one, and no more")
  mutating func runOfOne() throws {
    let sales = try (0..<3).map { _ in book.append(try interaction(), by: till) }
    let one = sales[1].dot.sequence
    book.append(.retracting(origin: till, from: one, last: one), by: office)
    #expect(sales.map { book.meaning(of: $0).isRetracted } == [false, true, false])
  }

  @Test("The facts of what governs stay; a correction without its facts corrects nothing")
  mutating func redactionOfControls() throws {
    let sale = book.append(try interaction([.init("total", 5)]), by: till)
    let grant = try #require(book.events.first)
    book.append(.redacting(reference(grant), section: 0, survivors: .empty), by: office)
    #expect(!book.meaning(of: grant).erased.contains(section: 0))
    #expect(!book.meaning(of: sale).isInert)
    let wrong = Section([.init("note", "call Bo")])
    let fix = book.append(.correcting(reference(sale), facts: wrong), by: till)
    book.append(.redacting(reference(fix), section: 0, survivors: wrong), by: office)
    #expect(book.meaning(of: fix).erased.contains(section: 0))
    #expect(book.effective(sale)?.event == sale)
  }

  @Test("Sections are erased by those who may, and by extensions of what they asked for")
  mutating func erasure() throws {
    let sale = book.append(try interaction(person: [.init("name", "Bo")]), by: till)
    let late = book.append(try interaction(person: [.init("name", "Bo")]), by: phone)
    let listed = [ErasedSection(dot: sale.dot, section: 1)]
    let request = ErasureRequest(sections: listed, tags: [], cutMilliseconds: 0)
    book.append(.erasing(request), by: till)
    #expect(book.meaning(of: sale).erased.isEmpty)
    #expect(book.state.erasures.isEmpty)

    let erasure = erase(listed)
    #expect(book.effective(sale)?.event.personal == .empty)
    #expect(book.state.erasures.map(\.reference) == [reference(erasure)])
    let lateSection = [ErasedSection(dot: late.dot, section: 1)]
    book.append(.extending(erasure: reference(erasure), sections: lateSection), by: till)
    #expect(book.meaning(of: late).erased.isEmpty)
    book.append(.extending(erasure: reference(erasure), sections: lateSection), by: phone)
    #expect(book.meaning(of: late).erased == SectionSet(section: 1))
    #expect(listedEvents() == [sale.dot, late.dot].sorted())

    book.append(.acknowledging(erasure: reference(erasure)), by: phone)
    #expect(book.state.acknowledgements(ofErasure: erasure.dot) == [phone])
  }

  @Test("Identifiers that were erased are met again up to the cut, as far as the erasure counts")
  mutating func tags() throws {
    let tag = try #require(IdentifierTag(bytes: [UInt8](repeating: 9, count: 16)))
    let other = try #require(IdentifierTag(bytes: [UInt8](repeating: 8, count: 16)))
    let request = ErasureRequest(sections: [], tags: [tag], cutMilliseconds: 1000)
    #expect(!book.state.takesAway)
    book.append(.erasing(request), by: till)
    #expect(book.state.erasure(matching: tag, earliestMilliseconds: 0) == nil)
    let erasure = reference(book.append(.erasing(request), by: office))
    #expect(book.state.takesAway)
    #expect(book.state.erasure(matching: tag, earliestMilliseconds: 1000) == erasure)
    #expect(book.state.erasure(matching: tag, earliestMilliseconds: 1001) == nil)
    #expect(book.state.erasure(matching: other, earliestMilliseconds: 0) == nil)
  }

  @Test("An extension of what nobody with the role asked for erases nothing")
  mutating func forgedErasure() throws {
    let sale = book.append(try interaction(), by: phone)
    let request = ErasureRequest(sections: [], tags: [], cutMilliseconds: 0)
    let forged = book.append(.erasing(request), by: phone)
    let sections = [ErasedSection(dot: sale.dot, section: 1)]
    book.append(.extending(erasure: reference(forged), sections: sections), by: phone)
    #expect(book.meaning(of: sale).erased.isEmpty)
    #expect(listedEvents().isEmpty)
  }

  @Test("The least attested arrival caps the time folds use, until it is taken back")
  mutating func attestations() throws {
    let ahead = book.append(try interaction(occurred: 9_000_000), by: phone)
    let run = IntervalSet.Run(first: 1, last: 10)
    func attested(_ arrived: Int64) -> EventDraft {
      .attesting(.init(origin: phone, run: run, arrivedMilliseconds: arrived))
    }
    book.append(attested(100), by: phone)
    #expect(book.effective(ahead)?.key.effectiveMilliseconds == 9_000_000)
    book.append(attested(2_000_000), by: office)
    let wrong = book.append(attested(1000), by: office)
    #expect(book.effective(ahead)?.key.effectiveMilliseconds == 301_000)
    book.append(.retracting(reference(wrong)), by: office)
    #expect(book.effective(ahead)?.key.effectiveMilliseconds == 2_300_000)
    book.append(attested(.max), by: office)
    book.append(attested(.min), by: office)
    #expect(book.effective(ahead)?.key.effectiveMilliseconds == .min + 300_000)
  }

  @Test("Identity claims need their role and are no interactions")
  mutating func claims() throws {
    let type = try #require(EventType("identity.linked"))
    let draft = EventDraft(channel: .other, type: type, schema: .zero, sections: [.empty])
    let claim = book.append(draft, by: phone)
    #expect(book.state.status(of: claim) == .inert)
    book.grant(RoleSet(.identity), to: phone)
    #expect(book.state.status(of: claim) == .counts)
    #expect(book.effective(claim) == nil)
    book.append(.retracting(reference(claim)), by: office)
    #expect(!book.meaning(of: claim).isRetracted)
    book.append(.retracting(origin: phone, from: 1), by: office)
    #expect(book.meaning(of: claim).isRetracted)
  }

  @discardableResult
  private mutating func erase(_ sections: [ErasedSection]) -> Event {
    book.append(
      .erasing(ErasureRequest(sections: sections, tags: [], cutMilliseconds: 0)), by: office)
  }

  private func listedEvents() -> [Dot] {
    var dots: [Dot] = []
    book.state.forEachListedEvent { dot, _ in dots.append(dot) }
    return dots
  }
}

extension RoleSet {
  fileprivate static let append = RoleSet(.append)
  fileprivate static let configure = RoleSet(.configure)
  fileprivate static let erase = RoleSet(.erase)
  fileprivate static let attest = RoleSet(.attest)
}
