import BookRules
import EventModel
import EventModelTests
import HybridTime
import MerkleProofs
import MerkleProofsTests
import Testing

/// `Golden/book.json`: who counts in a chain of grants, how events are read, and in which order.
@Suite("Vectors of a book")
struct BookVectorTests {
  private let book: VectorBook

  init() throws {
    var book = try VectorBook()
    try book.writeGrants()
    try book.writeInteractions()
    try book.writeTwins()
    try book.writeRepairs()
    self.book = book
  }

  @Test("Standing, readings and fold order are as in the golden file")
  func golden() throws {
    let events = book.events.map(\.event)
    let readings = try events.compactMap { event in
      try book.reading(of: event).map { (event, $0.meaning, $0.effective) }
    }
    let order = readings.sorted { $0.2.key < $1.2.key }.map { place(of: $0.0.dot) }
    try VectorText.object([
      ("kind", "book"), ("version", 1),
      (
        "founding",
        .object([
          ("owner", .text(book.owner.key.description)),
          ("bytes", VectorText(hex: [UInt8](writing: book.founding.write))),
          ("book", .text(book.founding.book.description)),
        ])
      ),
      ("windows", book.salts.text), ("secret", VectorText(hex: book.secretBytes)),
      (
        "events",
        .list(
          book.events.map { $0.event.vector($0.what, book: book.founding.book, salts: book.salts) })
      ),
      ("standing", .list(events.map(standing))), ("keys", .list(events.compactMap(key))),
      ("readings", .list(try readings.map(reading))),
      ("fold_order", .list(order.map { VectorText($0) })),
    ]).expectGolden("book.json")
  }

  private func place(of dot: Dot) -> Int {
    book.events.firstIndex { $0.event.dot == dot } ?? book.events.count
  }

  private func standing(of event: Event) -> VectorText {
    switch book.state.status(of: event) {
    case .counts: "counts"
    case .inert: "inert"
    case .withoutEffect: "without effect"
    }
  }

  /// An interaction's key as it states it, the first copy of it, and the first event under its key.
  private func key(of event: Event) -> VectorText? {
    guard let key = event.idempotencyKey else { return nil }
    let all = book.events.map(\.event).filter { $0.idempotencyKey == key }
    let same = all.filter { $0.hasSameSourceContent(as: event.draft) }
    let under = book.underKey(of: event)
    return .object([
      ("event", VectorText(place(of: event.dot))),
      ("source", .text(String(decoding: key.source, as: UTF8.self))),
      ("id", .text(String(decoding: key.sourceID, as: UTF8.self))),
      ("first_of_its_content", VectorText(same.map { place(of: $0.dot) }.min() ?? 0)),
      ("first_under_its_key", VectorText(under.map { place(of: $0.dot) }.min() ?? 0)),
      ("tag", .text(book.secret.tag(of: key).description)),
    ])
  }

  private func reading(
    _ event: Event, _ meaning: EventMeaning, _ effective: EffectiveEvent
  ) throws -> VectorText {
    let redactions = try meaning.redactions.map { replacement in
      let redaction = try #require(book.event(replacement.redaction))
      return VectorText.list([
        VectorText(replacement.section), .text(try book.reference(redaction).description),
      ])
    }
    return .object([
      ("event", VectorText(place(of: event.dot))),
      ("effective", .text("\(effective.key.effectiveMilliseconds)")),
      ("redacted", .list(redactions)),
      ("sections", .list(effective.event.sections.map { VectorText($0) })),
    ])
  }
}
