import HybridTime
import SyntheticWorkload
import Testing

@Suite("HybridClock")
struct HybridClockTests {
  static let now: Int64 = 1_763_780_000_000
  static let year: Int64 = 365 * 86_400_000

  @Test(
    "Issued times rise whatever the wall clock and the peers do",
    arguments: 1...10 as ClosedRange<UInt64>)
  func issuedTimesRise(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var clock = HybridClock()
    var wall = Self.now
    var previous = clock.latest
    for _ in 0..<2000 {
      wall += random.pick([0, 1, 40, 60_000, -60_000, -Self.year, Self.year])
      if random.oneIn(3) {
        let ahead = Int64.random(in: -Self.year...Self.year, using: &random)
        let counter = UInt16.random(in: .min ... .max, using: &random)
        clock.observe(
          HybridTimestamp(milliseconds: wall + ahead, counter: counter), wallMilliseconds: wall)
      }
      let issued = clock.issue(wallMilliseconds: wall)
      #expect(issued > previous)
      #expect(issued == clock.latest)
      previous = issued
    }
  }

  @Test("A peer's time is followed up to five minutes ahead of the wall clock, and no further")
  func fiveMinutes() {
    var clock = HybridClock()
    let limit = Self.now + HybridClock.aheadMillisecondsMax
    clock.observe(HybridTimestamp(milliseconds: limit + 1), wallMilliseconds: Self.now)
    #expect(clock.issue(wallMilliseconds: Self.now).milliseconds == Self.now)
    clock.observe(HybridTimestamp(milliseconds: limit, counter: 9), wallMilliseconds: Self.now)
    let issued = clock.issue(wallMilliseconds: Self.now)
    #expect(issued == HybridTimestamp(milliseconds: limit, counter: 10))
  }

  @Test("A device a year ahead drags nobody")
  func yearAhead() {
    var clock = HybridClock()
    clock.observe(
      HybridTimestamp(milliseconds: Self.now + Self.year), wallMilliseconds: Self.now)
    #expect(clock.latest == HybridTimestamp(rawValue: 0))
    #expect(clock.issue(wallMilliseconds: Self.now).milliseconds == Self.now)
  }

  @Test("A frozen wall clock counts, and a full counter carries into the milliseconds")
  func counterCarries() {
    var clock = HybridClock(latest: HybridTimestamp(milliseconds: Self.now, counter: .max - 1))
    #expect(clock.issue(wallMilliseconds: Self.now).counter == .max)
    let carried = clock.issue(wallMilliseconds: Self.now)
    #expect(carried == HybridTimestamp(milliseconds: Self.now + 1, counter: 0))
    #expect(clock.issue(wallMilliseconds: Self.now + 1).counter == 1)
    #expect(clock.issue(wallMilliseconds: Self.now + 2).counter == 0)
  }

  @Test("Milliseconds outside the range are clamped into it")
  func clamped() {
    #expect(HybridTimestamp(milliseconds: -1, counter: 3).rawValue == 3)
    let end = HybridTimestamp(milliseconds: .max, counter: .max)
    #expect(end.milliseconds == HybridTimestamp.millisecondsMax)
    #expect(end.rawValue == .max)
  }
}
