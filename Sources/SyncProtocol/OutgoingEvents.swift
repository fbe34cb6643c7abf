internal import EventModel
internal import HybridTime

/// The events a peer lacks, on their way to it: origins in byte order, sequences ascending.
///
/// Invariant: at most about ``SyncLimits/windowByteCount`` bytes of records are sent and not
/// acknowledged. `sentCount` and `acknowledgedCount` only grow, and the first is never behind.
struct OutgoingEvents: Sendable {
  private struct Batch {
    let lastCount: UInt64
    let byteCount: Int
  }

  private let runs: [(origin: OriginID, run: IntervalSet.Run)]
  private var index = 0
  private var next: UInt64
  private var packer = RecordPacker()
  private var lastSalts: WindowSalts?
  private var unacknowledged: [Batch] = []
  private var unacknowledgedByteCount = 0
  private(set) var sentCount: UInt64 = 0
  private(set) var acknowledgedCount: UInt64 = 0
  private(set) var isFinished = false

  /// Plans to send all that `missing` names.
  init(missing: HeldVector) {
    runs = missing.origins.flatMap { origin in
      missing[origin].runs.map { (origin, $0) }
    }
    next = runs.first?.run.first ?? 0
  }

  /// Whether all is sent and acknowledged.
  var isAcknowledged: Bool { isFinished && acknowledgedCount == sentCount }

  /// The next frames, until the window is full or nothing is left.
  mutating func fill(
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncMessage] {
    guard !isFinished else { return [] }
    var messages: [SyncMessage] = []
    while index < runs.count, unacknowledgedByteCount < SyncLimits.windowByteCount {
      try sendBatch(from: replica, to: &messages)
    }
    if index == runs.count {
      packer.finish(to: &messages)
      isFinished = true
    } else {
      packer.flush(to: &messages)
    }
    return messages
  }

  /// Takes note of what the peer has made durable.
  mutating func acknowledge(_ counts: SyncMessage.AppliedCounts) throws(SyncFault) {
    let (count, overflow) = counts.applied.addingReportingOverflow(counts.alreadyHeld)
    guard !overflow, count >= acknowledgedCount, count <= sentCount else {
      throw .malformed(field: "counts of applied events")
    }
    acknowledgedCount = count
    let open = unacknowledged.firstIndex { $0.lastCount > count } ?? unacknowledged.count
    unacknowledgedByteCount -= unacknowledged[..<open].reduce(0) { $0 + $1.byteCount }
    unacknowledged.removeSubrange(..<open)
  }

  private mutating func sendBatch(
    from replica: borrowing some HeldEvents, to messages: inout [SyncMessage]
  ) throws(SyncFault) {
    let (origin, run) = runs[index]
    let rest = IntervalSet.Run(first: next, last: run.last)
    let events = try replica.events(
      of: origin, run: rest, byteCountMax: SyncLimits.fetchByteCount)
    var byteCount = 0
    var last: UInt64?
    if let end = events.last?.dot.sequence, end >= next {
      try sendSalts(IntervalSet.Run(first: next, last: end), from: replica, to: &messages)
    }
    for event in events {
      let expected = last.map { $0 + 1 } ?? next
      guard event.dot == Dot(origin: origin, sequence: expected), expected <= run.last else {
        throw .unavailable("events of \(origin) are held but not readable: run 'daybook verify'")
      }
      let record = event.encoded
      byteCount += record.count
      packer.add(record, to: &messages)
      last = expected
    }
    guard let last else {
      throw .unavailable("events of \(origin) are held but not readable: run 'daybook verify'")
    }
    sentCount += UInt64(events.count)
    unacknowledged.append(Batch(lastCount: sentCount, byteCount: byteCount))
    unacknowledgedByteCount += byteCount
    advance(past: last)
  }

  /// Sends the salts of the windows that a run touches, apart from one that was sent just before.
  private mutating func sendSalts(
    _ run: IntervalSet.Run, from replica: borrowing some HeldEvents,
    to messages: inout [SyncMessage]
  ) throws(SyncFault) {
    for window in try replica.salts(of: runs[index].origin, run: run) where window != lastSalts {
      lastSalts = window
      packer.add(window, to: &messages)
    }
  }

  private mutating func advance(past last: UInt64) {
    if last < runs[index].run.last {
      next = last + 1
    } else {
      index += 1
      next = index < runs.count ? runs[index].run.first : 0
    }
  }
}
