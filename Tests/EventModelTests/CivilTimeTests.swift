import EventModel
import Testing

@Suite("CivilTime")
struct CivilTimeTests {
  @Test("Every day of the years 1 to 9999 is one later than the day before")
  func everyDay() {
    var expected = CivilTime.millisecondsMin / 86_400_000
    for year in 1...9999 as ClosedRange<Int64> {
      for month in 1...12 as ClosedRange<Int64> {
        let last = CivilTime.dayCount(year: year, month: month)
        for day in [1, 15, last] {
          let days = CivilTime.days(year: year, month: month, day: day)
          let isRight =
            days == expected + day - 1 && CivilTime.date(days: days) == (year, month, day)
          if !isRight { Issue.record("\(year)-\(month)-\(day) is day \(days)") }
        }
        expected += last
      }
    }
    #expect(expected == (CivilTime.millisecondsMax + 1) / 86_400_000)
  }

  @Test("February has 29 days in leap years")
  func leapYears() {
    for (year, count) in [(2023, 28), (2024, 29), (1900, 28), (2000, 29), (4, 29), (100, 28)] {
      #expect(CivilTime.dayCount(year: Int64(year), month: 2) == Int64(count))
    }
  }

  @Test("Text is RFC 3339, before and after 1970, clamped to four-digit years")
  func text() {
    let cases: [(Int64, String)] = [
      (0, "1970-01-01T00:00:00.000Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
      (-86_400_000, "1969-12-31T00:00:00.000Z"),
      (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
      (1_709_210_096_789, "2024-02-29T12:34:56.789Z"),
      (CivilTime.millisecondsMin, "0001-01-01T00:00:00.000Z"),
      (CivilTime.millisecondsMax, "9999-12-31T23:59:59.999Z"),
      (.min, "0001-01-01T00:00:00.000Z"),
      (.max, "9999-12-31T23:59:59.999Z"),
    ]
    for (milliseconds, expected) in cases {
      #expect(CivilTime.text(milliseconds: milliseconds) == expected)
    }
    #expect(CivilTime.month(milliseconds: 1_709_210_096_789) == "2024-02")
  }
}
