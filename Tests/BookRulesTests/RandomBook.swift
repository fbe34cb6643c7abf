import BookRules
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

/// A book that owner, admins, devices and thieves write at random, naming each other's events, with
/// few keys, contents and sections, so that everything meets everything.
struct RandomBook {
  private(set) var book: TestBook
  /// Keys 2 and 3 are made admins at first, 4 to 6 devices; 7 is never granted anything by the owner.
  private let origins: [OriginID]
  private var random: SeededGenerator
  /// Whose events only itself names, when set.
  private let loner: DeviceKey?

  init(seed: UInt64, eventCount: Int = 70, loner: UInt8? = nil) throws {
    book = try TestBook()
    random = SeededGenerator(seed: seed)
    origins = try (1...7).flatMap { key in
      try (1...2).map { try makeOrigin(key: key, incarnation: $0) }
    }
    self.loner = try loner.map { try makeOrigin(key: $0).key }
    for key in [2, 3] { book.grant([RoleSet(.admin), randomRoles()], to: origins[2 * key - 2]) }
    for key in [4, 5, 6] {
      let isLoner = origins[2 * key - 2].key == self.loner
      book.grant(isLoner ? RoleSet(.append) : randomRoles(), to: origins[2 * key - 2])
    }
    for _ in 0..<eventCount { try appendAnything() }
  }

  private mutating func appendAnything() throws {
    let author = randomAuthor()
    let recorded = random.oneIn(3) ? Int64.random(in: 0...9, using: &random) : nil
    let draft = random.oneIn(3) ? try randomInteraction() : randomControl(by: author)
    book.append(draft, by: author, recorded: recorded)
  }

  private mutating func randomAuthor() -> OriginID {
    if let loner, random.oneIn(3) { return random.pick(origins.filter { $0.key == loner }) }
    return random.oneIn(4) ? book.owner : random.pick(origins)
  }

  private mutating func randomInteraction() throws -> EventDraft {
    let id = random.oneIn(8) ? nil : random.pick(["1", "2", "3"])
    return try interaction(
      [.init("total", .integer(Int64.random(in: 0...1, using: &random)))],
      person: [.init("name", "Bo")], id: id,
      occurred: random.oneIn(4) ? Int64.random(in: 0...1_000_000, using: &random) : 600_000)
  }

  private mutating func randomControl(by author: OriginID) -> EventDraft {
    let survivors = Section([
      .init("kept", .integer(Int64.random(in: 0...1, using: &random))),
      .init("left", .integer(Int64.random(in: 0...3, using: &random))),
    ])
    switch Int.random(in: 0..<20, using: &random) {
    case 0, 1:
      let key = random.pick(origins).key
      return .granting(
        key == loner ? RoleSet(.append) : randomRoles(), to: key,
        first: random.oneIn(3) ? randomStart() : nil)
    case 2, 3:
      return .revoking(grant: target(by: author) { $0 == "grant.added" }, last: randomLimit())
    case 4, 5: return .retracting(randomVictim(by: author))
    case 6:
      let origin = randomOrigin(by: author)
      let from = UInt64.random(in: 1...9, using: &random)
      let last = random.oneIn(2) ? from + UInt64.random(in: 0...3, using: &random) : nil
      return .retracting(origin: origin, from: from, last: last)
    case 7, 8:
      let persons = random.oneIn(2) ? nil : [survivors, survivors]
      return .correcting(randomVictim(by: author), facts: survivors, persons: persons)
    case 9:
      return randomRedaction(by: author, survivors)
    case 15: return randomReplacement(by: author, survivors)
    case 16, 17, 18:
      let act = target(by: author) {
        ["event.retracted", "event.corrected", "event.redacted"].contains($0)
      }
      return .extending(act: act, to: (0..<2).map { _ in randomVictim(by: author) })
    case 10:
      return .erasing(
        ErasureRequest(sections: randomSections(by: author), tags: [], cutMilliseconds: 0))
    case 11:
      let erasure = target(by: author) { $0 == "erasure.requested" }
      return .extending(erasure: erasure, sections: randomSections(by: author))
    case 12:
      let first = UInt64.random(in: 1...9, using: &random)
      return .attesting(
        AttestedArrival(
          origin: randomOrigin(by: author), run: .init(first: first, last: first + 3),
          arrivedMilliseconds: Int64.random(in: -300_000...300_000, using: &random)))
    case 13:
      let known = EventDraft.revoking(
        grant: target(by: author) { $0 == "grant.added" }, last: RevocationLimit([]))
      let later = Section(known.sections[0].fields + [.init("later_version", .integer(1))])
      return EventDraft(
        channel: .other, type: known.type, schema: known.schema, sections: [later, .empty])
    case 14: return .declaring(.schema, content: random.pick(["a", "b"]))
    default:
      let digest = Digest256.hash(Array(random.pick(["a", "b"]).utf8))
      return .activating(
        DocumentSubject(kind: .schema, name: "page.viewed"),
        digest: random.oneIn(4) ? .zero : digest)
    }
  }

  private mutating func randomRedaction(
    by author: OriginID, _ survivors: Section
  ) -> EventDraft {
    let section = Int.random(in: 0...2, using: &random)
    return .redacting(randomVictim(by: author), section: section, survivors: survivors)
  }

  /// A redaction of a section that is redacted already, which replaces some of what was there, and now
  /// and then a redaction of something else.
  private mutating func randomReplacement(
    by author: OriginID, _ survivors: Section
  ) -> EventDraft {
    let replaced = (0..<2).map { _ in target(by: author) { $0 == "event.redacted" } }
    let redactions = book.events.filter { $0.dot == replaced[0].dot }
    guard
      case .redacted(let event, let section, _)? = redactions.first.flatMap({ redaction in
        try? ControlEvent(redaction)
      }), author.key == loner || event.dot.origin.key != loner
    else {
      return randomRedaction(by: author, survivors)
    }
    let others = book.events.filter { other in
      guard case .redacted(event, section, _)? = try? ControlEvent(other) else { return false }
      return random.oneIn(2)
    }
    return .redacting(
      event, section: section, survivors: survivors, replaces: replaced + others.map(reference))
  }

  private mutating func randomRoles() -> RoleSet {
    RoleSet(rawValue: UInt8.random(in: 1..<64, using: &random)).subtracting(
      random.oneIn(3) ? [] : RoleSet(.admin)
    ).union(RoleSet(.append))
  }

  private mutating func randomLimit() -> RevocationLimit {
    RevocationLimit(
      (1...2).filter { _ in random.oneIn(2) }.map { incarnation in
        .init(incarnation: incarnation, last: UInt64.random(in: 0...9, using: &random))
      })
  }

  private mutating func randomStart() -> GrantStart {
    GrantStart(
      (1...2).filter { _ in random.oneIn(2) }.map { incarnation in
        .init(incarnation: incarnation, first: UInt64.random(in: 1...9, using: &random))
      })
  }

  private mutating func randomSections(by author: OriginID) -> [ErasedSection] {
    (0..<3).map { _ in
      // Few keys, so that many interactions become one; now and then nothing is remembered.
      let number = UInt8.random(in: 1...2, using: &random)
      let key = IdentifierTag(bytes: [UInt8](repeating: number, count: 16))
      let section = Int.random(in: 0...2, using: &random)
      let isRemembered = section == 0 || section == 1 && !random.oneIn(4)
      return ErasedSection(
        dot: randomVictim(by: author).dot, section: section, key: isRemembered ? key : nil)
    }
  }

  /// A loner's run is named by itself alone.
  private mutating func randomOrigin(by author: OriginID) -> OriginID {
    random.pick(origins.filter { author.key == loner || $0.key != loner })
  }

  /// An interaction, something said of one, or any event.
  private mutating func randomVictim(by author: OriginID) -> EventReference {
    let names = random.pick([
      ["page.viewed"], ["page.viewed"], ["event.corrected", "arrival.attested", "event.redacted"],
      [],
    ])
    return target(by: author) { names.isEmpty || names.contains($0) }
  }

  /// A reference to an event there is, now and then with another id, or to one there is not.
  private mutating func target(
    by author: OriginID, where isFitting: (String) -> Bool = { _ in true }
  ) -> EventReference {
    let fitting = book.events.filter { event in
      (author.key == loner || event.dot.origin.key != loner)
        && (isFitting(event.type.name) || random.oneIn(10))
    }
    guard !random.oneIn(12), !fitting.isEmpty else {
      let dot = Dot(
        origin: randomOrigin(by: author), sequence: UInt64.random(in: 1...12, using: &random))
      return EventReference(dot: dot, idPrefix: 1)
    }
    let named = reference(random.pick(fitting))
    return random.oneIn(12)
      ? EventReference(dot: named.dot, idPrefix: ~named.idPrefix) : named
  }
}
