import BookRules
import EventModel
import Foundation
import GRDB
import HybridTime
import MerkleProofs
import ProjectionEngine
import SyntheticWorkload
import Testing

@Suite struct ReadModelsTests {
  private func engine(
    _ location: ViewsLocation = .temporary, limits: FoldLimits = FoldLimits(), version: Int64 = 1
  ) throws -> ReadModels {
    try ReadModels(location: location, limits: limits) { [DotProjection(version: version)] }
  }

  private func dots(_ engine: ReadModels) throws -> [String] {
    try engine.database.read { try DotProjection.dots(in: $0) }
  }

  private func plainEvents(_ count: UInt64) throws -> [Event] {
    try (1...count).map { try testEvent(sequence: $0, recorded: Int64($0)) }
  }

  /// Events of which many share an idempotency key, some with equal and some with other content.
  private func sharedKeyEvents(seed: UInt64) throws -> [Event] {
    var random = SeededGenerator(seed: seed)
    return try (1...60).map { sequence in
      try testEvent(
        origin: UInt64.random(in: 1...3, using: &random), sequence: sequence,
        recorded: Int64.random(in: 1...20, using: &random),
        type: Int.random(in: 0..<6, using: &random) == 0 ? "grant.given" : "page.viewed",
        id: Bool.random(using: &random) ? "key\(Int.random(in: 0..<8, using: &random))" : nil)
    }
  }

  /// The least (recorded, origin, sequence) of each key among interactions, and all without a key.
  private func winners(_ events: [Event]) -> [String] {
    var best: [IdempotencyKey: Event] = [:]
    var counting: [Event] = []
    for event in events where !event.type.isControl {
      guard let key = event.idempotencyKey else {
        counting.append(event)
        continue
      }
      guard let rival = best[key] else {
        best[key] = event
        continue
      }
      let isEarlier =
        event.recorded != rival.recorded ? event.recorded < rival.recorded : event.dot < rival.dot
      if isEarlier { best[key] = event }
    }
    return (counting + best.values).map(\.dot.description).sorted()
  }

  @Test("One event counts for each key, whatever the order of arrival", arguments: UInt64(1)...20)
  func winnersCount(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let events = try sharedKeyEvents(seed: seed).shuffled(using: &random)
    let limits = FoldLimits(batchEventCount: UInt64.random(in: 1...20, using: &random))
    let engine = try engine(limits: limits)
    _ = try engine.catchUp(with: ArraySource(Array(events.prefix(23))))
    #expect(try dots(engine) == winners(Array(events.prefix(23))))
    _ = try engine.catchUp(with: ArraySource(events))
    #expect(try dots(engine) == winners(events))
    #expect(try engine.replay(from: ArraySource(events)).allSatisfy(\.matches))
  }

  @Test("Which events count is the same question to the log as to the fold")
  func countingAgrees() throws {
    let events = try sharedKeyEvents(seed: 77)
    let source = ArraySource(events)
    var known = KeyWinners(within: EventFilter(through: source.highWaterMark))
    let counting = try events.enumerated().filter { index, event in
      try source.counting(event, at: UInt64(index) + 1, by: &known) != nil
    }
    #expect(counting.map(\.element.dot.description).sorted() == winners(events))
  }

  @Test("Many contents under one key cost a fold and a scan a few looks each, not one another")
  func crowdedKey() throws {
    var random = SeededGenerator(seed: 78)
    let count = 1_000
    let events = try (1...UInt64(count)).map { sequence in
      try testEvent(sequence: sequence, recorded: Int64(sequence), id: "key")
    }.shuffled(using: &random)
    let source = CountingSource(base: ArraySource(events))
    let engine = try engine()
    _ = try engine.catchUp(with: source)
    #expect(try dots(engine) == winners(events))
    #expect(source.lookCount < 4 * count)
    var known = KeyWinners(within: EventFilter(through: source.highWaterMark))
    let counting = try events.enumerated().filter { index, event in
      try source.counting(event, at: UInt64(index) + 1, by: &known) != nil
    }
    #expect(counting.map(\.element) == [events.min { $0.recorded < $1.recorded }])
    #expect(source.lookCount < 8 * count)
  }

  @Test("A batch ends with the event that exceeds its bytes, and nothing is lost")
  func batchBytes() throws {
    let events = try plainEvents(50)
    var steps: [UInt64] = []
    let engine = try engine(limits: FoldLimits(batchByteCount: 100))
    let report = try engine.catchUp(with: ArraySource(events)) { done, _ in steps.append(done) }
    #expect(steps.count > 10)
    #expect(report.folded == 50)
    #expect(report.notices.isEmpty)
    #expect(try dots(engine).count == 50)
  }

  @Test("Read models of another version are rebuilt")
  func otherVersion() throws {
    try withViewsFile { location, _ in
      let source = ArraySource(try plainEvents(9))
      _ = try engine(location).catchUp(with: source)
      let newer = try engine(location, version: 2)
      let report = try newer.catchUp(with: source)
      #expect(report.folded == 9)
      #expect(report.notices.count == 1)
      #expect(try newer.digests().map(\.version) == [2])
      #expect(try newer.catchUp(with: source).folded == 0)
    }
  }

  @Test("Read models ahead of a restored log, or of another log, are rebuilt")
  func logWentBack() throws {
    let engine = try engine()
    let events = try plainEvents(9)
    _ = try engine.catchUp(with: ArraySource(events))
    let shorter = ArraySource(Array(events.prefix(4)))
    #expect(try engine.catchUp(with: shorter).notices.count == 1)
    #expect(try dots(engine).count == 4)
    let other = ArraySource(try (1...4).map { try testEvent(origin: 2, sequence: $0) })
    #expect(try engine.catchUp(with: other).notices.count == 1)
    #expect(try dots(engine) == winners(other.events))
  }

  @Test("Read models rolled back to an earlier commit catch up")
  func rolledBack() throws {
    let events = try sharedKeyEvents(seed: 5)
    let early = try engine()
    _ = try early.catchUp(with: ArraySource(Array(events.prefix(31))))
    let engine = try engine()
    _ = try engine.catchUp(with: ArraySource(events))
    let expected = try engine.digests()
    try early.database.backup(to: engine.database)
    #expect(try engine.catchUp(with: ArraySource(events)).folded == 29)
    #expect(try engine.digests() == expected)
  }

  @Test("A damaged file is set aside and the read models are folded again", arguments: [0, 1])
  func damaged(kind: Int) throws {
    try withViewsFile { location, file in
      let source = ArraySource(try plainEvents(400))
      try engine(location).catchUpAndClose(with: source)
      var bytes = try Data(contentsOf: file)
      // Kind 0 is no database at all; kind 1 opens, and its pages are unreadable.
      bytes.replaceSubrange((kind * 4096)..., with: Data(repeating: 0x5a, count: 8192))
      try bytes.write(to: file)
      let engine = try engine(location)
      let report = try engine.catchUp(with: source)
      #expect(report.notices.contains { $0.contains("damaged") })
      #expect(try dots(engine).count == 400)
      let aside = file.deletingLastPathComponent().appendingPathComponent("aside")
      #expect(FileManager.default.fileExists(atPath: aside.path))
    }
  }

  @Test("A replay finds a read model that is not what the log says, and mends it when asked")
  func replayCompares() throws {
    let source = ArraySource(try plainEvents(12))
    let engine = try engine()
    _ = try engine.catchUp(with: source)
    let digest = try engine.digests()
    try engine.database.write { database in
      try database.execute(sql: "DELETE FROM dots WHERE rowid = 3")
      try database.execute(sql: "UPDATE folds SET digest = x''")
    }
    #expect(try engine.replay(from: source).map(\.matches) == [false])
    #expect(try dots(engine).count == 11)
    #expect(try engine.replay(from: source, adopting: true).map(\.matches) == [false])
    #expect(try engine.digests() == digest)
    #expect(try engine.replay(["dots"], from: source).map(\.matches) == [true])
    #expect(throws: ProjectionFault.unknownProjection(name: "none")) {
      try engine.replay(["none"], from: source)
    }
  }

  @Test("A fold that fails leaves the last commit, and the next one goes on from there")
  func failingSource() throws {
    let events = try plainEvents(30)
    let engine = try engine(limits: FoldLimits(batchEventCount: 10))
    #expect(throws: FailingSource.Failure.self) {
      try engine.catchUp(with: FailingSource(base: ArraySource(events), failsAt: 25))
    }
    #expect(try dots(engine).count == 20)
    #expect(try engine.catchUp(with: ArraySource(events)).folded == 10)
    #expect(try dots(engine).count == 30)
  }

  @Test("A digest depends on which rows there are and how often, not on their order")
  func digestOfRows() {
    func digest(_ rows: [[UInt8]]) -> Digest256 {
      var digest = ProjectionDigest()
      for row in rows { digest.add(row) }
      return digest.finish()
    }
    #expect(digest([[1], [2], [3]]) == digest([[3], [1], [2]]))
    #expect(digest([[1], [2]]) != digest([[1], [2], [2]]))
    #expect(digest([]) != digest([[]]))
    let empty = [UInt8](repeating: 0, count: 40)
    #expect(digest([]) == Digest256.hash(empty))
  }
}

extension ReadModels {
  fileprivate func catchUpAndClose(with source: some EventSource) throws {
    _ = try catchUp(with: source)
    try database.close()
  }
}

/// A log that counts how many events are looked at.
private final class CountingSource: EventSource {
  let base: ArraySource
  private(set) var lookCount = 0

  init(base: ArraySource) { self.base = base }

  var highWaterMark: UInt64 { base.highWaterMark }

  func event(at position: UInt64) -> Event? {
    lookCount += 1
    return base.event(at: position)
  }

  func effective(_ event: Event, at position: UInt64) -> EffectiveEvent? {
    lookCount += 1
    return documents.folding(EffectiveEvent(asStored: event))
  }

  func forEachEvent(
    from first: UInt64, through last: UInt64, _ body: (UInt64, Event) throws -> Bool
  ) throws {
    try base.forEachEvent(from: first, through: last, body)
  }

  func positions(naming name: [UInt8]) -> [UInt64] { base.positions(naming: name) }

  func keyGroup(of dot: Dot, at position: UInt64) -> [UInt64]? {
    lookCount += 1
    return base.keyGroup(of: dot, at: position)
  }
}

@Suite("Read models at rest")
struct ViewsAtRestTests {
  /// Read models in a closed file, and the rows that are right.
  private func withClosedViews(
    digestTaken: Bool = true, _ body: (URL, [String]) throws -> Void
  ) throws {
    try withViewsFile { location, file in
      let engine = try ReadModels(location: location) { [DotProjection()] }
      let events = try (1...12).map { try testEvent(sequence: $0, recorded: Int64($0)) }
      _ = try engine.catchUp(with: ArraySource(events))
      if digestTaken { _ = try engine.digests() }
      let dots = try engine.database.read { try DotProjection.dots(in: $0) }
      try engine.database.close()
      try body(file, dots)
    }
  }

  private func rows(_ file: URL, version: Int64 = 1) throws -> ViewsVerification {
    try ReadModels.verify(path: file.path, projections: [DotProjection(version: version)])
  }

  @Test(
    "Rows that nobody changed are equal; without a digest, or of another version, nobody can tell")
  func sound() throws {
    try withClosedViews { file, _ in
      let found = [try rows(file), try rows(file, version: 2)]
      #expect(found[0].projections[0].rows == .equal)
      #expect(found[1].projections[0].rows == .outdated)
      #expect(found[0].isSound)
      #expect(found[1].isSound)
    }
    try withClosedViews(digestTaken: false) { file, _ in
      let found = try rows(file)
      #expect(found.projections[0].rows == .unchecked)
      #expect(found.isSound)
    }
  }

  @Test("A row that changed behind the engine's back is named, and a replay finds it, too")
  func changedRow() throws {
    try withViewsFile { location, file in
      let events = try (1...12).map { try testEvent(sequence: $0, recorded: Int64($0)) }
      let engine = try ReadModels(location: location) { [DotProjection()] }
      _ = try engine.catchUp(with: ArraySource(events))
      _ = try engine.digests()
      try engine.database.write {
        try $0.execute(sql: "UPDATE dots SET dot = 'x' WHERE rowid = 3")
      }
      let replayed = try engine.replay(from: ArraySource(events))
      #expect(replayed.count == 1)
      #expect(!replayed[0].matches)
      try engine.database.close()
      let found = try rows(file)
      #expect(!found.isSound)
      #expect(found.projections.count == 1)
      #expect(found.projections[0].name == "dots")
      #expect(found.projections[0].rows == .differ)
    }
  }

  @Test("A flipped bit of the file is found, or the rows are right")
  func flippedBits() throws {
    let isSoak = ProcessInfo.processInfo.environment["DAYBOOK_SOAK"] == "1"
    try withClosedViews { file, dots in
      let whole = try Data(contentsOf: file)
      var foundCount = 0
      var count = 0
      for bit in stride(from: 0, to: whole.count * 8, by: isSoak ? 1 : 61) {
        var bytes = whole
        bytes[bit / 8] ^= 1 << (bit % 8)
        try bytes.write(to: file)
        count += 1
        // Another error than damage says that the file cannot be read either.
        guard let found = try? rows(file), found.isSound, found.projections[0].rows == .equal else {
          foundCount += 1
          continue
        }
        let database = try DatabaseQueue(path: file.path)
        #expect(try database.read { try DotProjection.dots(in: $0) } == dots, "bit \(bit)")
        try database.close()
      }
      #expect(foundCount > 100)
      print(
        "counted: flipped bits of views.sqlite: \(count), \(foundCount) found, the others harmless")
    }
  }
}

/// A log that cannot be read at one position.
private struct FailingSource: EventSource {
  struct Failure: Error {}
  let base: ArraySource
  let failsAt: UInt64

  var highWaterMark: UInt64 { base.highWaterMark }
  func event(at position: UInt64) throws -> Event? { base.event(at: position) }
  func positions(naming name: [UInt8]) throws -> [UInt64] {
    base.positions(naming: name)
  }
  func keyGroup(of dot: Dot, at position: UInt64) throws -> [UInt64]? {
    base.keyGroup(of: dot, at: position)
  }
  func forEachEvent(
    from first: UInt64, through last: UInt64, _ body: (UInt64, Event) throws -> Bool
  ) throws {
    try base.forEachEvent(from: first, through: last) { position, event in
      if position == failsAt { throw Failure() }
      return try body(position, event)
    }
  }
}

/// Gives `body` read models in a file of their own, and removes it afterwards.
private func withViewsFile(_ body: (ViewsLocation, URL) throws -> Void) throws {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("daybook-views-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  let file = directory.appendingPathComponent("views.sqlite")
  let location = ViewsLocation(path: file.path) {
    try FileManager.default.moveItem(at: file, to: directory.appendingPathComponent("aside"))
    for suffix in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: file.path + suffix)
    }
  } erase: {
    for suffix in ["-wal", "-shm", ""]
    where FileManager.default.fileExists(atPath: file.path + suffix) {
      try FileManager.default.removeItem(atPath: file.path + suffix)
    }
  }
  try body(location, file)
}
