internal import SegmentFormat
internal import Synchronization

/// The blocks read last, decompressed, shared by a log and its snapshots.
///
/// Holds at most ``blocksMax`` blocks, of together at most ``bytesMax`` bytes of records where more
/// than one is held: blocks of columns have 4,096 records, however long.
///
/// A class because everybody shares one; a mutex guards it, and blocks are read outside of it.
final class BlockCache: Sendable {
  static let blocksMax = 16
  static let bytesMax = 32 << 20

  private struct Entry {
    let segment: UInt64
    let index: Int
    let block: SegmentBlock
  }

  /// The most recently used block is the last.
  private let entries = Mutex<[Entry]>([])

  /// A block from memory or disk.
  func block(
    _ index: Int, of segment: SealedSegment
  ) throws(StorageError) -> SegmentBlock {
    if let block = find(index, of: segment) { return block }
    let block = try segment.readBlock(index)
    entries.withLock { entries in
      var byteCount = entries.reduce(block.content.count) { $0 + $1.block.content.count }
      while entries.count >= Self.blocksMax || (byteCount > Self.bytesMax && !entries.isEmpty) {
        byteCount -= entries.removeFirst().block.content.count
      }
      entries.append(Entry(segment: segment.number, index: index, block: block))
    }
    return block
  }

  /// Forgets all blocks: what was removed from the disk stays in no memory either.
  func removeAll() { entries.withLock { $0 = [] } }

  private func find(_ index: Int, of segment: SealedSegment) -> SegmentBlock? {
    entries.withLock { entries in
      let place = entries.lastIndex { $0.index == index && $0.segment == segment.number }
      guard let place else { return nil }
      if place < entries.count - 1 { entries.append(entries.remove(at: place)) }
      return entries.last?.block
    }
  }
}
