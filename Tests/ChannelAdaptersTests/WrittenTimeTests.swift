import ChannelAdapters
import SyntheticWorkload
import Testing

@Suite("Written times")
struct WrittenTimeTests {
  private func milliseconds(_ text: String) throws(TimeFault) -> Int64? {
    let time = try WrittenTime.parseISO8601(Array(text.utf8).span)
    return time.milliseconds ?? time.localMilliseconds
  }

  @Test(
    "ISO 8601 as sources write it",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00.5Z", 951_825_600_500),
      ("2010-12-01T08:26:00.043Z", 1_291_191_960_043),
      ("2024-05-31T12:00:00+02:00", 1_717_149_600_000),
      ("2024-05-31 12:00:00-0730", 1_717_183_800_000), ("2024-05-31T12:00", 1_717_156_800_000),
      ("2024-05-31", 1_717_113_600_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
      ("2016-12-31T23:59:60Z", 1_483_228_799_999),
      ("2024-05-31t12:00:00.123456789z", 1_717_156_800_123),
    ] as [(String, Int64)])
  func iso8601(text: String, expected: Int64) throws {
    #expect(try milliseconds(text) == expected)
  }

  @Test(
    "What is no time is refused",
    arguments: [
      ("", TimeFault.malformed(at: 0)), ("2024-5-31", .malformed(at: 6)),
      ("2024-02-30", .outOfRange(.day)), ("2023-02-29", .outOfRange(.day)),
      ("1900-02-29", .outOfRange(.day)), ("2024-13-01", .outOfRange(.month)),
      ("0000-01-01", .outOfRange(.year)), ("2024-01-01T24:00:00Z", .outOfRange(.hour)),
      ("2024-01-01T00:61:00Z", .outOfRange(.minute)),
      ("2024-01-01T00:00:00+25:00", .outOfRange(.offset)),
      ("2024-01-01T00:00:00Zx", .malformed(at: 20)),
    ])
  func refused(text: String, expected: TimeFault) {
    #expect(throws: expected) { try milliseconds(text) }
  }

  @Test("Every moment reads back as it was written", arguments: 0..<10 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<1_000 {
      let moment = Int64.random(in: WrittenTime.millisecondsRange, using: &generator)
      var text: [UInt8] = []
      WrittenTime.write(milliseconds: moment, to: &text)
      #expect(try WrittenTime.parseISO8601(text.span).milliseconds == moment)
    }
  }

  @Test(
    "Formats of mapping files",
    arguments: [
      ("%d/%m/%Y %H:%M", "1/12/2010 8:26", 1_291_191_960_000),
      ("%Y-%m-%d %H:%M:%S", "2010-12-01 08:26:00", 1_291_191_960_000),
      ("%b %e, %Y %I:%M %p", "Dec  1, 2010 8:26 AM", 1_291_191_960_000),
      ("%a %b %d %T %z %Y", "Wed Dec 01 09:26:00 +0100 2010", 1_291_191_960_000),
      ("%d.%m.%y %R", "01.12.10 08:26", 1_291_191_960_000),
      ("%F %T.%f", "2010-12-01 08:26:00.5", 1_291_191_960_500),
      ("epoch_s", "1291191960", 1_291_191_960_000), ("epoch_ms", "-1", -1),
      ("%I %p", "12 am", 0), ("%I %p", "12 PM", 43_200_000),
    ] as [(String, String, Int64)])
  func formats(pattern: String, text: String, expected: Int64) throws {
    let time = try TimeFormat(pattern).parse(Array(text.utf8).span)
    #expect((time.milliseconds ?? time.localMilliseconds) == expected)
  }

  @Test("Unknown directives and text that does not match are refused")
  func formatRefusals() throws {
    #expect(throws: TimeFault.unknownDirective(at: 3)) { try TimeFormat("%Y-%K") }
    #expect(throws: TimeFault.unknownDirective(at: 0)) { try TimeFormat("%") }
    let format = try TimeFormat("%d/%m/%Y")
    #expect(throws: TimeFault.malformed(at: 2)) { try format.parse(Array("01-12-2010".utf8).span) }
    #expect(throws: TimeFault.malformed(at: 10)) {
      try format.parse(Array("01/12/2010x".utf8).span)
    }
    #expect(throws: TimeFault.outOfRange(.epoch)) {
      try TimeFormat("epoch_s").parse(Array("999999999999999".utf8).span)
    }
  }

  /// Clocks that go from UTC+1 to UTC+2 at 1,000,000 s and back at 2,000,000 s.
  private struct SummerTime: ZoneOffsets {
    func offsetSeconds(at seconds: Int64) -> Int {
      (1_000_000..<2_000_000).contains(seconds) ? 7_200 : 3_600
    }
  }

  @Test("Clock readings that occur twice or never have a stated meaning")
  func zones() {
    func moment(_ local: Int64) -> Int64 {
      WrittenTime(localMilliseconds: local * 1000, offsetSeconds: nil).milliseconds(
        in: SummerTime())
        / 1000
    }
    #expect(moment(1_003_599) == 999_999)
    #expect(moment(1_005_400) == 1_001_800, "skipped: as long after the change as it says")
    #expect(moment(1_007_200) == 1_000_000)
    #expect(moment(2_005_000) == 1_997_800, "twice: the first")
    #expect(moment(2_007_200) == 2_003_600)
  }
}
