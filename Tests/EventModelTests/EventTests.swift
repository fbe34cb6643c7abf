import BinaryCoding
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Event")
struct EventTests {
  static let book = BookID(high: 1, low: 2)
  static let salts = EventSalts.leaf(Digest256.hash([1]))

  @Test("Decoding gives back what was encoded", arguments: 1...6 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    for event in random.events(of: origin, sequences: 1...150) {
      let bytes = event.encoded
      #expect(try Event(checking: bytes.span) == event)
      var reader = ByteReader(bytes.span)
      let trusted = try Event(from: &reader)
      #expect(trusted == event)
      try reader.expectEnd()
    }
  }

  @Test("The facts of a control event never come as a husk, but for those of a correction")
  func controlHusks() throws {
    var random = SeededGenerator(seed: 3)
    let origin = random.origin()
    let husk = Section(erased: Digest256.hash([2]))
    for name in ["page.viewed", "event.corrected", "grant.revoked", "erasure.later", "identity.x"] {
      let draft = EventDraft(
        channel: .other, type: try #require(EventType(name)), schema: .zero,
        sections: [husk, .empty])
      let event = Event(
        dot: Dot(origin: origin, sequence: 1), recorded: HybridTimestamp(milliseconds: 1),
        draft: draft)
      if !draft.type.isControl || name == "event.corrected" {
        #expect(try Event(checking: event.encoded.span) == event)
      } else {
        #expect(throws: DecodingFault.self, "\(name)") {
          _ = try Event(checking: event.encoded.span)
        }
      }
    }
  }

  @Test("A record tells name and id without being decoded", arguments: [11, 12])
  func identified(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    var hasher = RecordHasher(book: Self.book)
    for event in random.events(of: origin, sequences: 1...150) {
      let record = event.encoded
      let (dot, id) = try hasher.identify(record.span) { _ in Self.salts }
      #expect(dot == event.dot)
      #expect(id == event.id(book: Self.book, salts: Self.salts))
      for cut in [1, record.count / 2, record.count - 1] {
        #expect(throws: DecodingFault.self) {
          _ = try hasher.identify(Array(record.prefix(cut)).span) { _ in Self.salts }
        }
      }
    }
  }

  @Test("A record tells its outline without being decoded", arguments: [13, 14])
  func outlined(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    var outlines = EventOutlineReader()
    for event in random.events(of: origin, sequences: 1...150) {
      let record = event.encoded
      #expect(try outlines.read(record.span) == EventOutline(event))
      let husk = Event(
        dot: event.dot, recorded: event.recorded,
        draft: EventDraft(
          channel: event.channel, type: event.type, schema: event.schema,
          sections: event.sections.map { _ in Section(erased: .zero) }))
      #expect(try outlines.read(husk.encoded.span) == EventOutline(husk))
      for cut in 0..<record.count {
        #expect(throws: DecodingFault.self) {
          _ = try outlines.read(Array(record.prefix(cut)).span)
        }
      }
      #expect(throws: DecodingFault.self) { _ = try outlines.read((record + [0]).span) }
    }
  }

  @Test("An erased section keeps header and id, and needs no salt", arguments: [21, 22])
  func erased(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    for event in random.events(of: origin, sequences: 1...60) {
      var salts: [UInt8: Digest256] = [:]
      for index in event.sections.indices {
        salts[UInt8(index)] = Self.salts.salt(ofSection: index)
      }
      var sections = event.sections
      for index in sections.indices where random.oneIn(2) {
        let destroyed = salts.removeValue(forKey: UInt8(index))
        let salt = try #require(destroyed)
        let content = sections[index].bytes
        let commitment = Digest256.commitment(salt: salt, to: content.span)
        sections[index] = Section(erased: commitment)
        #expect(sections[index].commitment == commitment)
        #expect(sections[index].fields.isEmpty)
      }
      let draft = EventDraft(
        channel: event.channel, type: event.type, schema: event.schema, sections: sections)
      let husk = Event(dot: event.dot, recorded: event.recorded, draft: draft)
      let record = husk.encoded
      #expect(try Event(checking: record.span) == husk)
      let left = EventSalts.sections(salts)
      #expect(husk.id(book: Self.book, salts: left) == event.id(book: Self.book, salts: Self.salts))
      #expect((event.id(book: Self.book, salts: left) == nil) == (husk != event))
      var hasher = RecordHasher(book: Self.book)
      let (_, id) = try hasher.identify(record.span) { _ in left }
      #expect(id == event.id(book: Self.book, salts: Self.salts))
      #expect(husk.agrees(with: event) && event.agrees(with: husk))
      let other = EventDraft(
        channel: event.channel, type: event.type, schema: event.schema,
        sections: event.sections.map { _ in Section([.init("other", 7)]) })
      let forged = Event(dot: event.dot, recorded: event.recorded, draft: other)
      #expect(!forged.agrees(with: event))
    }
  }

  @Test("Any cut or addition is a typed fault", arguments: [1, 2, 3])
  func cut(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    for event in random.events(of: origin, sequences: 1...8) {
      let bytes = event.encoded
      for count in 0..<bytes.count {
        #expect(throws: DecodingFault.self) {
          _ = try Event(checking: Array(bytes.prefix(count)).span)
        }
      }
      #expect(throws: DecodingFault.trailingBytes(count: 1, at: bytes.count)) {
        _ = try Event(checking: (bytes + [0]).span)
      }
    }
  }

  @Test(
    "A mutated record is a fault or an event with another id",
    arguments: 1...8 as ClosedRange<UInt64>)
  func mutated(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let origin = random.origin()
    for event in random.events(of: origin, sequences: 1...60) {
      let original = event.encoded
      for _ in 0..<40 {
        var bytes = original
        let index = Int.random(in: 0..<bytes.count, using: &random)
        bytes[index] ^= UInt8(1) << UInt8.random(in: 0...7, using: &random)
        guard let changed = try? Event(checking: bytes.span) else { continue }
        #expect(changed.encoded == bytes)
        #expect(
          changed.id(book: Self.book, salts: Self.salts)
            != event.id(book: Self.book, salts: Self.salts))
      }
    }
  }

  @Test("Random bytes are refused", arguments: [31, 32, 33])
  func randomBytes(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let bytes = random.bytes(Int.random(in: 0...200, using: &random))
      #expect(throws: DecodingFault.self) { _ = try Event(checking: bytes.span) }
    }
  }

  @Test("A record above 1 MiB is refused unread")
  func tooLarge() {
    let limit = EventLimits.eventByteCountMax
    let bytes = [UInt8](repeating: 0, count: limit + 1)
    #expect(throws: DecodingFault.tooLarge(value: UInt64(limit + 1), max: UInt64(limit), at: 0)) {
      _ = try Event(checking: bytes.span)
    }
  }

  @Test("A record stays within its limit whatever is erased of it")
  func roomForHusks() throws {
    var random = SeededGenerator(seed: 51)
    let dot = Dot(origin: random.origin(), sequence: 1)
    let type = try #require(EventType("page.viewed"))
    func event(factByteCount: Int) -> Event {
      let facts = Section([.init("a", .text(String(repeating: "x", count: factByteCount)))])
      let draft = EventDraft(
        channel: .web, type: type, schema: .zero,
        sections: [facts] + [Section](repeating: .empty, count: 15))
      return Event(dot: dot, recorded: HybridTimestamp(rawValue: 1), draft: draft)
    }
    // Fifteen parts of two bytes, which would be thirty-three each.
    let rest = event(factByteCount: 1 << 19).encoded.count - (1 << 19)
    let largest = event(factByteCount: EventLimits.eventByteCountMax - rest - 15 * 31)
    #expect(try Event(checking: largest.encoded.span) == largest)
    let husks = [largest.facts] + largest.persons.map { _ in Section(erased: .zero) }
    let husk = Event(
      dot: dot, recorded: largest.recorded,
      draft: EventDraft(channel: .web, type: type, schema: .zero, sections: husks))
    #expect(husk.encoded.count == EventLimits.eventByteCountMax)
    #expect(try Event(checking: husk.encoded.span) == husk)
    let larger = event(factByteCount: EventLimits.eventByteCountMax - rest - 15 * 31 + 1)
    #expect(throws: DecodingFault.self) { try Event(checking: larger.encoded.span) }
  }

  @Test("No origin counts further than 2⁵⁶")
  func sequenceLimit() throws {
    var random = SeededGenerator(seed: 52)
    for (sequence, isValid) in [(1 << 56, true), ((1 << 56) + 1, false), (.max, false)]
      as [(UInt64, Bool)]
    {
      let event = Event(
        dot: Dot(origin: random.origin(), sequence: sequence),
        recorded: HybridTimestamp(rawValue: 1), draft: random.draft())
      #expect((try? Event(checking: event.encoded.span)) == (isValid ? event : nil))
    }
  }

  @Test("Two to sixteen sections", arguments: [0, 1, 17, 255])
  func sectionCount(count: Int) throws {
    var random = SeededGenerator(seed: 5)
    let origin = random.origin()
    let event = try #require(random.events(of: origin, sequences: 1...1).first)
    var writer = ByteWriter()
    event.dot.origin.write(to: &writer)
    writer.writeVarint(1)
    writer.write(event.recorded.rawValue)
    writer.write(event.channel.rawValue)
    writer.writeLengthPrefixed(event.type.name)
    event.schema.write(to: &writer)
    writer.writeVarint(UInt64(count))
    for _ in 0..<count { writer.writeLengthPrefixed(Section.empty.bytes) }
    let bytes = writer.bytes
    #expect(throws: DecodingFault.self) { _ = try Event(checking: bytes.span) }
  }

  @Test("The id depends on the book, on every part of the header and on every section")
  func idCoversEverything() throws {
    var random = SeededGenerator(seed: 6)
    let origin = random.origin()
    let draft = random.draft()
    let recorded = HybridTimestamp(milliseconds: 1_763_780_000_000)
    let event = Event(dot: Dot(origin: origin, sequence: 1), recorded: recorded, draft: draft)
    let type = try #require(EventType("custom.other"))
    var drafts = [
      EventDraft(
        channel: draft.channel == .web ? .store : .web, type: draft.type, schema: draft.schema,
        sections: draft.sections),
      EventDraft(
        channel: draft.channel, type: type, schema: draft.schema, sections: draft.sections),
      EventDraft(
        channel: draft.channel, type: draft.type, schema: .zero, sections: draft.sections),
      EventDraft(
        channel: draft.channel, type: draft.type, schema: draft.schema,
        sections: draft.sections + [.empty]),
    ]
    for index in draft.sections.indices {
      var sections = draft.sections
      sections[index] = Section([.init("other", 1)])
      drafts.append(
        EventDraft(
          channel: draft.channel, type: draft.type, schema: draft.schema, sections: sections))
    }
    var others = drafts.map { Event(dot: event.dot, recorded: recorded, draft: $0) }
    others.append(Event(dot: Dot(origin: origin, sequence: 2), recorded: recorded, draft: draft))
    others.append(
      Event(
        dot: event.dot, recorded: HybridTimestamp(rawValue: recorded.rawValue + 1), draft: draft))
    let ids =
      others.map { $0.id(book: Self.book, salts: Self.salts) } + [
        event.id(book: BookID(high: 1, low: 3), salts: Self.salts)
      ]
    #expect(Set(ids).count == ids.count)
    #expect(!ids.contains(event.id(book: Self.book, salts: Self.salts)))
  }

  @Test("Without a time of its source an event occurred when it was recorded")
  func occurred() {
    var random = SeededGenerator(seed: 9)
    let draft = random.draft()
    let recorded = HybridTimestamp(milliseconds: 77)
    let timeless = EventDraft(
      channel: .web, type: draft.type, schema: draft.schema, sections: [.empty])
    let dot = Dot(origin: random.origin(), sequence: 1)
    #expect(Event(dot: dot, recorded: recorded, draft: timeless).occurredMilliseconds == 77)
    let early = EventDraft(
      channel: .web, type: draft.type, schema: draft.schema,
      sections: [Section([.init("@occurred", -9)])])
    #expect(Event(dot: dot, recorded: recorded, draft: early).occurredMilliseconds == -9)
    #expect(early.sections.count == 2, "section 1 always exists")
  }
}
