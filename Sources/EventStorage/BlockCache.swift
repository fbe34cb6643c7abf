internal import BinaryCoding
internal import ColumnFormat
internal import EventModel
internal import SegmentFormat
internal import Synchronization

/// The blocks read last, shared by a log and its snapshots.
///
/// Blocks of columns are kept as they are on disk while few of their events are asked for, since one
/// event is much sooner read than all of a block's, and taken apart as a whole after that.
///
/// Holds at most ``blocksMax`` blocks, of together at most ``bytesMax`` bytes where more than one is
/// held: blocks of columns have 4,096 records, however long.
///
/// A class because everybody shares one; a mutex guards it, and blocks are read outside of it.
final class BlockCache: Sendable {
  static let blocksMax = 64
  static let bytesMax = 32 << 20
  /// How many events of a block of columns are read one by one: together they take about as long as
  /// all of the block.
  private static let singlesMax = 8

  private enum Content {
    /// Of columns, as it is on disk; how many of its events were read one by one.
    case packed([UInt8], singles: Int)
    case whole(SegmentBlock)

    var byteCount: Int {
      switch self {
      case .packed(let bytes, _): bytes.count
      case .whole(let block): block.content.count
      }
    }
  }

  private struct Entry {
    let segment: UInt64
    let index: Int
    let content: Content
  }

  private let tables = TableCache()
  /// The most recently used block is the last.
  private let entries = Mutex<[Entry]>([])

  /// A whole block from memory or disk.
  func block(
    _ index: Int, of segment: SealedSegment
  ) throws(StorageError) -> SegmentBlock {
    let found = find(index, of: segment)
    if case .whole(let block) = found { return block }
    let tables = try tables.tables(of: segment)
    let bytes: [UInt8]
    if case .packed(let packed, _) = found {
      bytes = packed
    } else {
      bytes = try segment.readFrame(index)
    }
    let block = try segment.block(bytes, index, tables)
    keep(.whole(block), index, of: segment)
    return block
  }

  /// Forgets all blocks and tables: what was removed from the disk stays in no memory either.
  func removeAll() {
    entries.withLock { $0 = [] }
    tables.removeAll()
  }

  /// The event in a row of a block.
  func event(
    inBlock index: Int, row: Int, of segment: SealedSegment
  ) throws(StorageError) -> Event {
    let tables = try tables.tables(of: segment)
    if let tables, let (bytes, singles) = try packed(index, of: segment), singles < Self.singlesMax
    {
      keep(.packed(bytes, singles: singles + 1), index, of: segment)
      return try segment.event(ofColumns: bytes, index, row: row, tables)
    }
    return try segment.event(in: try block(index, of: segment), index, row: row)
  }

  /// The rows of a block of columns that name an identifier, ascending, from the segment's first on.
  func rows(
    naming name: [UInt8], inBlock index: Int, of segment: SealedSegment
  ) throws(StorageError) -> [Int] {
    guard let tables = try tables.tables(of: segment) else { return [] }
    let bytes: [UInt8]
    if let (packed, singles) = try packed(index, of: segment) {
      bytes = packed
      keep(.packed(bytes, singles: singles), index, of: segment)
    } else {
      bytes = try segment.readCheckedBytes(ofBlock: index)
    }
    let named = try segment.rows(naming: name, ofColumns: bytes, index, tables)
    let first = segment.footer.blocks[index].firstRow
    var rows = named.certain
    for row in named.possible {
      let event = try event(inBlock: index, row: row, of: segment)
      if event.names(name) { rows.append(row) }
    }
    return rows.sorted().map { first + $0 }
  }

  /// A block of columns as it is on disk, and how many of its events were read one by one; nothing
  /// if it is here taken apart.
  private func packed(
    _ index: Int, of segment: SealedSegment
  ) throws(StorageError) -> (bytes: [UInt8], singles: Int)? {
    switch find(index, of: segment) {
    case .packed(let bytes, let singles): return (bytes, singles)
    case .whole: return nil
    case nil: return (try segment.readCheckedBytes(ofBlock: index), 0)
    }
  }

  private func keep(_ content: Content, _ index: Int, of segment: SealedSegment) {
    entries.withLock { entries in
      entries.removeAll { $0.index == index && $0.segment == segment.number }
      var byteCount = entries.reduce(content.byteCount) { $0 + $1.content.byteCount }
      while entries.count >= Self.blocksMax || (byteCount > Self.bytesMax && !entries.isEmpty) {
        byteCount -= entries.removeFirst().content.byteCount
      }
      entries.append(Entry(segment: segment.number, index: index, content: content))
    }
  }

  private func find(_ index: Int, of segment: SealedSegment) -> Content? {
    entries.withLock { entries in
      let place = entries.lastIndex { $0.index == index && $0.segment == segment.number }
      guard let place else { return nil }
      if place < entries.count - 1 { entries.append(entries.remove(at: place)) }
      return entries.last?.content
    }
  }
}

extension Event {
  /// Whether a person of it carries an identifier, given as `kind:value`.
  fileprivate func names(_ name: [UInt8]) -> Bool {
    persons.contains { person in
      var isNamed = false
      person.forEachIdentifierRange { range in
        if person.bytes.span.extracting(range).isEqual(to: name.span) { isNamed = true }
      }
      return isNamed
    }
  }
}
