internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// The segments and the tails of a log at a moment: finds and reads events by position.
///
/// An immutable value; the tail it refers to may have grown since, so callers pass a high-water
/// mark where it matters.
struct LogReader: Sendable {
  /// The sealed segments, in position order and without gaps between them.
  var segments: [SealedSegment]
  /// What follows the last segment and is on its way into the next one, if a seal is under way.
  var sealing: LogTail?
  /// What follows that.
  var tail: LogTail
  let cache = BlockCache()

  /// What no segment holds yet, in position order.
  var tails: [LogTail] { sealing.map { [$0, tail] } ?? [tail] }

  /// The tail that holds a position, if it is in no segment.
  func tail(of position: UInt64) -> LogTail? {
    if position >= tail.basePosition { return tail }
    guard let sealing, position >= sealing.basePosition else { return nil }
    return sealing
  }

  /// The segment that holds a position. O(log segments).
  func segmentIndex(of position: UInt64) -> Int? {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].endPosition <= position { low = middle + 1 } else { high = middle }
    }
    return low < segments.count && segments[low].firstPosition <= position ? low : nil
  }

  /// The event at a position that is known to be held.
  func event(at position: UInt64) throws(StorageError) -> Event {
    if let tail = tail(of: position) {
      return try tail.event(atRow: Int(position - tail.basePosition))
    }
    guard let index = segmentIndex(of: position) else {
      preconditionFailure("segments and tails cover all positions held")
    }
    let segment = segments[index]
    let row = Int(position - segment.firstPosition)
    guard let blockIndex = segment.footer.blockIndex(ofRow: row) else {
      preconditionFailure("a segment's blocks cover its rows, which reading the footer checked")
    }
    let firstRow = segment.footer.blocks[blockIndex].firstRow
    return try cache.event(inBlock: blockIndex, row: row - firstRow, of: segment)
  }

  /// The rows of a segment that name an identifier, the last first; maybe some that do not.
  ///
  /// - Parameters:
  ///   - name: The identifier, `kind:value`.
  ///   - key: Its hash.
  ///   - segment: Where to look.
  ///   - limit: How many are enough.
  /// - Returns: Rows of the segment; more than `limit` if they are found together.
  /// - Throws: ``StorageError``.
  func rows(
    naming name: [UInt8], _ key: UInt64, in segment: SealedSegment, limit: Int
  ) throws(StorageError) -> [Int] {
    let places = try segment.places(ofIdentifier: key)
    guard segment.isColumnar else { return places.reversed() }
    var rows: [Int] = []
    for block in places.reversed() where rows.count < limit {
      rows += try cache.rows(naming: name, inBlock: block, of: segment).reversed()
    }
    return rows
  }

  /// Calls `body` with each event of a range of positions, ascending or descending, until it
  /// returns false. Decodes each block once and leaves out those that `filter` rules out.
  func forEachEvent(
    in positions: Range<UInt64>, reversed: Bool, filter: BlockFilter?,
    _ body: (LogPosition, Event) throws(StorageError) -> Bool
  ) throws(StorageError) {
    let sealed = segments.filter {
      $0.firstPosition < positions.upperBound && $0.endPosition > positions.lowerBound
    }
    if reversed {
      for tail in tails.reversed() {
        guard try read(tail, positions, reversed: true, body) else { return }
      }
    }
    for segment in reversed ? sealed.reversed() : sealed {
      guard try read(segment, positions, reversed: reversed, filter: filter, body) else { return }
    }
    guard !reversed else { return }
    for tail in tails {
      guard try read(tail, positions, reversed: false, body) else { return }
    }
  }

  private func read(
    _ segment: SealedSegment, _ positions: Range<UInt64>, reversed: Bool, filter: BlockFilter?,
    _ body: (LogPosition, Event) throws(StorageError) -> Bool
  ) throws(StorageError) -> Bool {
    let wanted = filter.map { $0.resolved(for: segment.footer) }
    let indexes = Array(segment.footer.blocks.indices)
    for index in reversed ? indexes.reversed() : indexes {
      let summary = segment.footer.blocks[index]
      let start = segment.firstPosition + UInt64(summary.firstRow)
      let covered = (start..<(start + UInt64(summary.rowCount))).clamped(to: positions)
      if covered.isEmpty || wanted?.rulesOut(summary) == true { continue }
      let block = try cache.block(index, of: segment)
      let rows = Array(covered)
      for position in reversed ? rows.reversed() : rows {
        let event = try segment.event(in: block, index, row: Int(position - start))
        if !(try body(LogPosition(rawValue: position), event)) { return false }
      }
    }
    return true
  }

  private func read(
    _ tail: LogTail, _ positions: Range<UInt64>, reversed: Bool,
    _ body: (LogPosition, Event) throws(StorageError) -> Bool
  ) throws(StorageError) -> Bool {
    let base = tail.basePosition
    let upperBound = tail === sealing ? self.tail.basePosition : positions.upperBound
    let covered = (base..<max(base, upperBound)).clamped(to: positions)
    if covered.isEmpty { return true }
    let (start, end) = (Int(covered.lowerBound - base), Int(covered.upperBound - base))
    guard reversed else {
      var isDone = true
      try tail.forEachEvent(rows: start..<end) { row, event throws(StorageError) in
        isDone = try body(LogPosition(rawValue: base + UInt64(row)), event)
        return isDone
      }
      return isDone
    }
    for row in (start..<end).reversed() {
      let event = try tail.event(atRow: row)
      if !(try body(LogPosition(rawValue: base + UInt64(row)), event)) { return false }
    }
    return true
  }

  /// The name of the event at a position that is known to be held. O(runs of its segment or tail).
  func dot(at position: UInt64) -> Dot? {
    if let tail = tail(of: position) { return tail.dot(atRow: Int(position - tail.basePosition)) }
    guard let index = segmentIndex(of: position) else { return nil }
    return segments[index].footer.runs.dot(atRow: Int(position - segments[index].firstPosition))
  }

  /// Where an event lies, and how many positions from there on continue its origin's sequence.
  func run(from dot: Dot) -> (position: UInt64, count: Int)? {
    for tail in tails.reversed() {
      guard let (row, count) = tail.run(from: dot) else { continue }
      return (tail.basePosition + UInt64(row), count)
    }
    for segment in segments.reversed() {
      guard let (row, count) = segment.footer.run(from: dot) else { continue }
      return (segment.firstPosition + UInt64(row), count)
    }
    return nil
  }
}
