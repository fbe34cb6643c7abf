internal import DurableFiles
internal import HybridTime

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
  /// which are removed once no snapshot needs them. What is being compacted beside appends is begun anew.
  ///
  /// - Parameter all: Whether to rewrite every segment, and not only those that gain by it.
  /// - Returns: What was done.
  /// - Throws: ``StorageError``. When the manifest could not be written the log is poisoned;
  ///   before that, nothing has moved.
  /// - Complexity: Reads and writes what it rewrites; memory for the records of one new segment,
  ///   at most ``CompactionPlan/byteCountMax``, and a few times as much for its columns.
  package func compact(all: Bool) throws(StorageError) -> CompactionReport {
    stopTending()
    try seal()
    var report = CompactionReport()
    report.byteCountBefore = reader.segments.reduce(0) { $0 + $1.byteCount }
    // Taken from the end of an array, so that nothing here holds segments that were replaced.
    var groups = Array(options.compaction.groups(of: reader.segments, all: all).reversed())
    while let group = groups.popLast() {
      // Opening erases what stays behind.
      try? eraseRetiredFiles()
      try replace(group)
      report.rewritten += group.count
      report.written += 1
    }
    try? eraseRetiredFiles()
    compactionFault = nil
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
    let rewrite = makeRewrite(of: group, without: removals)
    let product: SegmentRewrite.Product?
    do throws(StorageError) {
      product = try rewrite.run()
    } catch {
      // Opening erases what stays behind.
      try? rewrite.eraseFile()
      throw error
    }
    guard let product else { preconditionFailure("nobody took this rewrite back") }
    try adopt(product, of: rewrite)
  }

  func makeRewrite(
    of group: [SealedSegment], without removals: [Dot: EventRemoval] = [:]
  ) -> SegmentRewrite {
    SegmentRewrite(
      of: group, without: removals, number: takeSegmentNumber(), identity: identity, files: files,
      fileSystem: fileSystem)
  }

  /// Names a segment in the manifest in place of those that it was made of, and retires their files.
  ///
  /// - Throws: ``StorageError``; then the log is poisoned.
  func adopt(
    _ product: SegmentRewrite.Product, of rewrite: SegmentRewrite
  ) throws(StorageError) {
    let numbers = rewrite.sourceNumbers
    guard let start = manifest.segments.firstIndex(where: { $0.number == numbers.first }),
      manifest.segments[start...].prefix(numbers.count).map(\.number) == numbers
    else { preconditionFailure("only one rewrite at a time takes the place of segments") }
    let places = start..<(start + numbers.count)
    var next = manifest
    next.generation += 1
    next.segments.replaceSubrange(places, with: [product.entry])
    do throws(StorageError) {
      try next.write(to: files, fileSystem)
    } catch {
      // Which of the two manifests counts is known only after reading them again.
      state = .poisoned
      throw error
    }
    manifest = next
    for old in reader.segments[places] {
      statistics.discountFile(of: old)
      retire(files.segment(old.number), readBy: old)
    }
    reader.segments.replaceSubrange(places, with: [product.segment])
    statistics.countFile(of: product.segment)
    statistics.bytes.other = UInt64(2 * manifest.encoded.count)
    checkInvariants()
  }
}
