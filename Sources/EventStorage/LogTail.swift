internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import HybridTime
internal import SegmentFormat
internal import Synchronization

/// The events that are in the write-ahead log and in no segment yet, and their index.
///
/// Rows count from 0 at the log's base position and are only ever added, after their frame is
/// durable; so a reader that stops at its own high-water mark sees an immutable view. Sealing
/// starts a new tail, and readers of the old one keep it, file and all.
///
/// A class because the writer and all readers share it; a mutex guards the columns.
final class LogTail: Sendable {
  /// The write-ahead log's file.
  let file: any DurableFile
  /// The position of row 0.
  let basePosition: UInt64
  /// The file's name, for messages.
  let name: String
  private let columns = Mutex(Columns())

  init(file: any DurableFile, basePosition: UInt64, name: String) {
    self.file = file
    self.basePosition = basePosition
    self.name = name
  }

  /// All columns as they are now.
  var current: Columns { columns.withLock { $0 } }

  /// How many rows there are now.
  var rowCount: Int { columns.withLock { $0.rowCount } }

  /// Adds rows; only the writer does.
  func update(_ body: (inout Columns) -> Void) { columns.withLock { body(&$0) } }

  /// The event in a row.
  func event(atRow row: Int) throws(StorageError) -> Event {
    let (offset, count) = columns.withLock { ($0.offsets[row], Int($0.byteCounts[row])) }
    let record = try onDisk { () throws(FileFault) in try file.read(count: count, at: offset) }
    return try decode(record.span, row: row, at: offset)
  }

  /// Calls `body` with each row's event until it returns false.
  func forEachEvent(
    rows: Range<Int>, _ body: (Int, Event) throws(StorageError) -> Bool
  ) throws(StorageError) {
    try forEachRecord(rows: rows) { row, offset, record throws(StorageError) in
      try body(row, try decode(record, row: row, at: offset))
    }
  }

  /// Calls `body` with each row's record, and where it lies in the file, until it returns false,
  /// reading the file in large pieces.
  func forEachRecord(
    rows: Range<Int>, _ body: (Int, UInt64, Span<UInt8>) throws(StorageError) -> Bool
  ) throws(StorageError) {
    guard !rows.isEmpty else { return }
    let (offsets, byteCounts) = columns.withLock { ($0.offsets, $0.byteCounts) }
    let end = offsets[rows.upperBound - 1] + UInt64(byteCounts[rows.upperBound - 1])
    var pieces = FilePieces(file: file, byteCount: end)
    for row in rows {
      let record = try pieces.bytes(count: Int(byteCounts[row]), at: offsets[row])
      if !(try body(row, offsets[row], record.span)) { return }
    }
  }

  private func decode(
    _ record: Span<UInt8>, row: Int, at offset: UInt64
  ) throws(StorageError) -> Event {
    do throws(DecodingFault) {
      return try Columns.decode(record)
    } catch {
      throw damage(error, row: row, at: offset, byteCount: record.count)
    }
  }

  /// The error of a record that cannot be read.
  func damage(
    _ fault: DecodingFault, row: Int, at offset: UInt64, byteCount: Int
  ) -> StorageError {
    let position = basePosition + UInt64(row)
    return .damaged(
      StoreDamage(
        file: name, offset: offset, byteCount: UInt64(byteCount), positions: position...position,
        problem: "\(fault)"))
  }

  /// The row of an event and how many rows from there on continue its origin's sequence.
  func run(from dot: Dot) -> (row: Int, rowCount: Int)? {
    columns.withLock { columns in
      for run in columns.runs.reversed()
      where run.origin == dot.origin && run.firstSequence <= dot.sequence {
        let distance = dot.sequence - run.firstSequence
        guard distance < UInt64(run.rowCount) else { continue }
        return (run.firstRow + Int(distance), run.rowCount - Int(distance))
      }
      return nil
    }
  }

  /// The name of the event in a row.
  func dot(atRow row: Int) -> Dot? { columns.withLock { $0.runs.dot(atRow: row) } }

  /// The rows below `rowCount` that name an identifier, ascending.
  func rows(identifierKey key: UInt64, below rowCount: Int) -> [Int] {
    columns.withLock { columns in
      var rows: [Int] = []
      for index in columns.identifierKeys.indices where columns.identifierKeys[index] == key {
        let row = Int(columns.identifierRows[index])
        if row < rowCount, rows.last != row { rows.append(row) }
      }
      return rows
    }
  }

  /// When the event in a row was applied, if it came from elsewhere.
  func receivedTime(ofRow row: Int) -> HybridTimestamp? {
    columns.withLock { $0.received.time(ofRow: row) }
  }
}
