import BinaryCoding
import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

/// A log of which sections are to be removed, and what it was like before.
struct RemovalWorld {
  static let secret = [UInt8]("x7Qz!wayward-lyrebird-41~".utf8)
  static let wall: Int64 = 1_700_000_000_000

  private(set) var store: TestStore
  /// Every event as it was appended, by name.
  private(set) var events: [Dot: Event] = [:]
  private(set) var ids: [Dot: Digest256] = [:]
  /// What is to be removed.
  private(set) var unwanted: [EventSections] = []

  /// Appends batches, own ones and foreign ones, compacts half of it and leaves some in the write-ahead
  /// log. Every fifth event names the person who is to be removed.
  init(seed: UInt64, eventCount: Int = 60) throws {
    var store = TestStore(seed: seed)
    store.options.sealEventCount = 16
    store.options.sealAtCloseEventCount = 1_000
    store.options.sealSchedule = .atOnce
    self.store = store
    try store.create()
    let log = try store.open()
    var random = SeededGenerator(seed: seed)
    let drafts = (0..<eventCount).map { Self.draft($0, &random) }
    for batch in stride(from: 0, to: eventCount, by: 6) {
      _ = try log.append(
        Array(drafts[batch..<min(batch + 6, eventCount)]), wallMilliseconds: Self.wall)
      if batch == eventCount / 2 { _ = try log.compact(all: false) }
    }
    let foreign = random.origin()
    let others = (1...10).map { index in
      Event(
        dot: Dot(origin: foreign, sequence: UInt64(index)),
        recorded: HybridTimestamp(rawValue: UInt64(index) << 16),
        draft: Self.draft(5 * index + (index % 2), &random))
    }
    _ = try log.apply(
      others, salts: WindowSalts.synthetic(for: others), wallMilliseconds: Self.wall)
    try readAll(log)
    try log.close()
    // What was freed before is the file system's; from here on nothing may be left behind.
    unwanted = events.values.filter { $0.personal.text("note") != nil }.map {
      EventSections($0.dot, [1])
    }.sorted { $0.dot < $1.dot }
  }

  /// The same log on another disk.
  func on(_ disk: MemoryFileSystem) -> RemovalWorld {
    var world = self
    world.store.disk = disk
    return world
  }

  private static func draft(_ index: Int, _ random: inout SeededGenerator) -> EventDraft {
    let isUnwanted = index % 5 == 0
    var person: [Value.Field] = [
      .init("@id", .text("id-\(index % 25)")),
      .init(
        "@identifiers", .array([.text(isUnwanted ? "email:ana@example.com" : "user:\(index)")])),
      .init("@source", "till"),
    ]
    if isUnwanted { person.append(.init("note", .text(String(decoding: secret, as: UTF8.self)))) }
    let entry = EventCatalogue.builtIn.entries[index % 7]
    return EventDraft(
      channel: .store, type: entry.schema.type, schema: entry.digest,
      sections: [
        Section([.init("@occurred", .integer(wall + Int64(index))), .init("n", .integer(7))]),
        Section(person), Section([.init("name", .text("other \(index)"))]),
      ])
  }

  private mutating func readAll(_ log: EventLog) throws {
    let snapshot = log.snapshot()
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
      events[event.dot] = event
      ids[event.dot] = snapshot.id(of: event)
      return true
    }
  }

  /// How many unwanted sections are there, after a look at everything that has to be as it was.
  func contentCount(_ log: EventLog) throws -> Int {
    let snapshot = log.snapshot()
    let unwanted = Set(unwanted.map(\.dot))
    var count = 0
    var seen = 0
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { position, event in
      seen += 1
      #expect(snapshot.id(of: event) == ids[event.dot])
      #expect(events[event.dot]?.agrees(with: event) == true)
      let erased = event.sections.indices.filter { event.sections[$0].isErased }
      #expect(erased.isEmpty || (erased == [1] && unwanted.contains(event.dot)))
      if unwanted.contains(event.dot), erased.isEmpty { count += 1 }
      return true
    }
    #expect(seen == events.count)
    return count
  }

  /// Whether an unwanted section or its salt is there.
  func isDone(_ log: EventLog) throws -> Bool {
    let isSaltLeft = unwanted.contains { log.isLeft(1, of: $0.dot) }
    let isContentLeft = try contentCount(log) > 0
    #expect(isSaltLeft || !isContentLeft, "salts go last")
    return !isSaltLeft && !isContentLeft
  }

  /// Whether bytes that would tell what was removed lie in a file, or in room freed since.
  func isTold(besides freedBefore: [[UInt8]]) -> Bool {
    let named = Array(store.disk.namedContents.filter { $0.key.hasPrefix("/store/log") }.values)
    let freed = store.disk.freedContents.filter { !freedBefore.contains($0) }
    return (named + freed).contains { bytes in
      telling.contains { bytes.contains($0) }
    }
  }

  /// The secret itself; the hash of the idempotency key and of the identifier as indexes hold them; the
  /// seed of the own salts.
  private var telling: [[UInt8]] {
    let identifier = Identifier(kind: "email", value: "ana@example.com")
    let book = store.identity.book
    let keys = events.values.filter { $0.personal.text("note") != nil }.map {
      Self.bytes(of: EventKeys($0, in: book).idempotencyKey)
    }
    let hash = book.indexHash.hash(identifier.name.span)
    return [Self.secret, Self.bytes(of: hash), TestStore.makeSeed().bytes] + keys
  }

  private static func bytes(of key: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(key)
    return writer.bytes
  }
}

extension [UInt8] {
  /// Whether a run of bytes occurs.
  func contains(_ run: [UInt8]) -> Bool {
    guard let first = run.first, count >= run.count else { return false }
    return (0...(count - run.count)).contains { start in
      self[start] == first && self[start..<(start + run.count)].elementsEqual(run)
    }
  }
}
