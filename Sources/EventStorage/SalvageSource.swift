internal import EventModel
internal import HybridTime
internal import SegmentFormat

/// A part of a store that is being repaired, in position order with the others.
enum SalvageSource {
  /// A segment that is whole and stays as it is.
  case kept(SealedSegment, Manifest.Segment)
  /// A segment of which something is damaged.
  case damaged(SegmentSalvage)
  /// A write-ahead log.
  case frames(WriteAheadSalvage)

  /// Calls `body` with every event that is whole, in position order.
  func forEachEvent(
    _ body: (SalvagedEvent) throws(StorageError) -> Void
  ) throws(StorageError) {
    switch self {
    case .kept(let segment, let entry):
      try SegmentSalvage(segment, entry).forEachEvent(body)
    case .damaged(let salvage): try salvage.forEachEvent(body)
    case .frames(let salvage): try salvage.forEachEvent(body)
    }
  }

  /// The runs of positions whose events are whole, ascending.
  var positions: [Range<UInt64>] {
    switch self {
    case .kept(let segment, _): [segment.firstPosition..<segment.endPosition]
    case .damaged(let salvage): salvage.positions
    case .frames(let salvage):
      salvage.frames.map { $0.header.firstPosition..<$0.endPosition }
    }
  }

  /// Calls `body` with the sequences of events that are whole.
  func forEachRun(_ body: (OriginID, IntervalSet.Run) -> Void) {
    switch self {
    case .kept(let segment, let entry): SegmentSalvage(segment, entry).forEachRun(body)
    case .damaged(let salvage): salvage.forEachRun(body)
    case .frames(let salvage):
      for dot in salvage.frames.flatMap(\.content.entries).map(\.event.dot) {
        body(dot.origin, IntervalSet.Run(first: dot.sequence, last: dot.sequence))
      }
    }
  }

  /// The echoes of events that are whole, with their positions.
  var echoes: [(position: UInt64, echo: Echo)] {
    switch self {
    case .kept(let segment, _):
      segment.footer.echoes.map { (segment.firstPosition + UInt64($0.row), $0.echo) }
    case .damaged(let salvage): salvage.echoes
    case .frames(let salvage):
      salvage.frames.flatMap { frame in
        frame.content.entries.enumerated().compactMap { row, entry in
          entry.echo.map { (frame.header.firstPosition + UInt64(row), $0) }
        }
      }
    }
  }
}

extension SegmentSalvage {
  /// A segment all of whose blocks are whole.
  init(_ segment: SealedSegment, _ entry: Manifest.Segment) {
    self.init(entry: entry, segment: segment, blocks: Array(segment.footer.blocks.indices))
  }

  var positions: [Range<UInt64>] {
    guard let segment else { return [] }
    return blocks.map { index in
      let block = segment.footer.blocks[index]
      let first = segment.firstPosition + UInt64(block.firstRow)
      return first..<(first + UInt64(block.rowCount))
    }
  }

  /// Calls `body` with the sequences of events that are whole.
  func forEachRun(_ body: (OriginID, IntervalSet.Run) -> Void) {
    guard let segment else { return }
    for index in blocks {
      let block = segment.footer.blocks[index]
      let rows = block.firstRow..<(block.firstRow + block.rowCount)
      for run in segment.footer.runs {
        let found = rows.clamped(to: run.firstRow..<(run.firstRow + run.rowCount))
        if found.isEmpty { continue }
        let first = run.firstSequence + UInt64(found.lowerBound - run.firstRow)
        body(
          run.origin, IntervalSet.Run(first: first, last: first + UInt64(found.count) - 1))
      }
    }
  }

  var echoes: [(position: UInt64, echo: Echo)] {
    guard let segment else { return [] }
    let whole = positions
    return segment.footer.echoes.compactMap { row in
      let position = segment.firstPosition + UInt64(row.row)
      return whole.contains { $0.contains(position) } ? (position, row.echo) : nil
    }
  }
}
