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
  /// How many events of one block of columns, one right after another, are read one by one before all
  /// of it is: a dozen take as long, but few who read that many go on with the rest.
  private static let runMax = 48

  private enum Content {
    /// Of columns, as it is on disk.
    case packed([UInt8])
    case whole(SegmentBlock)

    var byteCount: Int {
      switch self {
      case .packed(let bytes): bytes.count
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
  /// The block of columns of which an event was read last, and how many were right before.
  private let run = Mutex<(segment: UInt64, index: Int, count: Int)>((0, 0, 0))

  /// A whole block from memory or disk.
  func block(
    _ index: Int, of segment: SealedSegment
  ) throws(StorageError) -> SegmentBlock {
    let found = find(index, of: segment)
    if case .whole(let block) = found { return block }
    let tables = try tables.wholeTables(of: segment)
    let bytes: [UInt8]
    if case .packed(let packed) = found {
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
    if let tables = try tables.tables(of: segment), isRunShort(index, of: segment),
      let bytes = try packed(index, of: segment)
    {
      return try segment.event(ofColumns: bytes, index, row: row, tables)
    }
    return try segment.event(in: try block(index, of: segment), index, row: row)
  }

  /// The rows of blocks of columns that name an identifier, the last first.
  ///
  /// - Parameters:
  ///   - name: The identifier, `kind:value`.
  ///   - blocks: All blocks of the segment that may name it, ascending.
  ///   - segment: The segment.
  ///   - limit: How many rows are enough.
  /// - Returns: Rows of the segment; more than `limit` if they are found together.
  /// - Throws: ``StorageError``.
  func rows(
    naming name: [UInt8], inBlocks blocks: [Int], of segment: SealedSegment, limit: Int
  ) throws(StorageError) -> [Int] {
    guard !blocks.isEmpty, let tables = try tables.tables(of: segment) else { return [] }
    var identifier = ColumnIdentifier()
    for index in blocks where !identifier.isComplete {
      identifier = try segment.identifier(
        name, known: identifier, ofColumns: try bytes(index, of: segment), index, tables)
    }
    var rows: [Int] = []
    for index in blocks.reversed() where rows.count < limit {
      let named = try segment.rows(
        naming: identifier, ofColumns: try bytes(index, of: segment), index, tables)
      var found = named.certain
      for row in named.possible
      where try event(inBlock: index, row: row, of: segment).names(name) {
        found.append(row)
      }
      let start = segment.footer.blocks[index].firstRow
      rows += found.sorted(by: >).map { start + $0 }
    }
    return rows
  }

  /// Counts an event of a block of columns; whether few were read right before.
  private func isRunShort(_ index: Int, of segment: SealedSegment) -> Bool {
    run.withLock { run in
      let isSame = run.segment == segment.number && run.index == index
      run = (segment.number, index, isSame ? run.count + 1 : 1)
      return run.count <= Self.runMax
    }
  }

  /// The bytes of a block of columns.
  private func bytes(
    _ index: Int, of segment: SealedSegment
  ) throws(StorageError) -> [UInt8] {
    if let bytes = try packed(index, of: segment) { return bytes }
    return try segment.readCheckedBytes(ofBlock: index)
  }

  /// A block of columns as it is on disk; nothing if it is here taken apart.
  private func packed(
    _ index: Int, of segment: SealedSegment
  ) throws(StorageError) -> [UInt8]? {
    switch find(index, of: segment) {
    case .packed(let bytes): return bytes
    case .whole: return nil
    case nil:
      let bytes = try segment.readCheckedBytes(ofBlock: index)
      keep(.packed(bytes), index, of: segment)
      return bytes
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
