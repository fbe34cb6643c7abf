import BookRules
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("What one more control event changes")
struct ChangeTests {
  var book: TestBook
  let till: OriginID
  let office: OriginID
  let sale: Event

  init() throws {
    book = try TestBook()
    till = try makeOrigin(key: 2)
    office = try makeOrigin(key: 3)
    book.grant(RoleSet(.append), to: till)
    book.grant(.all.subtracting(RoleSet(.admin)), to: office)
    sale = book.append(
      try interaction([.init("total", 5)], person: [.init("name", "Bo")]), by: till)
  }

  @Test("What is said of an event changes that event, if its author may say it")
  mutating func oneEvent() throws {
    let stranger = try makeOrigin(key: 9)
    let drafts: [EventDraft] = [
      .retracting(reference(sale)), .correcting(reference(sale), facts: .empty),
      .redacting(reference(sale), section: 1, survivors: .empty), erasing(sale.dot),
    ]
    for draft in drafts {
      #expect(change(draft, by: stranger).isNothing)
      #expect(change(draft, by: office).events == [sale.dot])
    }
  }

  @Test("What is said of a correction changes the event that it corrects")
  mutating func correction() {
    let persons = [Section([.init("name", "Ana")])]
    let draft = EventDraft.correcting(reference(sale), facts: .empty, persons: persons)
    let fix = book.append(draft, by: till)
    let drafts: [EventDraft] = [
      .retracting(reference(fix)), .redacting(reference(fix), section: 1, survivors: .empty),
      .redacting(reference(fix), section: 0, survivors: .empty), erasing(fix.dot),
    ]
    for draft in drafts {
      let named = change(draft, by: office).events.filter { $0.origin != office }
      #expect(named == [sale.dot, fix.dot].sorted())
    }
    let run = change(.retracting(origin: till, from: fix.dot.sequence), by: office)
    #expect(run.contains(sale.dot))
    #expect(run.contains(fix.dot))
    #expect(!run.contains(Dot(origin: office, sequence: fix.dot.sequence)))
    #expect(run.originRuns.map(\.origin) == [till])
  }

  @Test("What is said of a redaction changes the event whose section it replaced")
  mutating func redaction() {
    let draft = EventDraft.redacting(
      reference(sale), section: 1, survivors: Section([.init("city", "Rome")]))
    let redaction = book.append(draft, by: office)
    #expect(change(erasing(redaction.dot), by: office).contains(sale.dot))
    let again = EventDraft.redacting(
      reference(sale), section: 1, survivors: .empty, replaces: [reference(redaction)])
    #expect(Set(change(again, by: office).events).isSuperset(of: [sale.dot, redaction.dot]))
    #expect(change(again, by: till).isNothing)
    // Whoever erases the section erases what survived of it, counting or not.
    let inert = book.append(draft, by: till)
    let erased = change(erasing(sale.dot), by: office)
    #expect(erased.contains(redaction.dot) && erased.contains(inert.dot))
  }

  @Test("What erases an event's persons changes its corrections, and what redactions left of these")
  mutating func correctionsGo() {
    let name = Section([.init("name", "Ana")])
    let fix = book.append(
      .correcting(reference(sale), facts: .empty, persons: [name]), by: till)
    let redaction = book.append(.redacting(reference(fix), section: 1, survivors: name), by: till)
    let drafts = [
      erasing(sale.dot), .redacting(reference(sale), section: 1, survivors: .empty),
      .redacting(reference(sale), section: 0, survivors: .empty),
    ]
    for draft in drafts {
      let named = change(draft, by: office)
      for event in [sale, fix, redaction] { #expect(named.contains(event.dot), "\(draft.type)") }
    }
  }

  @Test("A chain of redactions that nobody may write changes nothing, however long")
  mutating func chain() throws {
    let last = Dot(origin: till, sequence: 400)
    var state = book.state
    for sequence in 2..<400 as Range<UInt64> {
      let next = EventReference(dot: Dot(origin: till, sequence: sequence + 1), idPrefix: 0)
      let event = book.append(
        .redacting(next, section: 2, survivors: Section([.init("name", "Bo")])), by: till)
      #expect(state.insert(try #require(try HeldControl(event, idPrefix: 0))).isNothing)
    }
    let end = book.append(.redacting(reference(sale), section: 2, survivors: .empty), by: till)
    #expect(end.dot == last)
    state.insert(try #require(try HeldControl(end, idPrefix: 0)))
    let erasure = book.append(
      .erasing(
        ErasureRequest(
          sections: [ErasedSection(dot: last, section: 2)], tags: [], cutMilliseconds: 0)),
      by: office)
    let held = try #require(try HeldControl(erasure, idPrefix: 0))
    let before = Dot(origin: till, sequence: 399)
    #expect(state.insert(held).events.sorted() == [sale.dot, before, last])
    #expect(state.listedSections(of: last) == SectionSet(section: 2))
    // What names it goes along, and nothing that names that.
    #expect(state.listedSections(of: before) == SectionSet(section: 2))
    #expect(state.listedSections(of: Dot(origin: till, sequence: 398)).isEmpty)
  }

  @Test("An attestation changes its run, and so does taking it back")
  mutating func attestation() {
    let run = IntervalSet.Run(first: 4, last: 6)
    let draft = EventDraft.attesting(.init(origin: till, run: run, arrivedMilliseconds: 0))
    #expect(change(draft, by: office).originRuns.map(\.sequences) == [IntervalSet(run)])
    let attestation = book.append(draft, by: office)
    let retraction = change(.retracting(reference(attestation)), by: office)
    #expect(retraction.contains(Dot(origin: till, sequence: 4)))
    #expect(!retraction.contains(Dot(origin: till, sequence: 7)))
    let ofRun = change(
      .retracting(origin: office, from: attestation.dot.sequence), by: book.owner)
    #expect(ofRun.contains(Dot(origin: till, sequence: 4)))
  }

  @Test("An erasure brings along the extensions that waited for it")
  mutating func extensions() throws {
    let request = ErasureRequest(sections: [], tags: [], cutMilliseconds: 0)
    let erasure = book.append(.erasing(request), by: office)
    let sections = [ErasedSection(dot: sale.dot, section: 1)]
    book.append(.extending(erasure: reference(erasure), sections: sections), by: till)
    var state = BookState(
      ownerKey: book.owner.key, controls: book.controls.filter { $0.dot != erasure.dot })
    #expect(book.meaning(of: sale, in: state).erased.isEmpty)
    let held = try #require(try HeldControl(erasure, idPrefix: idPrefix(of: erasure)))
    #expect(state.insert(held).events == [sale.dot])
    #expect(book.meaning(of: sale, in: state).erased.contains(section: 1))
  }

  @Test("Roles change for a key, and with them what the key said of others")
  mutating func roles() throws {
    book.append(.correcting(reference(sale), facts: .empty), by: office)
    let grants = book.events.filter { $0.type.name == "grant.added" }
    let grant = try #require(grants.last)
    let revoking = EventDraft.revoking(grant: reference(grant), last: RevocationLimit([]))
    #expect(change(revoking, by: till).isNothing)
    let revoked = change(revoking, by: book.owner)
    #expect(revoked.deviceKeys == [office.key])
    #expect(revoked.events == [sale.dot])
    #expect(change(.granting(.all, to: office.key), by: office).isNothing)
    // Roles that are there already change nothing.
    #expect(change(.granting(RoleSet(.append), to: till.key), by: book.owner).isNothing)
  }

  @Test(
    "A schema changes the events of its type, other documents all, once they are declared and activated"
  )
  mutating func documents() {
    let digest = Digest256.hash(Array("one".utf8))
    let subject = DocumentSubject(kind: .schema, name: "page.viewed")
    #expect(change(.declaring(.schema, content: "one"), by: office).isNothing)
    #expect(change(.activating(subject, digest: digest), by: till).isNothing)
    let activation = book.append(.activating(subject, digest: digest), by: office)
    #expect(change(.declaring(.schema, content: "two"), by: office).isNothing)
    #expect(
      change(.declaring(.schema, content: "one"), by: office).eventTypes.map(\.name)
        == ["page.viewed"])
    let run = IntervalSet.Run(first: activation.dot.sequence, last: 99)
    let moving = EventDraft.attesting(.init(origin: office, run: run, arrivedMilliseconds: 0))
    #expect(change(moving, by: office).eventTypes.map(\.name) == ["page.viewed"])
    let scales = DocumentSubject(kind: .metricScales)
    #expect(change(.activating(scales, digest: .zero), by: office).isEverything)
  }

  @Test("A union names what either names")
  mutating func union() {
    var union = change(.retracting(reference(sale)), by: office)
    union.formUnion(change(.retracting(origin: office, from: 3), by: office))
    union.formUnion(.nothing)
    #expect(union.contains(sale.dot))
    #expect(union.contains(Dot(origin: office, sequence: 3)))
    #expect(!union.contains(Dot(origin: office, sequence: 2)))
    #expect(!union.isEverything)
    union.formUnion(.everything)
    #expect(union.contains(Dot(origin: office, sequence: 2)))
  }

  /// What `draft` would change, appended now by `origin`.
  private func change(_ draft: EventDraft, by origin: OriginID) -> BookChange {
    var later = book
    let event = later.append(draft, by: origin)
    var state = book.state
    guard let held = try? HeldControl(event, idPrefix: idPrefix(of: event)) else {
      Issue.record("\(event) is malformed")
      return .nothing
    }
    return state.insert(held)
  }

  private func erasing(_ dot: Dot) -> EventDraft {
    .erasing(
      ErasureRequest(
        sections: [ErasedSection(dot: dot, section: 1)], tags: [], cutMilliseconds: 0))
  }
}
