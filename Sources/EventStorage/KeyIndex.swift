internal import EventModel
internal import SegmentFormat

/// Finds the first event of an idempotency key, however long ago it was appended.
///
/// Keys of events in no segment are listed by position. Of those in segments a ``KeyFilter`` knows
/// which stretch of the log may have them; the keys of segments there are then read and sorted, and
/// the last few of these lists are kept. So memory grows by 5 to 11 bytes for each key in segments.
///
/// Keys of events that repeat an earlier one are left out: they are found by that. Where the first event of
/// a group lost its key, because it was erased, the next one that has it stands in.
struct KeyIndex {
  private var recent = RecentKeys()
  private var filter: KeyFilter
  private var lists: [SegmentKeys] = []
  private var keys: EventKeys
  private let groups: EchoIndex
  /// First events of groups that lost their keys and are not stood in for yet.
  private var keyless: Set<UInt64> = []
  private var standIns: Set<UInt64> = []

  /// How many segments' lists are kept.
  private static let listsMax = 8
  /// Room for so many keys at least.
  private static let capacityMin = 1 << 16

  /// Lists the keys of a log.
  ///
  /// - Parameters:
  ///   - reader: The log.
  ///   - groups: Its events that share keys.
  ///   - book: The book.
  /// - Throws: ``StorageError`` when a segment's keys cannot be read.
  init(of reader: LogReader, groups: EchoIndex, book: BookID) throws(StorageError) {
    keys = EventKeys(in: book)
    self.groups = groups
    filter = KeyFilter(capacity: 0)
    try fill(from: reader)
    for tail in reader.tails {
      let columns = tail.current
      var echoes = columns.echoes[...]
      for (row, key) in columns.keys.enumerated() {
        let position = tail.basePosition + UInt64(row)
        let isEcho = echoes.first?.row == row
        if isEcho { echoes.removeFirst() }
        if leads(position, hasKey: key != 0, isEcho: isEcho) { recent.insert(key, position) }
      }
    }
  }

  /// Adds a key whose event is in no segment yet.
  mutating func insert(_ hash: UInt64, _ position: UInt64) { recent.insert(hash, position) }

  /// Takes note that all events before a position are in segments now.
  mutating func moveToSegments(_ reader: LogReader) throws(StorageError) {
    let end = reader.tails[0].basePosition
    var kept = RecentKeys()
    var moved: [(hash: UInt64, position: UInt64)] = []
    recent.forEachKey { hash, position in
      if position < end { moved.append((hash, position)) } else { kept.insert(hash, position) }
    }
    recent = kept
    guard filter.count + moved.count <= filter.capacity else { return try fill(from: reader) }
    for (hash, position) in moved { filter.insert(hash, position) }
  }

  /// The position of the first event with a key, for which `isMatch` holds.
  mutating func firstPosition(
    of hash: UInt64, in reader: LogReader, where isMatch: (UInt64) throws(StorageError) -> Bool
  ) throws(StorageError) -> UInt64? {
    if let found = try recent.firstPosition(of: hash, where: isMatch) { return found }
    var stretches: [Range<UInt64>] = []
    filter.forEachStretch(of: hash) {
      stretches.append($0)
      return true
    }
    for stretch in stretches {
      for segment in reader.segments
      where segment.firstPosition < stretch.upperBound && segment.endPosition > stretch.lowerBound {
        for row in try list(of: segment).rows(of: hash) {
          let position = segment.firstPosition + UInt64(row)
          if try isMatch(position) { return position }
        }
      }
    }
    return nil
  }

  /// Makes the filter anew, with room for as many keys again.
  private mutating func fill(from reader: LogReader) throws(StorageError) {
    let count = reader.segments.reduce(0) { $0 + $1.footer.rowCount }
    filter = KeyFilter(capacity: max(Self.capacityMin, count + count / 2))
    keyless = []
    for segment in reader.segments {
      let hashes = try segment.readKeys(&keys)
      var echoes = segment.footer.echoes[...]
      for (row, hash) in hashes.enumerated() {
        let position = segment.firstPosition + UInt64(row)
        let isEcho = echoes.first?.row == row
        if isEcho { echoes.removeFirst() }
        if leads(position, hasKey: hash != 0, isEcho: isEcho) { filter.insert(hash, position) }
      }
    }
  }

  /// Whether the event at a position is to be found by its key; positions come in order.
  private mutating func leads(_ position: UInt64, hasKey: Bool, isEcho: Bool) -> Bool {
    guard hasKey else {
      if !isEcho, groups.isFirst(position) { keyless.insert(position) }
      return false
    }
    guard isEcho else { return true }
    guard !keyless.isEmpty, keyless.remove(groups.first(of: position)) != nil else {
      return standIns.contains(position)
    }
    standIns.insert(position)
    return true
  }

  private mutating func list(of segment: SealedSegment) throws(StorageError) -> SegmentKeys {
    if let place = lists.lastIndex(where: { $0.segment == segment.number }) {
      if place < lists.count - 1 { lists.append(lists.remove(at: place)) }
    } else {
      if lists.count == Self.listsMax { lists.removeFirst() }
      lists.append(
        SegmentKeys(of: segment, hashes: try segment.readKeys(&keys), standIns: standIns))
    }
    return lists[lists.count - 1]
  }
}

/// The keys of a segment, sorted.
private struct SegmentKeys {
  let segment: UInt64
  /// The upper 44 bits of a hash, then the row's 20.
  private var entries: [UInt64] = []

  init(of segment: SealedSegment, hashes: [UInt64], standIns: Set<UInt64>) {
    self.segment = segment.number
    entries.reserveCapacity(hashes.count)
    var echoes = segment.footer.echoes[...]
    for (row, hash) in hashes.enumerated() {
      let isEcho = echoes.first?.row == row
      if isEcho { echoes.removeFirst() }
      let position = segment.firstPosition + UInt64(row)
      if hash != 0, !isEcho || standIns.contains(position) {
        entries.append(hash & ~Self.rowMask | UInt64(row))
      }
    }
    entries.sort()
  }

  private static let rowMask: UInt64 = 1 << 20 - 1

  /// The rows that may have a key, ascending.
  func rows(of hash: UInt64) -> [Int] {
    let prefix = hash & ~Self.rowMask
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle] < prefix { low = middle + 1 } else { high = middle }
    }
    var rows: [Int] = []
    while low < entries.count, entries[low] & ~Self.rowMask == prefix {
      rows.append(Int(entries[low] & Self.rowMask))
      low += 1
    }
    return rows
  }
}
