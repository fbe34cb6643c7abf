internal import SegmentFormat

/// When segments are compacted beside appends.
package enum CompactionSchedule: Hashable, Sendable {
  /// Only when somebody asks for it.
  case never
  /// As soon as a seal has made them due, by the append that finds it so.
  case atOnce
  /// They are read when they are due, and written when the next seal has ended: what ``inBackground``
  /// comes to on a machine that is slow enough.
  case late
  /// On a thread of its own, while appends go on. The only one that is not deterministic.
  case inBackground
}

/// Which segments are rewritten together, and when that is due.
package struct CompactionPlan: Sendable {
  /// The most events of a segment of columns; more gain little.
  package var rowCountMax = 1 << 18
  /// The most bytes of records that are in memory at once.
  package var byteCountMax = 128 << 20
  /// So many small segments are rewritten beside appends although they do not fill one.
  package var smallCountMax = 8

  /// The plan for ordinary use.
  package init() {}

  /// Runs of adjacent segments, each to become one, that gain by it or all that can be rewritten.
  func groups(of segments: [SealedSegment], all: Bool) -> [[SealedSegment]] {
    groups(of: segments).filter { group in
      isPossible(group) && (all || gains(group))
    }
  }

  /// Runs of adjacent segments that fit one each.
  func groups(of segments: [SealedSegment]) -> [[SealedSegment]] {
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

  /// The first run of adjacent segments to rewrite beside appends, or nothing.
  ///
  /// Due is what fills a segment of columns, since no later segment joins it. Of what does not, the
  /// newest ones are due once there are ``smallCountMax`` of them, with those before that are no larger
  /// than all newer ones together. So an event is rewritten at most once for each doubling of its
  /// segment, and of small segments there are never more than a few for each size.
  func due(in segments: [SealedSegment]) -> [SealedSegment]? {
    let groups = groups(of: segments)
    let isFull = { (group: [SealedSegment]) in
      group.reduce(0) { $0 + $1.footer.rowCount } == rowCountMax
    }
    for (index, group) in groups.enumerated() where isPossible(group) && gains(group) {
      if index < groups.count - 1 || isFull(group) { return group }
    }
    guard let newest = groups.last, isPossible(newest) else { return nil }
    var start = newest.count - 1
    var rows = newest[start].footer.rowCount
    while start > 0, newest[start - 1].footer.rowCount <= rows {
      start -= 1
      rows += newest[start].footer.rowCount
    }
    return newest.count - start >= smallCountMax ? Array(newest[start...]) : nil
  }

  private func isPossible(_ group: [SealedSegment]) -> Bool {
    group.allSatisfy { segment in
      segment.footer.rowCount <= rowCountMax && segment.rawByteCount <= 2 * byteCountMax
    }
  }

  private func gains(_ group: [SealedSegment]) -> Bool {
    group.count > 1 || group.contains { !$0.isColumnar }
  }
}

extension SealedSegment {
  /// How long the content of its blocks is.
  var rawByteCount: Int { footer.blocks.reduce(0) { $0 + $1.rawByteCount } }
}
