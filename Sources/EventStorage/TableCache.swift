internal import ColumnFormat
internal import Synchronization

/// The tables of segments of columns that were read last, shared by a log and its snapshots: a
/// segment's blocks are read by them.
///
/// Tables of 262,144 events take about 4 MiB, most of it source ids. Those of together
/// ``bytesMax`` bytes are kept, of one segment at least.
///
/// A class because everybody shares one; a mutex guards it, and tables are read outside of it.
final class TableCache: Sendable {
  static let bytesMax = 224 << 20

  private struct Entry {
    let segment: UInt64
    let tables: ColumnTables
  }

  /// The most recently used tables are the last.
  private let entries = Mutex<[Entry]>([])

  /// The tables of a segment of columns, from memory or disk; nothing of a segment of rows.
  func tables(of segment: SealedSegment) throws(StorageError) -> ColumnTables? {
    guard segment.isColumnar else { return nil }
    if let known = find(segment.number) { return known }
    guard let tables = try segment.readTables() else { return nil }
    entries.withLock { entries in
      var byteCount = entries.reduce(tables.byteCount) { $0 + $1.tables.byteCount }
      while byteCount > Self.bytesMax, !entries.isEmpty {
        byteCount -= entries.removeFirst().tables.byteCount
      }
      entries.append(Entry(segment: segment.number, tables: tables))
    }
    return tables
  }

  /// Forgets all tables.
  func removeAll() { entries.withLock { $0 = [] } }

  private func find(_ number: UInt64) -> ColumnTables? {
    entries.withLock { entries in
      guard let place = entries.lastIndex(where: { $0.segment == number }) else { return nil }
      if place < entries.count - 1 { entries.append(entries.remove(at: place)) }
      return entries.last?.tables
    }
  }
}
