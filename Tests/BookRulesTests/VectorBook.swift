import BookRules
import EventModel
import EventModelTests
import HybridTime
import MerkleProofs
import MerkleProofsTests
import Testing

/// The book that `Golden/book.json` tells: an owner, an admin, a hub, a device of two incarnations
/// and a stranger write it, one event at a time.
struct VectorBook {
  let founding: BookFounding
  let owner: OriginID
  let admin: OriginID
  let hub: OriginID
  let device: OriginID
  let deviceAgain: OriginID
  let stranger: OriginID
  let salts: VectorSalts
  let secretBytes = [UInt8](0..<32)
  let secret: BookSecret
  private(set) var events: [(what: String, event: Event)] = []
  private(set) var controls: [HeldControl] = []
  private var clock: Int64 = 1_763_780_000_000

  init() throws {
    owner = try makeOrigin(key: 1)
    admin = try makeOrigin(key: 2, incarnation: 0xffff_ffff_0000_0001)
    hub = try makeOrigin(key: 3)
    device = try makeOrigin(key: 4)
    deviceAgain = try makeOrigin(key: 4, incarnation: 0x10)
    stranger = try makeOrigin(key: 5)
    secret = try #require(BookSecret(bytes: secretBytes))
    founding = BookFounding(owner: owner.key, nonceHigh: 0x1234, nonceLow: .max)
    salts = VectorSalts(
      [owner, admin, hub, device, deviceAgain, stranger].map { ($0, 0) })
  }

  var state: BookState { BookState(ownerKey: owner.key, controls: controls) }

  /// Appends a draft, a second after the one before.
  @discardableResult
  mutating func append(
    _ what: String, _ draft: EventDraft, by origin: OriginID
  ) throws -> Event {
    clock += 1000
    let sequence = events.count { $0.event.dot.origin == origin } + 1
    let event = Event(
      dot: Dot(origin: origin, sequence: UInt64(sequence)),
      recorded: HybridTimestamp(milliseconds: clock), draft: draft)
    events.append((what, event))
    if let control = try? HeldControl(event, idPrefix: id(of: event).prefix64) {
      controls.append(control)
    }
    return event
  }

  func id(of event: Event) throws -> Digest256 {
    try #require(event.id(book: founding.book, salts: salts.salts(of: event.dot)))
  }

  /// How others name the event.
  func reference(_ event: Event) throws -> EventReference {
    EventReference(dot: event.dot, idPrefix: try id(of: event).prefix64)
  }

  func event(_ dot: Dot) -> Event? { events.first { $0.event.dot == dot }?.event }

  /// The interactions under the key of one, in order, as the state knows them.
  func underKey(of event: Event) -> [Event] {
    let state = state
    func key(_ event: Event) -> InteractionKey {
      let erased = state.erasedSections(of: event.dot) { dot in
        (try? self.event(dot).map { try id(of: $0).prefix64 }) ?? 0
      }
      return state.key(of: event.dot, erased: erased)
    }
    let own = key(event)
    return events.map(\.event).filter { other in
      guard other != event else { return true }
      guard !other.type.isControl, own != .none, key(other) == own else { return false }
      return own != .stated || other.idempotencyKey == event.idempotencyKey
    }
  }

  /// What folds see of the event, and what redacted it.
  func reading(of event: Event) throws -> (meaning: EventMeaning, effective: EffectiveEvent)? {
    let state = state
    let meaning = try state.meaning(of: event) { dot throws in
      try id(of: try #require(self.event(dot))).prefix64
    }
    let effective = EffectiveEvent(event, meaning: meaning, in: state) { self.event($0) }
    return effective.map { (meaning, $0) }
  }
}

extension VectorBook {
  /// Owner, admin, device and hub: grants, and those that give nothing.
  mutating func writeGrants() throws {
    try append("the owner makes an admin", .granting([.admin, .append], to: admin), by: owner)
    try append("the admin grants to the device", .granting([.append], to: device), by: admin)
    try append(
      "the admin grants to the hub", .granting([.append, .attest, .erase], to: hub), by: admin)
    try append(
      "an admin's grant of admin counts for the other roles alone",
      .granting([.admin, .configure], to: stranger), by: admin)
    try append("nobody's grant to itself", .granting([.append], to: stranger), by: hub)
    let unordered = EventDraft(
      channel: .other, type: try #require(EventType("grant.added")), schema: .zero,
      sections: [
        Section([
          .init("key", .text(stranger.key.description)), .init("roles", "erase,append"),
        ])
      ])
    try append("malformed: the roles are not in order", unordered, by: owner)
  }

  /// What the device sells, on two incarnations, and how the admin ends its first one.
  mutating func writeInteractions() throws {
    let viewed = try interaction(
      [.init("page_id", "p1"), .init("duration_seconds", 4)],
      person: [.init("@identifiers", .array(["user:u1"])), .init("note", "rang twice")], id: "i1",
      occurred: 1_763_779_990_000)
    let ahead = try interaction(id: "i2", occurred: 1_795_316_000_000)
    let spoken = EventDraft(
      channel: .phone, type: viewed.type, schema: viewed.schema,
      sections: [
        Section([.init("@occurred", 1_763_779_980_000)]), Section([.init("@source", "pbx")]),
        Section([.init("name", "Ben"), .init("mail", "ben@example.com")]),
        Section([.init("name", "Cleo")]),
      ])
    let first = try append("counts", viewed, by: device)
    let second = try append("a clock that is a year ahead", ahead, by: device)
    let third = try append("three persons", spoken, by: device)
    try append("beyond what the revocation lists", try interaction(id: "i4"), by: device)
    try append("an incarnation the revocation does not list", viewed, by: deviceAgain)
    try append("granted configure, not append", try interaction(id: "i5"), by: stranger)
    try writeRevocations()
    try writeVerdicts(on: first, second, third)
  }

  private mutating func writeRevocations() throws {
    let grants = events.filter { $0.event.dot.origin == admin }.map(\.event)
    let limit = RevocationLimit([.init(incarnation: device.incarnation, last: 3)])
    try append(
      "the admin revokes the device's grant",
      .revoking(grant: try reference(grants[0]), last: limit), by: admin)
    let other = EventReference(dot: grants[1].dot, idPrefix: 1)
    try append(
      "a revocation that names another id ends nothing", .revoking(grant: other, last: limit),
      by: admin)
    try append(
      "a revocation by one without admin is inert",
      .revoking(grant: try reference(grants[1]), last: limit), by: hub)
  }

  /// Attestation, redaction, erasure and correction.
  private mutating func writeVerdicts(
    on first: Event, _ second: Event, _ third: Event
  ) throws {
    let run = IntervalSet.Run(first: 2, last: 2)
    try append(
      "the hub attests the arrival",
      .attesting(.init(origin: device, run: run, arrivedMilliseconds: 1_763_780_009_000)), by: hub)
    let kept = Section([.init("@occurred", 1_763_779_990_000), .init("page_id", "p1")])
    try append(
      "a fact is redacted",
      .redacting(try reference(first), section: 0, survivors: kept, reason: "not a fact"), by: hub)
    try append(
      "a person is redacted",
      .redacting(
        try reference(third), section: 2, survivors: Section([.init("name", "Ben")])), by: hub)
    let tag = try #require(IdentifierTag("00112233445566778899aabbccddeeff"))
    try append(
      "a person is erased",
      .erasing(
        .init(
          sections: [ErasedSection(dot: third.dot, section: 3)], tags: [tag],
          cutMilliseconds: 1_763_780_000_000, request: "case-1")), by: hub)
    try append(
      "the facts are corrected, the times stay",
      .correcting(try reference(third), facts: Section([.init("duration_seconds", 9)])), by: owner)
    try append(
      "facts, time and persons are corrected, the key stays",
      .correcting(
        try reference(second), facts: Section([.init("@occurred", 1_763_780_400_000)]),
        persons: [Section([.init("note", "by hand")]), Section([.init("name", "Dora")])],
        reason: "wrong clock"), by: owner)
    try append(
      "an inert redaction",
      .redacting(try reference(second), section: 1, survivors: .empty), by: deviceAgain)
  }

  /// Redactions that meet each other and erasures, a run of one, and a grant after a revocation.
  mutating func writeRepairs() throws {
    func spoken(_ names: [[Value.Field]]) throws -> EventDraft {
      let draft = try interaction([.init("page_id", "p2"), .init("section", "secret")])
      return EventDraft(
        channel: draft.channel, type: draft.type, schema: draft.schema,
        sections: [draft.sections[0]] + names.map { Section($0) })
    }
    let names: [Value.Field] = [.init("city", "Rome"), .init("name", "Eva"), .init("note", "x")]
    let both = try append("redacted twice, and its facts in turn", spoken([names]), by: owner)
    for left in [Array(names.dropFirst()), names.dropLast()] {
      try append(
        "one of two redactions of a section",
        .redacting(try reference(both), section: 1, survivors: Section(left)), by: hub)
    }
    let facts = try append(
      "leaves a fact that goes in turn",
      .redacting(try reference(both), section: 0, survivors: Section(both.facts.fields)), by: hub)
    try append(
      "replaces what a redaction left",
      .redacting(
        try reference(both), section: 0, survivors: Section([.init("page_id", "p2")]),
        replaces: [try reference(facts)]), by: hub)
    try append(
      "replaces a redaction of another section: none",
      .redacting(
        try reference(both), section: 1, survivors: Section(names),
        replaces: [try reference(facts)]), by: hub)
    try append(
      "of what a redaction left: no effect",
      .redacting(try reference(facts), section: 2, survivors: .empty), by: hub)
    try append(
      "of a section that is not there: no effect",
      .redacting(try reference(both), section: 2, survivors: .empty), by: hub)
    try writeCorrected(spoken([names, names]), names)

    let person = try append("redacted, corrected and erased", spoken([names, names]), by: owner)
    try append(
      "does not survive the erasure",
      .redacting(try reference(person), section: 1, survivors: Section(names)), by: hub)
    try append(
      "lists the section, and with it what survived",
      .erasing(
        .init(sections: [ErasedSection(dot: person.dot, section: 1)], tags: [], cutMilliseconds: 0)
      ), by: hub)
    try append(
      "changes the facts and none of the persons",
      .correcting(
        try reference(person), facts: Section([.init("page_id", "p3")]),
        persons: [Section(names), Section(names)]), by: owner)

    let copy = try append("withdrawn by a run of one", try interaction(id: "i9"), by: owner)
    try append("stays", try interaction(id: "i9"), by: owner)
    try append(
      "withdraws one event",
      .retracting(origin: owner, from: copy.dot.sequence, last: copy.dot.sequence), by: owner)

    let next = UInt64(events.count { $0.event.dot.origin == device }) + 1
    let first = GrantStart([.init(incarnation: device.incarnation, first: next)])
    try append(
      "granted again, from behind what was voided",
      .granting(RoleSet(.append), to: device.key, first: first), by: admin)
    try append("counts by the second grant", try interaction(id: "i10"), by: device)
    try append("not listed by the second grant", try interaction(id: "i11"), by: deviceAgain)
    let later = EventDraft(
      channel: .other, type: try #require(EventType("grant.added")), schema: .zero,
      sections: [
        Section([.init("key", .text(stranger.key.description)), .init("roles", "append,audit")]),
        .empty,
      ])
    try writeClosed()
    try append("a role of a later version gives nothing, the other counts", later, by: owner)
    try writeLaterVersions()
  }

  /// Corrections of what is redacted, and of what is erased.
  private mutating func writeCorrected(_ draft: EventDraft, _ names: [Value.Field]) throws {
    let facts = Section([.init("page_id", "p4"), .init("section", "news")])
    let persons = [Section([.init("name", "Eve")])]
    func correct(_ event: Event) throws {
      try append(
        "changes facts and persons",
        .correcting(try reference(event), facts: facts, persons: persons), by: owner)
    }
    let person = try append("corrected, and a person redacted", draft, by: owner)
    try correct(person)
    try append(
      "leaves the facts corrected, the other person as sent",
      .redacting(try reference(person), section: 1, survivors: Section(Array(names.dropFirst()))),
      by: hub)
    let fact = try append("corrected, and a fact redacted", draft, by: owner)
    try correct(fact)
    try append(
      "leaves nothing corrected",
      .redacting(try reference(fact), section: 0, survivors: Section([.init("page_id", "p5")])),
      by: hub)
    let robbed = try append("corrected by what is redacted itself", draft, by: owner)
    try correct(robbed)
    let last = try events.last.map { try reference($0.event) }
    try append(
      "of a correction's persons", .redacting(try #require(last), section: 1, survivors: facts),
      by: hub)
  }

  /// Copies of one message whose person is erased: under one key by what the erasures remember.
  private mutating func writeClosed() throws {
    let same = try interaction(person: [.init("@identifiers", .array(["user:u7"]))], id: "c1")
    let copies = try [owner, hub, owner].map { try append("a copy to be erased", same, by: $0) }
    let act = try append("withdraws a copy", .retracting(try reference(copies[0])), by: owner)
    try append(
      "extends the withdrawal to another",
      .extending(act: try reference(act), to: [try reference(copies[1])]), by: owner)
    let stays = try append("another content, which stays", try interaction(id: "c1"), by: owner)
    for (copy, isRemembered) in zip(copies, [true, true, false]) {
      let key = isRemembered ? secret.keyTag(of: copy) : nil
      let listed = [
        ErasedSection(dot: copy.dot, section: 1, key: key),
        ErasedSection(dot: stays.dot, section: 0, key: secret.keyTag(of: stays)),
      ]
      try append(
        isRemembered ? "erases a copy and remembers it" : "erases a copy and remembers nothing",
        .erasing(.init(sections: listed, tags: [], cutMilliseconds: 0)), by: hub)
    }
    let erasure = try events.last.map { try reference($0.event) }
    try writeExtensions(of: try #require(erasure))
  }

  /// What extensions of an erasure list and remember, and what they may not.
  private mutating func writeExtensions(of erasure: EventReference) throws {
    let person: [Value.Field] = [.init("@identifiers", .array(["user:u8"]))]
    func message(_ id: String) throws -> EventDraft { try interaction(person: person, id: id) }
    let hubs = try append("a message", try message("x1"), by: hub)
    let devices = try append("its copy", try message("x1"), by: device)
    let key = secret.keyTag(of: hubs)
    try append(
      "remembers the key of one copy, so that they are two",
      .extending(erasure: erasure, sections: [.init(dot: hubs.dot, section: 0, key: key)]), by: hub)
    try append(
      "who may not erase remembers nothing",
      .extending(erasure: erasure, sections: [.init(dot: devices.dot, section: 0, key: key)]),
      by: device)
    let both = try [hub, device].map { try append("a copy that stays", try message("x2"), by: $0) }
    try append(
      "remembers the key of both copies",
      .extending(
        erasure: erasure,
        sections: both.map { .init(dot: $0.dot, section: 0, key: secret.keyTag(of: $0)) }), by: hub)
    let own = try append("listed by its own device", try message("x3"), by: device)
    try append("a copy of what its device lists", try message("x3"), by: hub)
    try append(
      "lists what is its own, and what is not, of which it has no say",
      .extending(
        erasure: erasure,
        sections: [
          .init(dot: own.dot, section: 1, key: secret.keyTag(of: own)),
          .init(dot: hubs.dot, section: 1, key: key),
        ]), by: device)
    try append(
      "an extension of what is no erasure lists nothing",
      .extending(
        erasure: try reference(own), sections: [.init(dot: both[0].dot, section: 1)]), by: hub)
    try writeActs(on: both)
  }

  /// Retractions and corrections that hold for copies: by whom, in which order, and no longer.
  private mutating func writeActs(on copies: [Event]) throws {
    func page(_ id: String) -> Section { Section([.init("page_id", .text(id))]) }
    let named = try copies.map { try reference($0) }
    let first = try append("corrects a copy", .correcting(named[0], facts: page("p8")), by: owner)
    let second = try append(
      "corrects it again", .correcting(named[0], facts: page("p9")), by: owner)
    let third = try append("and once more", .correcting(named[0], facts: page("p0")), by: owner)
    for (what, act) in [
      ("extends the third correction", third), ("extends the second, which is earlier", second),
      ("extends the first", first),
    ] {
      try append(what, .extending(act: try reference(act), to: [named[1]]), by: owner)
    }
    try append("withdraws the third", .retracting(try reference(third)), by: owner)
    let devices = try append(
      "the device corrects its own", .correcting(named[1], facts: page("d")), by: device)
    try append(
      "what the device says is not extended to others",
      .extending(act: try reference(devices), to: [named[0]]), by: owner)
    let retracted = try append(
      "the device's, to be withdrawn", try interaction(id: "x4"), by: device)
    let act = try append("withdraws it", .retracting(try reference(retracted)), by: owner)
    let again = try append(
      "its copy by the device again", try interaction(id: "x4"), by: deviceAgain)
    let hubs = try append("its copy by the hub", try interaction(id: "x4"), by: hub)
    try append(
      "the device extends to its own, and to the hub's in vain",
      .extending(act: try reference(act), to: [try reference(again), try reference(hubs)]),
      by: device)
    try writeExtendedRedactions()
    let late = EventDraft.attesting(
      AttestedArrival(
        origin: hub, run: .init(first: hubs.dot.sequence, last: hubs.dot.sequence),
        arrivedMilliseconds: -1_000_000))
    let wrong = try append("a wrong arrival", late, by: hub)
    try append("which is withdrawn", .retracting(try reference(wrong)), by: owner)
  }

  /// Redactions that hold for copies, and what an own listing does not take.
  private mutating func writeExtendedRedactions() throws {
    let person: [Value.Field] = [.init("name", "Ada"), .init("note", "pin 4711")]
    let mine = try append("has a note", try interaction(person: person, id: "x5"), by: hub)
    let copy = try append("its copy", try interaction(person: person, id: "x5"), by: device)
    let left = Section([.init("name", "Ada")])
    let redaction = try append(
      "takes the note", .redacting(try reference(mine), section: 1, survivors: left), by: hub)
    let extending = EventDraft.extending(act: try reference(redaction), to: [try reference(copy)])
    try append("extends the redaction without the role", extending, by: device)
    try append("extends it to the copy", extending, by: hub)
    try append(
      "a correction that goes along with the copy's section",
      .correcting(
        try reference(copy), facts: Section([.init("page_id", "p7")]), persons: [left]), by: owner)
    let sale = try append("corrected by the owner", try interaction(id: "x6"), by: device)
    try append(
      "gives it a person",
      .correcting(try reference(sale), facts: Section([.init("page_id", "p6")]), persons: [left]),
      by: owner)
    let erasure = try append(
      "an erasure", .erasing(.init(sections: [], tags: [], cutMilliseconds: 0)), by: hub)
    try append(
      "the device lists its own, and not what the owner said of it",
      .extending(erasure: try reference(erasure), sections: [.init(dot: sale.dot, section: 9)]),
      by: device)
  }

  /// A type and a fact that the table does not know.
  private mutating func writeLaterVersions() throws {
    let retraction = EventDraft.retracting(origin: owner, from: 1)
    for (what, type, facts) in [
      ("a type of a later version has no effect", "event.suspended", retraction.sections[0].fields),
      (
        "a fact of a later version leaves the event without effect", retraction.type.name,
        retraction.sections[0].fields + [.init("until", 5)]
      ),
    ] {
      let draft = EventDraft(
        channel: .other, type: try #require(EventType(type)), schema: .zero,
        sections: [Section(facts), .empty])
      try append(what, draft, by: owner)
    }
  }

  /// One message that arrived by several ways, and what is another message.
  mutating func writeTwins() throws {
    func draft(_ times: [Value.Field], channel: Channel = .web) throws -> EventDraft {
      let draft = try interaction(times, id: "m1")
      return EventDraft(
        channel: channel, type: draft.type, schema: draft.schema, sections: draft.sections)
    }
    let plain = try draft([.init("@occurred", .integer(.min))])
    try append("a message", plain, by: owner)
    let times: [Value.Field] = [
      .init("@occurred", .integer(.max)), .init("@received", 5), .init("@sent", 6),
      .init("@skew", -1),
    ]
    try append("the same, corrected around the end of the range", try draft(times), by: hub)
    try append(
      "another time", try draft([.init("@occurred", .integer(.max)), .init("@skew", -2)]), by: hub)
    try append(
      "no number to correct", try draft([.init("@occurred", "soon"), .init("@skew", 3)]), by: hub)
    try append("a skew of another kind is absent", try draft([.init("@skew", "3")]), by: hub)
    try append("without a time, the same as the one before", try draft([]), by: owner)
    let elsewhere = try append(
      "another channel", try draft([], channel: .store), by: hub)
    try append("withdrawn by its author", .retracting(try reference(elsewhere)), by: hub)
  }
}

extension EventDraft {
  /// Gives the key of an origin roles.
  fileprivate static func granting(_ roles: [Role], to origin: OriginID) -> EventDraft {
    granting(RoleSet(roles), to: origin.key)
  }
}
