internal import BinaryCoding
package import EventModel
package import HybridTime
package import MerkleProofs
internal import SegmentFormat

/// The log as it was at a moment: an immutable view that readers keep while appends, seals and
/// compactions go on.
///
/// It holds its files open. Everything at or before ``highWaterMark`` is durable; nothing after it
/// is visible.
package struct LogSnapshot: Sendable {
  /// The position of the last event; ``LogPosition/start`` in an empty log.
  package let highWaterMark: LogPosition
  /// What the log holds, by origin.
  package let held: HeldVector
  /// The book.
  package let book: BookID
  /// The log in numbers.
  package let statistics: LogStatistics
  let reader: LogReader
  private let salts: SaltTable
  private let echoes: EchoIndex

  init(
    highWaterMark: LogPosition, held: HeldVector, book: BookID, statistics: LogStatistics,
    reader: LogReader, salts: SaltTable, echoes: EchoIndex
  ) {
    self.highWaterMark = highWaterMark
    self.held = held
    self.book = book
    self.statistics = statistics
    self.reader = reader
    self.salts = salts
    self.echoes = echoes
  }

  /// The event at a position.
  ///
  /// - Parameter position: Where to look.
  /// - Returns: The event, or nothing if the position is beyond the high-water mark.
  /// - Throws: ``StorageError/damaged(_:)`` or ``StorageError/disk(_:)``.
  /// - Complexity: At most one block is read and decompressed; recent ones are kept in memory.
  package func event(at position: LogPosition) throws(StorageError) -> Event? {
    guard position > .start, position <= highWaterMark else { return nil }
    return try reader.event(at: position.rawValue)
  }

  /// The id of an event that is held.
  ///
  /// - Parameter event: The event.
  /// - Returns: The id, or nothing when the salt of a section that is there is not known.
  package func id(of event: Event) -> Digest256? {
    event.id(book: book, salts: salts.salts(of: event.dot))
  }

  /// The salts of the windows that a run touches, which whoever gets the events needs to prove them.
  ///
  /// - Parameters:
  ///   - origin: Whose events.
  ///   - run: Which of them.
  /// - Returns: The windows whose salts are known, ascending.
  package func salts(of origin: OriginID, in run: IntervalSet.Run) -> [WindowSalts] {
    salts.windows(of: origin, touching: run)
  }

  /// Where an event lies.
  ///
  /// - Parameter dot: The event's name.
  /// - Returns: Its position, or nothing if it is not held.
  /// - Throws: Nothing at present; indexes may come to be read from disk.
  package func position(of dot: Dot) throws(StorageError) -> LogPosition? {
    guard held.contains(dot), let run = reader.run(from: dot) else { return nil }
    return LogPosition(rawValue: run.position)
  }

  /// The name of the event at a position, without reading it.
  ///
  /// - Parameter position: Where to look.
  /// - Returns: Nothing outside the log.
  /// - Complexity: O(runs of the segment that holds it).
  package func dot(at position: LogPosition) -> Dot? {
    guard position > .start, position <= highWaterMark else { return nil }
    return reader.dot(at: position.rawValue)
  }

  /// Calls `body` with each event of a range in ascending order until it returns false.
  ///
  /// - Parameters:
  ///   - first: The first position; positions before 1 are left out.
  ///   - last: The last position; positions beyond the high-water mark are left out.
  ///   - filter: What to look for; blocks without any of it are left out, other events are not.
  ///   - body: Gets position and event, and returns whether to go on.
  /// - Throws: ``StorageError``, also what `body` throws.
  /// - Complexity: Each block is decompressed once.
  package func forEachEvent(
    from first: LogPosition, through last: LogPosition, filter: BlockFilter? = nil,
    _ body: (LogPosition, Event) throws(StorageError) -> Bool
  ) throws(StorageError) {
    try reader.forEachEvent(
      in: positions(first, last), reversed: false, filter: filter, body)
  }

  /// Calls `body` with each event of a range in descending order until it returns false.
  ///
  /// - Parameters:
  ///   - last: The last position, where reading begins; beyond the high-water mark nothing is.
  ///   - first: The first position, where reading ends.
  ///   - filter: What to look for; blocks without any of it are left out, other events are not.
  ///   - body: Gets position and event, and returns whether to go on.
  /// - Throws: ``StorageError``, also what `body` throws.
  /// - Complexity: Each block is decompressed once.
  package func forEachEventReversed(
    from last: LogPosition, through first: LogPosition, filter: BlockFilter? = nil,
    _ body: (LogPosition, Event) throws(StorageError) -> Bool
  ) throws(StorageError) {
    try reader.forEachEvent(
      in: positions(first, last), reversed: true, filter: filter, body)
  }

  /// Calls `body` with the held events of a run of one origin, ascending by sequence, until it
  /// returns false. Sequences that are not held are left out.
  ///
  /// - Parameters:
  ///   - origin: Who wrote the events.
  ///   - run: Which of them.
  ///   - body: Gets position and event, and returns whether to go on.
  /// - Throws: ``StorageError``, also what `body` throws.
  package func forEachEvent(
    of origin: OriginID, in run: IntervalSet.Run,
    _ body: (LogPosition, Event) throws(StorageError) -> Bool
  ) throws(StorageError) {
    for heldRun in held[origin].runs where heldRun.first <= run.last && heldRun.last >= run.first {
      var sequence = max(heldRun.first, run.first)
      let last = min(heldRun.last, run.last)
      while sequence <= last {
        let dot = Dot(origin: origin, sequence: sequence)
        guard let found = reader.run(from: dot) else {
          preconditionFailure("every held dot is in a segment or in a tail")
        }
        let count = min(UInt64(found.count), last - sequence + 1)
        var isDone = true
        let range = found.position..<(found.position + count)
        try reader.forEachEvent(in: range, reversed: false, filter: nil) {
          position, event throws(StorageError) in
          isDone = try body(position, event)
          return isDone
        }
        if !isDone { return }
        sequence += count
      }
    }
  }

  /// Where events name an identifier.
  ///
  /// - Parameters:
  ///   - name: The identifier as events carry it, `kind:value`.
  ///   - limit: How many of the last are enough; all by default.
  /// - Returns: Positions in ascending order. An event may be among them that names another one:
  ///   compare.
  /// - Throws: ``StorageError/damaged(_:)`` or ``StorageError/disk(_:)``.
  /// - Complexity: A scan of the tails' indexes, and from the last segment to the first, until there
  ///   are enough, one page of about 4 KiB, of columns also a few streams of each block that names it.
  package func positions(
    naming name: [UInt8], newest limit: Int = .max
  ) throws(StorageError) -> [LogPosition] {
    let key = book.indexHash.hash(name.span)
    var found: [LogPosition] = []
    for tail in reader.tails.reversed() {
      let end = highWaterMark.next.rawValue - tail.basePosition
      for row in tail.rows(identifierKey: key, below: Int(end)).reversed() {
        found.append(LogPosition(rawValue: tail.basePosition + UInt64(row)))
      }
    }
    for segment in reader.segments.reversed() where found.count < limit {
      let rows = try reader.rows(naming: name, key, in: segment, limit: limit - found.count)
      found += rows.map { LogPosition(rawValue: segment.firstPosition + UInt64($0)) }
    }
    return found.prefix(limit).reversed()
  }

  /// The events that share an event's idempotency key.
  ///
  /// - Parameter position: The event's position.
  /// - Returns: All of them in position order, itself included; nothing if it shares its key with
  ///   none.
  /// - Throws: Nothing at present; indexes may come to be read from disk.
  package func keyGroup(
    containing position: LogPosition
  ) throws(StorageError) -> [KeyGroupMember]? {
    let members = echoes.members(with: position.rawValue).filter {
      $0.position <= highWaterMark.rawValue
    }
    guard members.count > 1, members.contains(where: { $0.position == position.rawValue }) else {
      return nil
    }
    return members.map { member in
      KeyGroupMember(
        position: LogPosition(rawValue: member.position), contentClass: member.contentClass)
    }
  }

  /// When this replica got an event.
  ///
  /// - Parameter position: The event's position.
  /// - Returns: This replica's time when it applied the event; nothing for its own events.
  package func received(at position: LogPosition) -> HybridTimestamp? {
    guard position > .start, position <= highWaterMark else { return nil }
    if let tail = reader.tail(of: position.rawValue) {
      return tail.receivedTime(ofRow: Int(position.rawValue - tail.basePosition))
    }
    guard let index = reader.segmentIndex(of: position.rawValue) else { return nil }
    let segment = reader.segments[index]
    return segment.footer.receivedTime(ofRow: Int(position.rawValue - segment.firstPosition))
  }

  private func positions(_ first: LogPosition, _ last: LogPosition) -> Range<UInt64> {
    let start = max(1, first.rawValue)
    let end = min(last.rawValue, highWaterMark.rawValue) + 1
    return start..<max(start, end)
  }
}
