internal import BinaryCoding
internal import ColumnFormat
internal import Dispatch
package import EventModel
internal import HybridTime
internal import SegmentFormat
internal import Synchronization

/// A month of a channel.
package struct ChannelMonth: Hashable, Comparable, Sendable {
  /// Months since January of the year 0, by the time the interactions happened, in UTC.
  package let month: Int64
  /// The medium.
  package let channel: Channel

  /// By month, then channel.
  package static func < (left: ChannelMonth, right: ChannelMonth) -> Bool {
    (left.month, left.channel) < (right.month, right.channel)
  }

  /// Year and month, such as `2026-11`.
  package var monthText: String {
    CivilTime.month(
      milliseconds: CivilTime.days(year: month / 12, month: month % 12 + 1, day: 1) * 86_400_000)
  }

  fileprivate init(_ milliseconds: Int64, _ channel: Channel) {
    let day: Int64 = 86_400_000
    let time = min(max(milliseconds, CivilTime.millisecondsMin), CivilTime.millisecondsMax)
    let date = CivilTime.date(days: time >= 0 ? time / day : (time + 1) / day - 1)
    month = date.year * 12 + date.month - 1
    self.channel = channel
  }

  fileprivate init(month: Int64, _ channel: Channel) {
    self.month = month
    self.channel = channel
  }
}

extension LogSnapshot {
  /// Counts the interactions of each channel and month: neither control events nor copies, so that
  /// the counts of a channel add up to ``LogStatistics/channels``.
  ///
  /// - Returns: A count for each month and channel with any.
  /// - Throws: ``StorageError/damaged(_:)`` or ``StorageError/disk(_:)``.
  /// - Complexity: O(blocks) where a block of columns lies within a month, else two columns of it;
  ///   segments are read side by side. Blocks of rows are decompressed.
  package func countByMonth() throws(StorageError) -> [ChannelMonth: Int] {
    let parts = Mutex<[Result<[ChannelMonth: Int], StorageError>]>([])
    let segments = reader.segments
    DispatchQueue.concurrentPerform(iterations: segments.count) { index in
      let part = Result { () throws(StorageError) in
        var counting = MonthCounting(echoes: segments[index].footer.echoes)
        try counting.count(segments[index])
        counting.endMonth()
        return counting.counts
      }
      parts.withLock { $0.append(part) }
    }
    var total: [ChannelMonth: Int] = [:]
    for part in parts.withLock({ $0 }) { total.merge(try part.get(), uniquingKeysWith: +) }
    for tail in reader.tails {
      let end = Int(highWaterMark.next.rawValue - tail.basePosition)
      var counting = MonthCounting(echoes: tail.current.echoes)
      try tail.forEachEvent(rows: 0..<min(end, tail.rowCount)) { row, event throws(StorageError) in
        counting.add(EventOutline(event), row: row)
        return true
      }
      counting.endMonth()
      total.merge(counting.counts, uniquingKeysWith: +)
    }
    return total
  }
}

/// Counts the events of one segment or tail.
private struct MonthCounting {
  private(set) var counts: [ChannelMonth: Int] = [:]
  private let copies: Set<Int>
  /// The day met last, and its month.
  private var day: Range<Int64> = 0..<0
  private var month: Int64 = 0
  /// How many of that month each channel has, by raw value.
  private var current = [Int](repeating: 0, count: 256)

  init(echoes: [EchoRow]) {
    copies = Set(echoes.lazy.filter(\.echo.isSameContent).map(\.row))
  }

  mutating func add(_ event: EventOutline, row: Int) {
    guard !event.type.isControl, !copies.contains(row) else { return }
    add(event.occurredMilliseconds, event.channel)
  }

  mutating func count(_ segment: SealedSegment) throws(StorageError) {
    guard let shapes = try segment.readShapes() else {
      return try segment.forEachOutline { row, outline in add(outline, row: row) }
    }
    var counter = try segment.onColumns(.tables) { () throws(ColumnFault) in
      try ShapeCounter(shapes)
    }
    let channels = counter.heads.map { head in
      EventType(head.type)?.isControl == false ? Channel(rawValue: head.channel) : nil
    }
    var tables: ColumnTables?
    for (index, block) in segment.footer.blocks.enumerated() {
      let bytes = try segment.readCheckedBytes(ofBlock: index)
      let found = try segment.onColumns(.block(index)) { () throws(ColumnFault) in
        try isOfOneMonth(block)
          ? counter.counts(facts: block.facts(bytes), rowCount: block.rowCount) : nil
      }
      if let found {
        for (shape, count) in found.enumerated() where count > 0 {
          guard let channel = channels[shape] else { continue }
          add(block.occurred.lowerBound, channel, count)
        }
        continue
      }
      if tables == nil { tables = try segment.readTables(for: .outlines) }
      if let tables { try add(block, bytes, by: tables, index, of: segment) }
    }
  }

  /// Whether all events of a block happened in one month, and none of them is a copy.
  private func isOfOneMonth(_ block: BlockSummary) -> Bool {
    ChannelMonth(block.occurred.lowerBound, .web).month
      == ChannelMonth(block.occurred.upperBound, .web).month
      && !copies.contains { block.firstRow..<block.firstRow + block.rowCount ~= $0 }
  }

  /// Adds the events of a block of columns, one by one.
  private mutating func add(
    _ block: BlockSummary, _ bytes: [UInt8], by tables: ColumnTables, _ index: Int,
    of segment: SealedSegment
  ) throws(StorageError) {
    let found = try segment.onColumns(.block(index)) { () throws(ColumnFault) in
      try tables.outlines(facts: block.facts(bytes), rowCount: block.rowCount)
    }
    let isControl = found.types.map { type in
      EventType(String(decoding: type, as: UTF8.self))?.isControl ?? true
    }
    for (row, outline) in found.rows.enumerated() {
      guard !isControl[Int(outline.type)], !copies.contains(block.firstRow + row),
        let channel = Channel(rawValue: outline.channel)
      else { continue }
      let time = outline.occurred ?? HybridTimestamp(rawValue: outline.recorded).milliseconds
      add(time, channel)
    }
  }

  /// Adds an event; those of a day follow one another, mostly.
  private mutating func add(_ milliseconds: Int64, _ channel: Channel, _ count: Int = 1) {
    if !day.contains(milliseconds) {
      let next = ChannelMonth(milliseconds, channel).month
      if next != month { endMonth() }
      month = next
      let start = milliseconds - (milliseconds % 86_400_000 + 86_400_000) % 86_400_000
      day = start..<start + 86_400_000
    }
    current[Int(channel.rawValue)] += count
  }

  /// Takes over the counts of the month met last.
  mutating func endMonth() {
    for (code, count) in current.enumerated() where count > 0 {
      guard let channel = Channel(rawValue: UInt8(code)) else { continue }
      counts[ChannelMonth(month: month, channel), default: 0] += count
      current[code] = 0
    }
  }
}
