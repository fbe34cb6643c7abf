internal import ColumnFormat
internal import Synchronization

/// The tables of segments of columns that were read last, shared by a log and its snapshots: a
/// segment's blocks are read by them.
///
/// Tables with packed dictionaries, by which single events are read, take about 5 MiB for 262,144
/// events, most of it source ids; those of together ``bytesMax`` bytes are kept, of one segment at
/// least. Those by which blocks are read as a whole are kept of ``wholeMax`` segments.
///
/// A class because everybody shares one; a mutex guards it, and tables are read outside of it.
final class TableCache: Sendable {
  static let bytesMax = 224 << 20
  static let wholeMax = 2

  private struct Entry {
    let segment: UInt64
    let tables: ColumnTables
  }

  /// The most recently used tables are the last.
  private struct Entries {
    var packed: [Entry] = []
    var whole: [Entry] = []
  }

  private let entries = Mutex(Entries())

  /// The tables of a segment of columns by which its blocks are read as a whole, from memory or disk;
  /// nothing of a segment of rows.
  func wholeTables(of segment: SealedSegment) throws(StorageError) -> ColumnTables? {
    if let known = find(segment.number, isWhole: true) { return known }
    guard let tables = try segment.readTables() else { return nil }
    entries.withLock { entries in
      if entries.whole.count >= Self.wholeMax { entries.whole.removeFirst() }
      entries.whole.append(Entry(segment: segment.number, tables: tables))
    }
    return tables
  }

  /// Forgets all tables.
  func removeAll() { entries.withLock { $0 = Entries() } }

  /// The tables of a segment of columns by which single events are read and looked up, from memory or
  /// disk; nothing of a segment of rows.
  func tables(of segment: SealedSegment) throws(StorageError) -> ColumnTables? {
    if let known = find(segment.number, isWhole: false) { return known }
    guard let tables = try segment.readTables(for: .rows) else { return nil }
    entries.withLock { entries in
      var byteCount = entries.packed.reduce(tables.byteCount) { $0 + $1.tables.byteCount }
      while byteCount > Self.bytesMax, !entries.packed.isEmpty {
        byteCount -= entries.packed.removeFirst().tables.byteCount
      }
      entries.packed.append(Entry(segment: segment.number, tables: tables))
    }
    return tables
  }

  private func find(_ number: UInt64, isWhole: Bool) -> ColumnTables? {
    entries.withLock { entries in
      isWhole
        ? Self.take(number, from: &entries.whole) : Self.take(number, from: &entries.packed)
    }
  }

  private static func take(_ number: UInt64, from entries: inout [Entry]) -> ColumnTables? {
    guard let place = entries.lastIndex(where: { $0.segment == number }) else { return nil }
    let entry = entries.remove(at: place)
    entries.append(entry)
    return entry.tables
  }
}
