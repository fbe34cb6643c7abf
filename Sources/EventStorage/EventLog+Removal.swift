internal import DurableFiles
internal import EventModel
package import HybridTime
internal import SegmentFormat

/// What a removal did.
public struct RemovalReport: Equatable, Sendable {
  /// How many sections lost their bytes.
  public package(set) var sections = 0
  /// How many events they belong to.
  public package(set) var events = 0
  /// How many segments were rewritten.
  public internal(set) var rewritten = 0
  /// How many messages that were refused went, too.
  public package(set) var deadLetters = 0
  /// How many files could not be overwritten yet, since somebody here is reading them.
  public internal(set) var waitingFiles = 0

  /// Nothing was there to be removed.
  public init() {}
}

extension EventLog {
  /// Whether a section is to be removed still: its salt is destroyed last of all that there is of it.
  ///
  /// - Parameters:
  ///   - section: Its number, 0 to 15.
  ///   - dot: A held event.
  /// - Returns: Whether its salt is left; also for numbers beyond the event's sections, as long as it
  ///   lost none.
  /// - Complexity: O(log salts of a window).
  package func isLeft(_ section: Int, of dot: Dot) -> Bool {
    salts.contains(dot, section: section)
  }

  /// Removes sections of held events for good; their commitments stay, so ids and proofs do, too.
  ///
  /// In this order, each durable before the next: what the write-ahead log holds is sealed; each
  /// segment with any of the sections is rewritten whole, so that no table, dictionary or index keeps
  /// anything of them, and named in place of the old one; the old files are overwritten and removed;
  /// both copies of the salts are replaced by some without those of the sections. A crash at any point
  /// leaves the events as they were or without the sections, and the salts until all else is done:
  /// by ``isLeft(_:of:)`` a later call finds what is left to do. Sections that are gone already are
  /// passed over.
  ///
  /// Snapshots taken before go on reading the old files; those are removed by a later call, or when the
  /// store is opened again.
  ///
  /// - Parameter unwanted: The sections, each event once; events that are not held are passed over.
  /// - Returns: What was done.
  /// - Throws: ``StorageError``; what is left is removed by calling it again. When the manifest could
  ///   not be written the log is poisoned.
  /// - Complexity: Reads the blocks with such events, then reads and writes the segments with them, as
  ///   ``compact(all:)`` does.
  package func remove(_ unwanted: [EventSections]) throws(StorageError) -> RemovalReport {
    // It may have read what is to be removed.
    stopTending()
    isRemoving = true
    defer { isRemoving = false }
    try seal()
    let removals = try removals(of: unwanted)
    var report = RemovalReport()
    report.sections = removals.reduce(0) { $0 + $1.sectionsThere }
    report.events = removals.count(where: \.isContentThere)
    if report.sections > 0 { keyIndex = nil }
    defer { reader.cache.removeAll() }
    report.rewritten = try rewriteSegments(with: removals.filter(\.isContentThere))
    try eraseRetiredFiles()
    try onDisk { () throws(FileFault) in try fileSystem.syncDirectory(files.log) }
    try destroySalts(of: removals)
    report.waitingFiles = retired.count
    return report
  }

  /// What is to be done, ascending by position.
  private func removals(of unwanted: [EventSections]) throws(StorageError) -> [EventRemoval] {
    var places: [(position: UInt64, sections: EventSections)] = []
    for sections in unwanted where held.contains(sections.dot) {
      guard let run = reader.run(from: sections.dot) else {
        preconditionFailure("every held dot is in a segment or in a tail")
      }
      places.append((run.position, sections))
    }
    places.sort { $0.position < $1.position }
    var cursor = SaltCursor(salts)
    var removals: [EventRemoval] = []
    for place in places {
      let event = try reader.event(at: place.position)
      removals.append(
        try EventRemoval(
          place.sections, of: event, at: place.position, book: identity.book,
          salts: cursor.salts(of: event.dot)))
    }
    return removals
  }

  /// Rewrites the segments with the events, adjacent ones together where they fit one, and no others.
  private func rewriteSegments(with removals: [EventRemoval]) throws(StorageError) -> Int {
    let byDot = Dictionary(removals.map { ($0.dot, $0) }, uniquingKeysWith: { first, _ in first })
    var groups = Array(groups(with: removals).reversed())
    var count = 0
    while let group = groups.popLast() {
      // As in a compaction: the disk has room for old and new of one at a time.
      try? eraseRetiredFiles()
      try replace(group, without: byDot)
      count += group.count
    }
    return count
  }

  private func groups(with removals: [EventRemoval]) -> [[SealedSegment]] {
    let affected = Set(removals.compactMap { reader.segmentIndex(of: $0.position) })
    var groups: [[SealedSegment]] = []
    var run: [SealedSegment] = []
    for (index, segment) in reader.segments.enumerated() {
      if affected.contains(index) {
        run.append(segment)
      } else {
        groups += options.compaction.groups(of: run)
        run = []
      }
    }
    return groups + options.compaction.groups(of: run)
  }

  private func destroySalts(of removals: [EventRemoval]) throws(StorageError) {
    var next = salts
    for removal in removals {
      next.erase(removal.numbers, of: removal.dot, sectionCount: removal.sectionCount)
    }
    guard next != salts else { return }
    try next.save(
      to: files, book: identity.book, through: highWaterMark.rawValue, fileSystem,
      erasingOld: true)
    salts = next
  }
}
