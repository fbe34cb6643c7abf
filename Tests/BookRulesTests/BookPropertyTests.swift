import BookRules
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Books of owners, admins, devices and thieves")
struct BookPropertyTests {
  @Test("Every event means what the specification says", arguments: 1...60 as ClosedRange<UInt64>)
  func model(seed: UInt64) throws {
    let book = try RandomBook(seed: seed).book
    let model = BookModel(book)
    let state = book.state
    for event in book.events {
      for role in Role.allCases {
        #expect(state.counts(event.dot, for: role) == model.may(event.dot, role))
      }
      #expect(state.roles(of: event.dot).roles == Role.allCases.filter { model.may(event.dot, $0) })
      let meaning = book.meaning(of: event, in: state)
      #expect(meaning == model.meaning(of: event), "\(event)")
      if let read = EffectiveEvent(event, meaning: meaning, in: state, fetch: book.event) {
        #expect(read.event.sections == model.sections(of: event), "\(event)")
      }
    }
  }

  @Test(
    "What is erased of any event is among what may be removed",
    arguments: 60...99 as ClosedRange<UInt64>)
  func removable(seed: UInt64) throws {
    let book = try RandomBook(seed: seed).book
    let state = book.state
    var taken: [Dot: SectionSet] = [:]
    var last: Dot?
    state.forEachEventTakenFrom { dot, sections in
      #expect(last.map { $0 < dot } ?? true)
      #expect(!sections.isEmpty)
      taken[dot] = sections
      last = dot
    }
    for event in book.events {
      let erased = book.meaning(of: event, in: state).erased
      #expect(erased.isSubset(of: taken[event.dot] ?? []), "\(event)")
    }
  }

  @Test(
    "Order, batches and repetition of what arrives do not show",
    arguments: 20...29 as ClosedRange<UInt64>)
  func convergence(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let book = try RandomBook(seed: seed).book
    let expected = book.state
    for _ in 0..<5 {
      var state = BookState(ownerKey: book.owner.key)
      let repeated = book.controls + book.controls.filter { _ in random.oneIn(3) }
      var rest = repeated.shuffled(using: &random)[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...4, using: &random)
        state.insert(contentsOf: rest.prefix(count))
        rest = rest.dropFirst(count)
      }
      #expect(state == expected)
      #expect(state.insert(contentsOf: book.controls).isNothing)
    }
  }

  @Test("Of two events with one dot the same is kept in any order")
  func forks() throws {
    var random = SeededGenerator(seed: 30)
    let book = try RandomBook(seed: 30).book
    let forged = try book.controls.filter { _ in random.oneIn(3) }.map { control in
      let event = try #require(book.event(control.dot))
      return try #require(try HeldControl(event, idPrefix: random.next()))
    }
    let all = book.controls + forged
    let expected = BookState(ownerKey: book.owner.key, controls: all)
    for _ in 0..<5 {
      var state = BookState(ownerKey: book.owner.key)
      for control in all.shuffled(using: &random) { state.insert(control) }
      #expect(state == expected)
    }
  }

  @Test(
    "Events that a change does not name mean the same before and after",
    arguments: 200...239 as ClosedRange<UInt64>)
  func changes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let book = try RandomBook(seed: seed, eventCount: 60).book
    var state = BookState(ownerKey: book.owner.key)
    var answers = book.events.map { Answer($0, book, state) }
    for control in book.controls.shuffled(using: &random) {
      let change = state.insert(control)
      let after = book.events.map { Answer($0, book, state) }
      for (index, event) in book.events.enumerated() where event.dot != control.dot {
        let isNamed = change.contains(event.dot) || change.eventTypes.contains(event.type)
        if !isNamed { #expect(answers[index] == after[index], "\(event) after \(control.dot)") }
      }
      let isInert = book.event(control.dot).map { state.status(of: $0) } == .inert
      // What redactions left of a correction goes with the event it names, whether it counts or not.
      let isCorrection = if case .corrected = control.content { true } else { false }
      if isInert, !isCorrection { #expect(change.isNothing) }
      answers = after
    }
    #expect(state == book.state)
  }

  @Test(
    "A stolen phone voids, corrects, erases and re-dates nothing of others",
    arguments: 60...69 as ClosedRange<UInt64>)
  func stolenPhone(seed: UInt64) throws {
    let book = try RandomBook(seed: seed, eventCount: 120, loner: 4).book
    let phone = try makeOrigin(key: 4).key
    let others = book.events.filter { $0.dot.origin.key != phone }
    let honest = BookState(
      ownerKey: book.owner.key,
      controls: book.controls.filter { $0.dot.origin.key != phone })
    let state = book.state
    for event in others {
      #expect(book.meaning(of: event, in: state) == book.meaning(of: event, in: honest), "\(event)")
    }
  }

  @Test(
    "A key whose grants the owner takes away altogether has never governed anything",
    arguments: 80...89 as ClosedRange<UInt64>)
  func voidedAdmin(seed: UInt64) throws {
    var book = try RandomBook(seed: seed).book
    let admin = try makeOrigin(key: 2).key
    for grant in book.events {
      guard case .grantAdded(admin, _, _)? = try? ControlEvent(grant) else { continue }
      book.append(.revoking(grant: reference(grant), last: RevocationLimit([])), by: book.owner)
    }
    let without = BookState(
      ownerKey: book.owner.key, controls: book.controls.filter { $0.dot.origin.key != admin })
    let state = book.state
    for event in book.events where event.dot.origin.key != admin {
      #expect(
        book.meaning(of: event, in: state) == book.meaning(of: event, in: without), "\(event)")
    }
  }

  @Test(
    "A replica that holds only what erasure left comes to the same answers",
    arguments: 100...109 as ClosedRange<UInt64>)
  func husks(seed: UInt64) throws {
    let book = try RandomBook(seed: seed, eventCount: 120).book
    let state = book.state
    let husks = book.events.map { event in
      let erased = book.meaning(of: event, in: state).erased
      let sections = event.sections.enumerated().map { number, section in
        erased.contains(section: number) ? Section(erased: .zero) : section
      }
      let draft = EventDraft(
        channel: event.channel, type: event.type, schema: event.schema, sections: sections)
      return Event(dot: event.dot, recorded: event.recorded, draft: draft)
    }
    #expect(husks != book.events || seed == 101, "nothing is erased in this book")
    let controls = zip(husks, book.events).compactMap { husk, event in
      try? HeldControl(husk, idPrefix: idPrefix(of: event))
    }
    let later = BookState(ownerKey: book.owner.key, controls: controls)
    for (husk, event) in zip(husks, book.events) {
      let meaning = book.meaning(of: event, in: state)
      let left = later.meaning(of: husk) { dot in book.event(dot).map(idPrefix) ?? 0 }
      // A correction without its facts is malformed then, and in effect neither here nor there; so
      // nobody sees any more that what redactions left of it went with its event, and it is gone.
      let isGone = Self.isOfCorrection(event, in: book) && meaning.erased.contains(section: 2)
      #expect(left == meaning || event.type.name == "event.corrected" || isGone, "\(event)")
      let whole = EffectiveEvent(event, meaning: meaning, in: state) { book.event($0) }
      let rest = EffectiveEvent(husk, meaning: left, in: later) { dot in
        husks.first { $0.dot == dot }
      }
      #expect(rest == whole, "\(event)")
    }
  }

  /// Whether the event redacts a correction.
  private static func isOfCorrection(_ event: Event, in book: TestBook) -> Bool {
    guard case .redacted(let named, _, _)? = try? ControlEvent(event) else { return false }
    return book.event(named.dot)?.type.name == "event.corrected"
  }

  @Test("No date gives or takes a role", arguments: 90...95 as ClosedRange<UInt64>)
  func datesDoNotCount(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let book = try RandomBook(seed: seed).book
    let redated = try book.events.compactMap { event in
      let other = Event(
        dot: event.dot, recorded: HybridTimestamp(rawValue: random.next()), draft: event.draft)
      return try HeldControl(other, idPrefix: idPrefix(of: event))
    }
    let state = BookState(ownerKey: book.owner.key, controls: redated)
    let expected = book.state
    for event in book.events {
      #expect(state.roles(of: event.dot) == expected.roles(of: event.dot))
    }
  }

  @Test("Random books hold what goes along with something else")
  func coverage() throws {
    var counts: [String: Int] = [:]
    for seed in 1...60 as ClosedRange<UInt64> {
      let book = try RandomBook(seed: seed).book
      let state = book.state
      for event in book.events where !event.type.isControl {
        let meaning = book.meaning(of: event, in: state)
        let isDirect = { (naming: EventReference) in naming.dot == event.dot }
        let acts = book.controls.compactMap { control -> (Dot, EventReference)? in
          switch control.content {
          case .retracted(let named), .corrected(let named, _): (control.dot, named)
          default: nil
          }
        }
        if meaning.isRetracted, !acts.contains(where: { isDirect($0.1) }) {
          counts["retracted by extension or run", default: 0] += 1
        }
        if let correction = meaning.correction,
          !acts.contains(where: { $0.0 == correction.dot && isDirect($0.1) })
        {
          counts["corrected by extension", default: 0] += 1
        }
      }
      for event in book.events where event.type.isControl {
        let meaning = book.meaning(of: event, in: state)
        let isNamed = state.control(event.dot) != nil && !meaning.redactions.isEmpty
        switch (event.type.name, meaning.listed.isEmpty, isNamed) {
        case ("event.corrected", false, _): counts["listed correction", default: 0] += 1
        case ("event.corrected", true, false) where !meaning.erased.isEmpty:
          counts["correction of what is redacted", default: 0] += 1
        case ("event.redacted", false, _): counts["listed redaction", default: 0] += 1
        case ("event.redacted", true, _) where meaning.erased.contains(section: 2):
          counts["replaced redaction", default: 0] += 1
        default: break
        }
      }
    }
    #expect(counts.count == 6, "\(counts)")
    #expect(counts.values.allSatisfy { $0 >= 10 }, "\(counts)")
  }

  /// All that can be asked about one event.
  private struct Answer: Equatable {
    let meaning: EventMeaning
    let effective: EffectiveEvent?
    let documents: [Digest256]

    init(_ event: Event, _ book: TestBook, _ state: BookState) {
      meaning = book.meaning(of: event, in: state)
      effective = EffectiveEvent(event, meaning: meaning, in: state) { book.event($0) }
      let key = FoldKey(event, arrivedMilliseconds: meaning.arrivedMilliseconds)
      documents = state.documents(inForceAt: key).filter { subject, _ in
        subject.kind != .schema || subject.name == event.type.name
      }.map(\.digest)
    }
  }
}
