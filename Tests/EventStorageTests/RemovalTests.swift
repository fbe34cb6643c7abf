import DurableFiles
import EventModel
import EventStorage
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Removing sections")
struct RemovalTests {
  // Out of the macro's reach, which would print the disk.
  private func expectTold(_ world: RemovalWorld, _ freed: [[UInt8]], _ comment: String = "") {
    let isTold = world.isTold(besides: freed)
    #expect(isTold, "\(comment)")
  }

  private func expectUntold(_ world: RemovalWorld, _ freed: [[UInt8]], _ comment: String = "") {
    let isTold = world.isTold(besides: freed)
    #expect(!isTold, "\(comment)")
  }

  @Test("What is removed is nowhere on the disk; ids, positions and all else are as before")
  func removed() throws {
    let world = try RemovalWorld(seed: 71)
    let log = try world.store.open()
    let root = try log.setRoot()
    let statistics = log.snapshot().statistics
    let freed = world.store.disk.freedContents
    #expect(try world.contentCount(log) == world.unwanted.count)
    expectTold(world, freed, "the proof sees it beforehand")
    let report = try log.remove(world.unwanted)
    #expect(report.sections == world.unwanted.count)
    #expect(report.events == world.unwanted.count)
    #expect(report.waitingFiles == 0)
    #expect(try world.isDone(log))
    expectUntold(world, freed)
    #expect(try log.setRoot() == root)
    let after = log.snapshot().statistics
    #expect(after.events == statistics.events)
    #expect(after.copies == statistics.copies)
    #expect(after.conflicts == statistics.conflicts)
    #expect(after.channels == statistics.channels)
    let name = Identifier(kind: "email", value: "ana@example.com").name
    #expect(try log.snapshot().positions(naming: name).isEmpty)
    try log.close()
    #expect(try verify(directory: "/store", fileSystem: world.store.disk).isSound)
    let reopened = try world.store.open()
    #expect(try world.isDone(reopened))
    #expect(try reopened.setRoot() == root)
  }

  @Test("A second removal finds nothing to do, and touches no segment")
  func repeated() throws {
    let world = try RemovalWorld(seed: 72)
    let log = try world.store.open()
    _ = try log.remove(world.unwanted)
    let before = world.store.disk.namedContents
    let again = try log.remove(world.unwanted)
    #expect(again == RemovalReport())
    let isSame = world.store.disk.namedContents == before
    #expect(isSame)
  }

  @Test("Segments without any of the sections are not touched")
  func untouched() throws {
    let world = try RemovalWorld(seed: 73)
    let log = try world.store.open()
    let before = world.store.disk.namedContents.filter { $0.key.hasSuffix(".seg") }
    #expect(before.count > 1)
    let first = try #require(world.unwanted.first)
    let report = try log.remove([first])
    #expect(report.rewritten == 1)
    let after = world.store.disk.namedContents
    let kept = before.filter { after[$0.key] == $0.value }
    // One was rewritten.
    #expect(kept.count == before.count - 1)
  }

  @Test("A snapshot from before reads what it read, and its files go when it does")
  func snapshots() throws {
    let world = try RemovalWorld(seed: 74)
    let log = try world.store.open()
    let freed = world.store.disk.freedContents
    var snapshot: LogSnapshot? = log.snapshot()
    let report = try log.remove(world.unwanted)
    #expect(report.waitingFiles > 0)
    var count = 0
    try snapshot?.forEachEvent(from: .start, through: log.snapshot().highWaterMark) { _, event in
      if event == world.events[event.dot] { count += 1 }
      return true
    }
    #expect(count == world.events.count)
    expectTold(world, freed)
    snapshot = nil
    _ = try log.remove([])
    expectUntold(world, freed)
  }

  @Test("What a snapshot kept when the store was closed goes when it is opened")
  func leftovers() throws {
    let world = try RemovalWorld(seed: 75)
    let freed = world.store.disk.freedContents
    let log = try world.store.open()
    let snapshot = log.snapshot()
    _ = try log.remove(world.unwanted)
    try log.close()
    expectTold(world, freed)
    #expect(snapshot.highWaterMark.rawValue == UInt64(world.events.count))
    let reopened = try world.store.open()
    #expect(!reopened.recovery.removedFiles.isEmpty)
    expectUntold(world, freed)
  }

  @Test("The next event of a group stands for a key whose first event lost it")
  func keyGroups() throws {
    var store = TestStore(seed: 76)
    store.options.sealEventCount = 100
    try store.create()
    let log = try store.open()
    func draft(_ name: String) -> EventDraft {
      let entry = EventCatalogue.builtIn.entries[0]
      return EventDraft(
        channel: .store, type: entry.schema.type, schema: entry.digest,
        sections: [
          .empty,
          Section([.init("@id", "1"), .init("@source", "till"), .init("name", .text(name))]),
        ])
    }
    let outcomes = try log.append([draft("Ana"), draft("Bo")], wallMilliseconds: 1)
    guard case .appended(let first, _) = outcomes[0],
      case .conflict(let second, let place, _) =
        outcomes[1]
    else {
      Issue.record("\(outcomes)")
      return
    }
    _ = try log.remove([EventSections(first, [1])])
    let repeated = [AppendOutcome.duplicate(of: place, second)]
    #expect(try log.append([draft("Bo")], wallMilliseconds: 2) == repeated)
    try log.close()
    let reopened = try store.open()
    #expect(try reopened.append([draft("Bo")], wallMilliseconds: 3) == repeated)
  }

  @Test(
    "Power lost at any moment of a removal leaves all of it to do, or it done", arguments: 0..<8)
  func powerLoss(slice: Int) throws {
    let undisturbed = try RemovalWorld(seed: 77)
    let freed = undisturbed.store.disk.freedContents
    let log = try undisturbed.store.open()
    let moments = try undisturbed.store.disk.recordMoments {
      _ = try log.remove(undisturbed.unwanted)
    }
    #expect(moments.count > 30)
    var stateCount = 0
    for (index, moment) in moments.enumerated() where index % 8 == slice {
      let states = moment.crashStates(countMax: Soak.isOn ? 5_000 : 12, seed: UInt64(index))
      for (number, state) in states.enumerated() {
        stateCount += 1
        let world = undisturbed.on(moment.disk(after: state))
        let comment = "moment \(index), state \(number)"
        let reopened = try world.store.open()
        if try world.isDone(reopened) { expectUntold(world, freed, comment) }
        _ = try reopened.remove(world.unwanted)
        #expect(try world.isDone(reopened))
        expectUntold(world, freed, comment)
        #expect(try verify(directory: "/store", fileSystem: world.store.disk).isSound)
      }
    }
    print("counted: crash states of a removal, slice \(slice): \(stateCount)")
  }

  private func calls(of world: RemovalWorld) throws -> Int {
    let log = try world.store.open()
    let before = world.store.disk.callCount
    _ = try log.remove(world.unwanted)
    return world.store.disk.callCount - before
  }

  @Test("A call that fails once leaves what a repeat ends", arguments: [false, true])
  func oneFailure(isDiskFull: Bool) throws {
    let callCount = try calls(of: try RemovalWorld(seed: 78))
    for call in 1...callCount {
      let world = try RemovalWorld(seed: 78)
      let disk = world.store.disk
      let freed = disk.freedContents
      var log = try world.store.open()
      let place = disk.callCount + call
      disk.inject(isDiskFull ? .diskFull(atCall: place) : .inputOutputError(atCall: place))
      if (try? log.remove(world.unwanted)) == nil {
        #expect(try !world.isDone(log) || disk.callCount >= place)
        if (try? log.remove(world.unwanted)) == nil {
          disk.crash(.everything)
          log = try world.store.open()
          _ = try log.remove(world.unwanted)
        }
      }
      #expect(try world.isDone(log), "failed call \(call)")
      expectUntold(world, freed, "failed call \(call)")
      try? log.close()
      #expect(try verify(directory: "/store", fileSystem: disk).isSound)
    }
  }
}
