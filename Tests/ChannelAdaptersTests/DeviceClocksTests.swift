import ChannelAdapters
import SyntheticWorkload
import Testing

private let minute: Int64 = 60_000
private let day: Int64 = 86_400_000
private let year: Int64 = 365 * day
private let start: Int64 = 1_700_000_000_000

/// What a device's clock shows that is ahead by so much.
private func ahead(by milliseconds: Int64) -> (Int64) -> Int64 { { $0 + milliseconds } }

@Suite("Clocks of devices")
struct DeviceClocksTests {
  private typealias Message = SimulatedDevice.Message

  private func corrections(_ messages: [Message]) -> [(message: Message, skew: Int64)] {
    var clocks = DeviceClocks()
    return messages.map { ($0, clocks.correction(of: $0.times, device: 1)) }
  }

  @Test(
    "A clock that is ahead is corrected from the first message on, to within the travel",
    arguments: [2 * minute, 3 * 60 * minute, year], 0..<5 as Range<UInt64>)
  func fast(by offset: Int64, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let device = SimulatedDevice(
        clock: ahead(by: offset), travel: 0...min(3 * day, offset - minute - 1), queue: 0...3 * day)
      var messages = device.messages(40, from: start, using: &random)
      if seed % 2 == 1 { messages.shuffle(using: &random) }
      for (message, skew) in corrections(messages) {
        #expect(0...message.travel ~= message.error(correctedBy: skew))
      }
    }
  }

  @Test(
    "A clock that is behind is corrected once three sendings over five minutes agree",
    arguments: [3 * 60 * minute, year], 0..<5 as Range<UInt64>)
  func slow(by offset: Int64, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let device = SimulatedDevice(
        clock: ahead(by: -offset), travel: 0...minute, queue: 0...3 * day,
        pause: 150_000...7_200_000)
      let results = corrections(device.messages(20, from: start, using: &random))
      #expect(results[0].skew == 0 && results[1].skew == 0)
      // A queue may bring sendings together, so that the third is not yet five minutes on.
      for (message, skew) in results.dropFirst(10) {
        #expect(0...message.travel ~= message.error(correctedBy: skew))
      }
    }
  }

  @Test(
    "However messages travel, a clock that is behind is never made worse",
    arguments: 0..<10 as Range<UInt64>)
  func slowWithTravel(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let offset = Int64.random(in: minute...year, using: &random)
      let device = SimulatedDevice(
        clock: ahead(by: -offset), travel: 0...3 * day, queue: 0...3 * day)
      var messages = device.messages(40, from: start, using: &random)
      if seed % 2 == 1 { messages.shuffle(using: &random) }
      for (message, skew) in corrections(messages) where skew != 0 {
        #expect(0...message.travel ~= message.error(correctedBy: skew))
      }
    }
  }

  @Test(
    "The times of a clock that is right stay, however long messages wait and travel",
    arguments: 0..<10 as Range<UInt64>)
  func right(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let error = Int64.random(in: -minute...0, using: &random)
      let device = SimulatedDevice(
        clock: ahead(by: error), travel: 0...3 * day, queue: 0...20 * day)
      var messages = device.messages(40, from: start, using: &random)
      if seed % 2 == 1 { messages.shuffle(using: &random) }
      #expect(corrections(messages).allSatisfy { $0.skew == 0 })
    }
  }

  @Test(
    "A clock that is set is followed within eight sendings, and at once if it is set right",
    arguments: [
      (0, year), (0, -year), (year, 0), (-year, 0), (-year, year), (year, -year),
      (3 * 60 * minute, 0), (0, -3 * 60 * minute), (-day, -2 * day), (day, 2 * day),
      (2 * day, day),
    ] as [(Int64, Int64)], 0..<5 as Range<UInt64>)
  func jump(offsets: (before: Int64, after: Int64), seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let change = start + 100 * day
    let device = SimulatedDevice(
      clock: { $0 + ($0 < change ? offsets.before : offsets.after) }, travel: 0...minute / 2)
    let before = device.messages(20, from: start, using: &random)
    let after = device.messages(20, from: change, using: &random)
    let results = corrections(before + after)[20...]
    for (message, skew) in results.dropFirst(offsets.after == 0 ? 0 : 8) {
      #expect(abs(message.error(correctedBy: skew)) <= minute)
    }
  }

  @Test(
    "A frozen clock is never corrected to after the arrival, nor further from the truth",
    arguments: [start - year, start + year], 0..<5 as Range<UInt64>)
  func frozen(at reading: Int64, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let device = SimulatedDevice(clock: { _ in reading }, travel: 0...minute, queue: 0...day)
    for (message, skew) in corrections(device.messages(40, from: start, using: &random)) {
      #expect(message.times.stated + skew <= message.times.received || skew == 0)
      #expect(
        abs(message.error(correctedBy: skew)) <= abs(message.error(correctedBy: 0)) + minute)
    }
  }

  @Test("Times of sending that cannot be are not believed and teach nothing")
  func absurd() {
    var random = SeededGenerator(seed: 1)
    let device = SimulatedDevice(clock: ahead(by: 0), travel: 0...1000)
    var clocks = DeviceClocks()
    for message in device.messages(20, from: start, using: &random) {
      for sent in [-62_135_596_800_000, 0, Int64.min, .max, 253_402_300_799_999, start + year] {
        var times = message.times
        times.sent = sent
        #expect(clocks.correction(of: times, device: 1) == 0)
      }
      var times = message.times
      times.received = .max
      #expect(clocks.correction(of: times, device: 1) == 0)
      #expect(clocks.correction(of: message.times, device: 1) == 0)
    }
  }

  @Test("A batch is one sending: its messages do not agree with one another")
  func batch() {
    var clocks = DeviceClocks()
    for event in 0..<50 as Range<Int64> {
      let times = DeviceClocks.MessageTimes(
        stated: start + event * minute, sent: start + 60 * minute, received: start + 3 * day)
      #expect(clocks.correction(of: times, device: 1) == 0)
    }
  }

  @Test("History that a collector receives anew, faster than it happened, stays where it was")
  func replay() {
    var clocks = DeviceClocks()
    for event in 0..<1000 as Range<Int64> {
      let times = DeviceClocks.MessageTimes(
        stated: start + event * 10_000, sent: start + event * 10_000 + 500,
        received: start + year + event * 20)
      #expect(clocks.correction(of: times, device: 1) == 0)
    }
  }

  @Test("A collector's correction that counted travel as skew is undone once the clock is known")
  func collectorsFormula() {
    var clocks = DeviceClocks()
    let prompt = DeviceClocks.MessageTimes(
      stated: start + 40, original: start, sent: start + 10, received: start + 50)
    #expect(clocks.correction(of: prompt, device: 1) == 0)
    let slow = DeviceClocks.MessageTimes(
      stated: start + 7_200_000, original: start, sent: start + 10, received: start + 7_200_010)
    #expect(clocks.correction(of: slow, device: 1) == -7_200_000)
    #expect(clocks.correction(of: slow, device: 2) == 0, "nothing is known of this clock")
    let chosen = DeviceClocks.MessageTimes(
      stated: start - year, original: start, sent: start + 10, received: start + 7_200_010)
    #expect(clocks.correction(of: chosen, device: 1) == 0, "a time that the sender chose")
  }

  @Test("What is remembered is bounded, and a device heard of often is kept")
  func bounded() {
    var clocks = DeviceClocks()
    let fast = DeviceClocks.MessageTimes(
      stated: start + day, sent: start + day, received: start)
    let late = DeviceClocks.MessageTimes(
      stated: start + day, sent: start + day, received: start + 2 * day)
    #expect(clocks.correction(of: fast, device: 0) == -day)
    for device in 1...100_000 as ClosedRange<UInt64> {
      _ = clocks.correction(of: fast, device: device)
      if device % 10_000 == 0 { _ = clocks.correction(of: fast, device: 0) }
    }
    #expect(clocks.deviceCount <= DeviceClocks.deviceCountMax)
    #expect(clocks.correction(of: late, device: 0) == -day)
    #expect(clocks.correction(of: late, device: 1) == 0, "forgotten")
  }
}
