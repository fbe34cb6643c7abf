internal import HybridTime
internal import MerkleProofs

/// What a peer says it holds, collected from its difference frames and checked.
///
/// Invariant: origins ascend and so do the runs of each, across frames; hence collecting costs
/// O(runs), and what a peer can make us remember is bounded by ``SyncLimits``.
struct PeerDifference: Sendable {
  private(set) var held = HeldVector()
  private(set) var isComplete = false
  /// What names the tree of each origin's first run.
  private(set) var rootPrefixes: [OriginID: UInt32] = [:]
  private var lastOrigin: OriginID?
  private var originCount = 0
  private var runCount = 0

  /// Adds one frame.
  mutating func add(_ origins: [SyncMessage.OriginRuns], hasMore: Bool) throws(SyncFault) {
    guard !isComplete else { throw .outOfTurn(message: "difference") }
    // A frame that says nothing and promises more could be repeated for ever.
    guard !origins.isEmpty || !hasMore else { throw .malformed(field: "difference") }
    for origin in origins { try add(origin) }
    isComplete = !hasMore
  }

  private mutating func add(_ part: SyncMessage.OriginRuns) throws(SyncFault) {
    if part.origin != lastOrigin {
      if let lastOrigin, part.origin < lastOrigin { throw .malformed(field: "order of origins") }
      lastOrigin = part.origin
      originCount += 1
      rootPrefixes[part.origin] = part.rootPrefix
    }
    try limit(originCount, to: SyncLimits.originCountMax, "origins")
    try limit(part.bounds.count / 2, to: SyncLimits.runsPerOriginMax, "runs of an origin")
    runCount += part.bounds.count / 2
    try limit(runCount, to: SyncLimits.runCountMax, "runs")
    try addRuns(part)
  }

  private mutating func addRuns(_ part: SyncMessage.OriginRuns) throws(SyncFault) {
    guard !part.bounds.isEmpty, part.bounds.count.isMultiple(of: 2) else {
      throw .malformed(field: "number of bounds")
    }
    var highest = held[part.origin].highest
    for index in stride(from: 0, to: part.bounds.count, by: 2) {
      let (first, last) = (part.bounds[index], part.bounds[index + 1])
      // A gap of one sequence or more lies between runs, so `first` is at least 1 here.
      let isAhead = highest == 0 ? first >= 1 : first > highest && first - highest > 1
      guard isAhead, first <= last else { throw .malformed(field: "bounds") }
      held.insert(IntervalSet.Run(first: first, last: last), of: part.origin)
      highest = last
    }
  }

  private func limit(_ count: Int, to max: Int, _ field: String) throws(SyncFault) {
    guard count <= max else { throw .overLimit(field: field, max: max) }
  }

  /// The frames that say what a replica holds, each within the limits of a frame.
  static func messages(
    of replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncMessage] {
    let held = replica.held
    var frames: [[SyncMessage.OriginRuns]] = [[]]
    var byteCount = 0
    for origin in held.origins {
      let rootPrefix = try replica.tree(of: origin).rootPrefix
      for bounds in slices(of: held[origin].runs) {
        // A bound takes at most ten bytes; an origin 42, a root five, and six for tags
        // and lengths.
        let cost = 53 + 10 * bounds.count
        if byteCount + cost > SyncLimits.packedByteCountMax {
          frames.append([])
          byteCount = 0
        }
        byteCount += cost
        frames[frames.count - 1].append(
          SyncMessage.OriginRuns(origin: origin, bounds: bounds, rootPrefix: rootPrefix))
      }
    }
    return frames.enumerated().map { index, origins in
      .difference(origins, hasMore: index < frames.count - 1)
    }
  }

  /// The bounds of `runs`, in pieces of at most 3,000 runs, of which one fits a frame.
  private static func slices(of runs: [IntervalSet.Run]) -> [[UInt64]] {
    stride(from: 0, to: runs.count, by: 3000).map { start in
      runs[start..<min(start + 3000, runs.count)].flatMap { [$0.first, $0.last] }
    }
  }
}

extension MerkleFrontier {
  /// The first four bytes of the root: enough to notice that two trees differ.
  var rootPrefix: UInt32 { UInt32(truncatingIfNeeded: root.prefix64 >> 32) }
}
