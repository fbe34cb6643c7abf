import BookRules
import EventModel
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Fold and winner order")
struct OrderTests {
  @Test(
    "Both orders are total: any shuffle sorts the same", arguments: 1...5 as ClosedRange<UInt64>)
  func total(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let events = crowdedEvents(using: &random)
    let folded = events.sorted { FoldKey($0) < FoldKey($1) }.map(\.dot)
    let won = events.sorted { WinnerKey($0) < WinnerKey($1) }.map(\.dot)
    for _ in 0..<10 {
      let shuffled = events.shuffled(using: &random)
      #expect(shuffled.sorted { FoldKey($0) < FoldKey($1) }.map(\.dot) == folded)
      #expect(shuffled.sorted { WinnerKey($0) < WinnerKey($1) }.map(\.dot) == won)
    }
  }

  @Test("Of two keys exactly one precedes, unless they are one", arguments: [6, 7])
  func trichotomy(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let events = crowdedEvents(using: &random)
    for left in events.prefix(30) {
      for right in events.prefix(30) {
        let (one, other) = (FoldKey(left), FoldKey(right))
        #expect([one < other, other < one, one == other].filter { $0 }.count == 1)
        let (first, second) = (WinnerKey(left), WinnerKey(right))
        #expect([first < second, second < first, first == second].filter { $0 }.count == 1)
      }
    }
  }

  @Test("Effective time first, then the origin's clock, then origin and sequence")
  func precedence() throws {
    let low = try makeOrigin(1)
    let high = try makeOrigin(2)
    let keys = [
      foldKey(-5, 900, high, 9), foldKey(10, 1, high, 9), foldKey(10, 2, low, 2),
      foldKey(10, 2, low, 3), foldKey(10, 2, high, 1), foldKey(11, 0, low, 1),
    ]
    #expect(keys.reversed().sorted() == keys)
    let winners = keys.map { WinnerKey(recorded: $0.recorded, dot: $0.dot) }
    #expect(winners.sorted().map(\.recorded.rawValue) == [0, 1, 2, 2, 2, 900])
  }

  @Test("Rows of one second keep the order of their sequences")
  func rowsOfOneSecond() {
    var random = SeededGenerator(seed: 8)
    let draft = random.draft()
    let origin = random.origin()
    var clock = HybridClock()
    let events = (1...50 as ClosedRange<UInt64>).map { sequence in
      Event(
        dot: Dot(origin: origin, sequence: sequence),
        recorded: clock.issue(wallMilliseconds: 1_763_780_000_000), draft: draft)
    }
    let sorted = events.shuffled(using: &random).sorted { FoldKey($0) < FoldKey($1) }
    #expect(sorted == events)
  }

  /// Events of few origins, times and clocks, so that every tie occurs.
  private func crowdedEvents(using random: inout SeededGenerator) -> [Event] {
    let draft = random.draft()
    let origins = (0..<3).map { _ in random.origin() }
    return origins.flatMap { origin in
      (1...20 as ClosedRange<UInt64>).map { sequence in
        let occurred = Int64.random(in: 0...3, using: &random)
        return Event(
          dot: Dot(origin: origin, sequence: sequence),
          recorded: HybridTimestamp(rawValue: UInt64.random(in: 0...3, using: &random)),
          draft: EventDraft(
            channel: draft.channel, type: draft.type, schema: draft.schema,
            sections: [Section([.init("@occurred", .integer(occurred))])]))
      }
    }
  }

  private func foldKey(
    _ effective: Int64, _ recorded: UInt64, _ origin: OriginID, _ sequence: UInt64
  ) -> FoldKey {
    FoldKey(
      effectiveMilliseconds: effective, recorded: HybridTimestamp(rawValue: recorded),
      dot: Dot(origin: origin, sequence: sequence))
  }

  private func makeOrigin(_ incarnation: UInt64) throws -> OriginID {
    let key = try #require(DeviceKey(bytes: [UInt8](repeating: 7, count: 32)))
    return OriginID(incarnation: incarnation, key: key)
  }
}
