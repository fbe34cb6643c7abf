internal import EventModel
internal import HybridTime
internal import MerkleProofs

/// The events a peer lacks, on their way to it: origins in byte order, sequences ascending, each run
/// of events followed by what proves it.
///
/// Invariant: at most about ``SyncLimits/windowByteCount`` bytes of records are sent and not
/// acknowledged. `sentCount` and `acknowledgedCount` only grow, and the first is never behind.
struct OutgoingEvents: Sendable {
  private struct Batch {
    let lastCount: UInt64
    let byteCount: Int
  }

  private struct OriginRun {
    let origin: OriginID
    let run: IntervalSet.Run
    let head: SignedHead
  }

  private var runs: [OriginRun]
  private var index = 0
  private var next: UInt64
  private var unprovenByteCount = 0
  private var isHeadSent = false
  private var packer = RecordPacker()
  private var lastSalts: WindowSalts?
  private var unacknowledged: [Batch] = []
  private var unacknowledgedByteCount = 0
  private(set) var sentCount: UInt64 = 0
  private(set) var acknowledgedCount: UInt64 = 0
  private(set) var isFinished = false

  /// Plans to send what the peer lacks: of each origin, from where the peer's prefix ends to where
  /// this side's ends, as far as its head reaches. An origin without a head cannot be proved and
  /// waits, as does one whose events were lost behind this side's prefix: the hashes behind it are gone.
  init(
    peer: HeldVector, replica: borrowing some HeldEvents
  ) throws(SyncFault) {
    runs = []
    let held = replica.held
    for origin in held.origins {
      let start = peer[origin].contiguous
      guard held[origin].contiguous > start, let head = try replica.head(of: origin) else {
        continue
      }
      let end = min(held[origin].contiguous, head.head.size)
      guard end > start, try Self.isProvable(end, head, of: origin, by: replica) else { continue }
      runs.append(
        OriginRun(
          origin: origin, run: IntervalSet.Run(first: start + 1, last: end), head: head))
    }
    next = runs.first?.run.first ?? 0
  }

  /// Whether the hashes behind events that are held are known.
  private static func isProvable(
    _ end: UInt64, _ head: SignedHead, of origin: OriginID, by replica: borrowing some HeldEvents
  ) throws(SyncFault) -> Bool {
    for subtree in AlignedSubtree.covering(end..<head.head.size) {
      if try replica.hash(of: subtree, of: origin) == nil { return false }
    }
    return true
  }

  /// Whether all is sent and acknowledged.
  var isAcknowledged: Bool { isFinished && acknowledgedCount == sentCount }

  /// Whether events of an origin were sent or are to be.
  func concerns(_ origin: OriginID) -> Bool { runs.contains { $0.origin == origin } }

  /// Sends no more of an origin.
  mutating func drop(_ origin: OriginID) {
    guard let place = runs.indices.first(where: { runs[$0].origin == origin }), place >= index
    else { return }
    let isCurrent = place == index
    runs.remove(at: place)
    if isCurrent { enterRun() }
  }

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
    let (held, isTooMuch) = counts.applied.addingReportingOverflow(counts.alreadyHeld)
    let (count, overflow) = held.addingReportingOverflow(counts.refused)
    guard !isTooMuch, !overflow, count >= acknowledgedCount, count <= sentCount else {
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
    let (origin, run) = (runs[index].origin, runs[index].run)
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
        throw Self.unreadable(origin)
      }
      let record = event.encoded
      byteCount += record.count
      packer.add(record, to: &messages)
      last = expected
    }
    guard let last else { throw Self.unreadable(origin) }
    sentCount += UInt64(events.count)
    unacknowledged.append(Batch(lastCount: sentCount, byteCount: byteCount))
    unacknowledgedByteCount += byteCount
    unprovenByteCount += byteCount
    if last == run.last || unprovenByteCount >= SyncLimits.provenByteCount {
      try sendProof(of: last, from: replica, to: &messages)
    }
    advance(past: last)
  }

  private static func unreadable(_ origin: OriginID) -> SyncFault {
    .unavailable("events of \(origin) are held but not readable: run 'daybook verify'")
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

  /// Sends the hashes behind the events sent, and the head before the first of them.
  private mutating func sendProof(
    of last: UInt64, from replica: borrowing some HeldEvents, to messages: inout [SyncMessage]
  ) throws(SyncFault) {
    let (origin, head) = (runs[index].origin, runs[index].head)
    var rest: [Digest256] = []
    for subtree in AlignedSubtree.covering(last..<head.head.size) {
      guard let hash = try replica.hash(of: subtree, of: origin) else {
        throw Self.unreadable(origin)
      }
      rest.append(hash)
    }
    packer.add(SyncMessage.Proof(head: isHeadSent ? nil : head, rest: rest), to: &messages)
    isHeadSent = true
    unprovenByteCount = 0
  }

  private mutating func advance(past last: UInt64) {
    if last < runs[index].run.last {
      next = last + 1
    } else {
      index += 1
      enterRun()
    }
  }

  private mutating func enterRun() {
    next = index < runs.count ? runs[index].run.first : 0
    isHeadSent = false
    unprovenByteCount = 0
  }
}
