internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import SegmentFormat

extension LogTail {
  /// The index of events that are in no segment yet, a column a property.
  ///
  /// Invariants: all columns have as many elements as there are rows; `identifierRows` ascends.
  struct Columns: Sendable {
    var offsets: [UInt64] = []
    var byteCounts: [UInt32] = []
    var keys: [UInt64] = []
    var identifierKeys: [UInt64] = []
    var identifierRows: [UInt32] = []
    var runs: [OriginRun] = []
    var received: [ReceivedRun] = []
    var echoes: [EchoRow] = []
    /// The latest time this replica had issued when the last row was added.
    var clock = HybridTimestamp(rawValue: 0)

    var rowCount: Int { offsets.count }

    /// Adds a row; its echo, if any, is added apart.
    mutating func add(_ dot: Dot, _ eventKeys: EventKeys, at offset: UInt64, count: Int) {
      let row = rowCount
      offsets.append(offset)
      byteCounts.append(UInt32(count))
      keys.append(eventKeys.idempotencyKey)
      identifierKeys.append(contentsOf: eventKeys.identifierKeys)
      while identifierRows.count < identifierKeys.count { identifierRows.append(UInt32(row)) }
      runs.extend(with: dot, row: row)
    }

    /// Adds the rows of `more`, whose offsets count from `start` and rows from the last one here.
    mutating func append(_ more: Columns, at start: UInt64) {
      let firstRow = rowCount
      offsets.append(contentsOf: more.offsets.lazy.map { start + $0 })
      byteCounts.append(contentsOf: more.byteCounts)
      keys.append(contentsOf: more.keys)
      identifierKeys.append(contentsOf: more.identifierKeys)
      identifierRows.append(contentsOf: more.identifierRows.lazy.map { UInt32(firstRow) + $0 })
      for run in more.runs {
        runs.extend(
          with: OriginRun(
            origin: run.origin, firstSequence: run.firstSequence,
            firstRow: firstRow + run.firstRow, rowCount: run.rowCount))
      }
      for run in more.received {
        received.append(
          ReceivedRun(firstRow: firstRow + run.firstRow, rowCount: run.rowCount, time: run.time))
      }
      for row in more.echoes {
        echoes.append(EchoRow(row: firstRow + row.row, echo: row.echo))
      }
      clock = more.clock
    }

    /// The event in a row, whose record lies in `bytes`.
    func event(atRow row: Int, of bytes: [UInt8]) throws(StorageError) -> Event {
      do throws(DecodingFault) {
        return try Self.decode(bytes.span.extracting(recordRange(ofRow: row)))
      } catch {
        throw damageInMemory(error, row: row)
      }
    }

    /// Where a row's record lies.
    func recordRange(ofRow row: Int) -> Range<Int> {
      let start = Int(offsets[row])
      return start..<(start + Int(byteCounts[row]))
    }

    /// The error of a record in memory that cannot be read.
    func damageInMemory(_ fault: DecodingFault, row: Int) -> StorageError {
      .damaged(
        StoreDamage(
          file: "memory", offset: offsets[row], byteCount: UInt64(byteCounts[row]),
          problem: "\(fault)"))
    }

    /// The event of a record.
    static func decode(_ record: Span<UInt8>) throws(DecodingFault) -> Event {
      var reader = ByteReader(record)
      let event = try Event(from: &reader)
      try reader.expectEnd()
      return event
    }
  }
}
