import DurableFiles
import EventModel
import EventStorage
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

@Suite("Copied stores")
struct IncarnationTests {
  private func open(
    _ disk: MemoryFileSystem, _ store: TestStore, seed: UInt8
  ) throws -> EventLog {
    try EventLog.open(
      at: "/store", fileSystem: disk, options: TestStore.options, device: store.device,
      makeSeed: { Digest256.hash([seed]) })
  }

  /// Gives one log what the other has more of, proved by its heads.
  private func transfer(from source: EventLog, to target: EventLog) throws {
    try source.signHead()
    let snapshot = source.snapshot()
    for origin in source.held.origins {
      let first = target.held[origin].contiguous + 1
      let last = source.held[origin].contiguous
      guard first <= last else { continue }
      let run = IntervalSet.Run(first: first, last: last)
      var events: [Event] = []
      try snapshot.forEachEvent(of: origin, in: run) { _, event in
        events.append(event)
        return true
      }
      let head = try #require(source.head(of: origin))
      _ = try target.apply(
        events, salts: snapshot.salts(of: origin, in: run),
        heads: [OriginHead(origin: origin, head: head, prefix: last, rest: [])],
        wallMilliseconds: 9)
      #expect(try target.tree(of: origin).root == head.head.root, "no fork")
    }
  }

  @Test("A window that a relay punctured costs no later event its proof")
  func puncturedWindow() throws {
    let store = TestStore(seed: 1)
    try store.create()
    let log = try store.open()
    let origin = OriginID.synthetic(77)
    var random = SeededGenerator(seed: 3)
    let events = (1...40 as ClosedRange<UInt64>).map { sequence in
      Event(
        dot: Dot(origin: origin, sequence: sequence), recorded: HybridTimestamp(milliseconds: 1),
        draft: random.draft())
    }
    let whole = WindowSalts.synthetic(0, of: origin)
    var relayed = whole.tree
    for index in 3..<20 { relayed.puncture(index) }
    let punctured = WindowSalts(origin: origin, window: 0, tree: relayed)
    _ = try log.apply(Array(events[..<3]), salts: [punctured], wallMilliseconds: 2)
    // What the relay sent of events nobody proved is not kept.
    let kept = try #require(
      log.snapshot().salts(of: origin, in: .init(first: 1, last: 1)).first)
    #expect(!kept.tree.contains(30))
    for part in [events[3..<5], events[5..<6], events[6..<30], events[30...]] {
      _ = try log.apply(Array(part), salts: [whole], wallMilliseconds: 3)
    }
    let ids = events.map { $0.id(book: store.identity.book, salts: whole.salts(of: $0.dot)) }
    #expect(events.map { log.snapshot().id(of: $0) } == ids)
    try log.close()
    let again = try store.open()
    #expect(events.map { again.snapshot().id(of: $0) } == ids)
  }

  @Test("An original and its copy write on and meet through a third: nothing forks")
  func copiedStore() throws {
    let store = TestStore(seed: 1)
    try store.create()
    var random = SeededGenerator(seed: 2)
    var original = try store.open()
    #expect(!original.recovery.didDrawIncarnation)
    _ = try original.append((0..<5).map { _ in random.draft() }, wallMilliseconds: 1)
    let common = original.held.count
    let disk = store.disk.copy(machine: "another")
    let copy = try open(disk, store, seed: 40)
    #expect(copy.recovery.didDrawIncarnation)
    #expect(copy.identity.origin != store.identity.origin)
    #expect(copy.identity.origin.key == store.identity.origin.key)
    #expect(copy.held.count == common)
    _ = try copy.append((0..<4).map { _ in random.draft() }, wallMilliseconds: 2)
    _ = try original.append((0..<3).map { _ in random.draft() }, wallMilliseconds: 3)

    let other = MemoryFileSystem()
    let origin = random.origin()
    try EventLog.create(
      at: "/store",
      identity: LogIdentity(founding: store.identity.founding, origin: origin, label: "third"),
      fileSystem: other)
    let hub = try EventLog.open(
      at: "/store", fileSystem: other, options: TestStore.options,
      device: .synthetic(of: origin.incarnation), makeSeed: TestStore.makeSeed)
    for log in [original, copy] { try transfer(from: log, to: hub) }
    for log in [original, copy] { try transfer(from: hub, to: log) }
    let roots = try [original, copy, hub].map { try $0.setRoot() }
    #expect(Set(roots).count == 1)
    #expect(hub.forks.isEmpty)
    #expect(hub.held.count == common + 7)
    for disk in [store.disk, disk, other] {
      #expect(try verify(directory: "/store", fileSystem: disk).isSound)
    }

    try copy.close()
    let again = try open(disk, store, seed: 41)
    #expect(!again.recovery.didDrawIncarnation)
    #expect(again.identity == copy.identity)
    try original.close()
    original = try store.open()
    #expect(original.identity.origin == store.identity.origin)
  }

  @Test("A crash at any call while a copy is first opened loses nothing")
  func crashWhileDrawing() throws {
    let store = TestStore(seed: 4)
    try store.create()
    var random = SeededGenerator(seed: 5)
    let log = try store.open()
    _ = try log.append((0..<5).map { _ in random.draft() }, wallMilliseconds: 1)
    let expected = try DamageTests.readAll(log)
    let calls = { () throws -> Int in
      let disk = store.disk.copy(machine: "another")
      let before = disk.callCount
      _ = try self.open(disk, store, seed: 50)
      return disk.callCount - before
    }
    for call in 1...(try calls()) {
      for survival in [MemoryFileSystem.Survival.nothing, .everything, .someOf(seed: 7)] {
        let disk = store.disk.copy(machine: "another")
        disk.inject(.stop(atCall: disk.callCount + call))
        _ = try? open(disk, store, seed: 50)
        disk.crash(survival)
        let copy = try open(disk, store, seed: 51)
        #expect(try DamageTests.readAll(copy) == expected, "stopped at call \(call)")
        #expect(copy.identity.origin != store.identity.origin)
        _ = try copy.append([random.draft()], wallMilliseconds: 2)
        #expect(try verify(directory: "/store", fileSystem: disk).damages == [])
      }
    }
  }

  @Test("A store restored from an old copy finds out when its own later events come back")
  func restoredStore() throws {
    let store = TestStore(seed: 6)
    try store.create()
    var random = SeededGenerator(seed: 7)
    let log = try store.open()
    _ = try log.append([random.draft()], wallMilliseconds: 1)
    // The same machine, path and file number: nothing but the missing events tells.
    let disk = store.disk.copy(machine: "machine")
    _ = try log.append([random.draft(), random.draft()], wallMilliseconds: 2)
    let restored = try open(disk, store, seed: 60)
    #expect(!restored.recovery.didDrawIncarnation)
    let before = restored.identity.origin
    try transfer(from: log, to: restored)
    #expect(restored.identity.origin != before)
    #expect(restored.held[before].highest == log.held[before].highest)
    _ = try restored.append([random.draft()], wallMilliseconds: 3)
    #expect(restored.held[restored.identity.origin].highest == 1)
  }

  @Test("A head of its own above what is held makes a store draw a new incarnation at open")
  func headAboveLog() throws {
    let (store, _) = try DamageTests.makeStore()
    let disk = MemoryFileSystem()
    let old = store.identity.origin
    try EventLog.create(at: "/store", identity: store.identity, fileSystem: disk)
    for name in ["/store/log/heads", "/store/log/heads.bak"] {
      try disk.replaceFile(name, with: store.disk.readFile(name, byteCountMax: 1 << 20))
    }
    let log = try open(disk, store, seed: 70)
    #expect(log.recovery.didDrawIncarnation)
    #expect(log.identity.origin != old)
  }
}
