internal import DurableFiles
internal import HybridTime
internal import SegmentFormat

/// What a compaction did.
public struct CompactionReport: Equatable, Sendable {
  /// How many segments were rewritten.
  public internal(set) var rewritten = 0
  /// How many took their place.
  public internal(set) var written = 0
  /// Bytes of all segments before.
  public internal(set) var byteCountBefore: UInt64 = 0
  /// Bytes of all segments after.
  public internal(set) var byteCountAfter: UInt64 = 0
}

extension EventLog {
  /// Rewrites segments of rows, and adjacent small segments, as larger segments of columns.
  ///
  /// Positions, order and bytes of events stay. Each new segment is durable before the manifest
  /// names it in place of the old ones, whose files are overwritten and removed after that; a crash at
  /// any point leaves the old ones or the new one. Snapshots taken before go on reading the old files,
  /// which are removed once no snapshot needs them.
  ///
  /// - Parameter all: Whether to rewrite every segment, and not only those that gain by it.
  /// - Returns: What was done.
  /// - Throws: ``StorageError``. When the manifest could not be written the log is poisoned;
  ///   before that, nothing has moved.
  /// - Complexity: Reads and writes what it rewrites; memory for the records of one new segment,
  ///   at most ``CompactionPlan/byteCountMax``, and a few times as much for its columns.
  package func compact(all: Bool) throws(StorageError) -> CompactionReport {
    try seal()
    var report = CompactionReport()
    report.byteCountBefore = reader.segments.reduce(0) { $0 + $1.byteCount }
    // Taken from the end of an array, so that nothing here holds segments that were replaced.
    var groups = Array(CompactionPlan.groups(of: reader.segments, all: all).reversed())
    while let group = groups.popLast() {
      // Opening erases what stays behind.
      try? eraseRetiredFiles()
      try replace(group)
      report.rewritten += group.count
      report.written += 1
    }
    try? eraseRetiredFiles()
    report.byteCountAfter = reader.segments.reduce(0) { $0 + $1.byteCount }
    return report
  }

  /// Puts one segment in the place of adjacent ones, whose files are retired.
  ///
  /// - Parameters:
  ///   - group: The segments.
  ///   - removals: Sections whose bytes stay behind, by event.
  /// - Throws: ``StorageError``. When the manifest could not be written the log is poisoned;
  ///   before that, nothing has moved.
  func replace(
    _ group: [SealedSegment], without removals: [Dot: EventRemoval] = [:]
  ) throws(StorageError) {
    let rewrite = SegmentRewrite(
      sources: group, removals: removals, number: nextSegmentNumber, book: identity.book,
      files: files, fileSystem: fileSystem)
    let entry = try rewrite.run()
    try onDisk { () throws(FileFault) in try fileSystem.syncDirectory(files.log) }
    let segment = try SealedSegment.open(entry, identity, files: files, fileSystem)
    var next = manifest
    next.generation += 1
    let numbers = Set(group.map(\.number))
    guard let place = next.segments.firstIndex(where: { numbers.contains($0.number) }) else {
      preconditionFailure("the manifest names the segments that are read")
    }
    next.segments.replaceSubrange(place..<(place + group.count), with: [entry])
    do throws(StorageError) {
      try next.write(to: files, fileSystem)
    } catch {
      // Which of the two manifests counts is known only after reading them again.
      state = .poisoned
      throw error
    }
    manifest = next
    reader.segments.replaceSubrange(place..<(place + group.count), with: [segment])
    for old in group { statistics.discountFile(of: old) }
    statistics.countFile(of: segment)
    statistics.bytes.other = UInt64(2 * manifest.encoded.count)
    checkInvariants()
    for old in group { retire(files.segment(old.number), readBy: old) }
  }
}

/// Which segments are rewritten together.
enum CompactionPlan {
  /// The most events of a segment of columns; more gain little.
  static let rowCountMax = 1 << 18
  /// The most bytes of records that are in memory at once.
  static let byteCountMax = 128 << 20

  /// Runs of adjacent segments, each to become one, that gain by it or all that can be rewritten.
  static func groups(of segments: [SealedSegment], all: Bool) -> [[SealedSegment]] {
    groups(of: segments).filter { group in
      let isPossible = group.allSatisfy { segment in
        segment.footer.rowCount <= rowCountMax && segment.rawByteCount <= 2 * byteCountMax
      }
      let isWorthIt = all || group.count > 1 || group.contains { $0.footer.tables.isEmpty }
      return isPossible && isWorthIt
    }
  }

  /// Runs of adjacent segments that fit one each.
  static func groups(of segments: [SealedSegment]) -> [[SealedSegment]] {
    var groups: [[SealedSegment]] = []
    var rows = 0
    var bytes = 0
    for segment in segments {
      let fits =
        groups.last?.last.map { $0.endPosition == segment.firstPosition } ?? false
        && rows + segment.footer.rowCount <= rowCountMax
        && bytes + segment.rawByteCount <= byteCountMax
      if let last = groups.last, !last.isEmpty, fits {
        groups[groups.count - 1].append(segment)
      } else {
        groups.append([segment])
        (rows, bytes) = (0, 0)
      }
      rows += segment.footer.rowCount
      bytes += segment.rawByteCount
    }
    return groups
  }
}

extension SealedSegment {
  /// How long the content of its blocks is.
  fileprivate var rawByteCount: Int { footer.blocks.reduce(0) { $0 + $1.rawByteCount } }
}
