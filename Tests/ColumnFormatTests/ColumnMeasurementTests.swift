import ColumnFormat
import Foundation
import Testing

/// What columns take of records in a file, `(length u32, record)*`, that `DAYBOOK_RECORDS` names;
/// without it nothing is done.
@Suite("Measurement of columns")
struct ColumnMeasurementTests {
  static let path = ProcessInfo.processInfo.environment["DAYBOOK_RECORDS"]

  @Test("Bytes an event, by segments of 262,144 rows", .enabled(if: path != nil))
  func bytesPerEvent() throws {
    let file = try [UInt8](Data(contentsOf: URL(filePath: try #require(Self.path))))
    var offset = 0
    var rows = 0
    var byteCount = 0
    while offset < file.count {
      var records: [[UInt8]] = []
      while offset < file.count, records.count < ColumnLimits.rowsMax {
        let count = (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
        records.append(Array(file[(offset + 4)..<(offset + 4 + count)]))
        offset += 4 + count
      }
      let segment = try EncodedSegment(records)
      #expect(try segment.decoded() == records)
      rows += records.count
      byteCount += segment.byteCount
    }
    print("\(rows) rows: \(Double(byteCount) / Double(rows)) bytes an event")
  }
}
