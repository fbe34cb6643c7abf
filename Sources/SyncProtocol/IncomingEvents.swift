internal import BinaryCoding
internal import EventModel
internal import HybridTime

/// Events on their way in: decoded, checked, and held until a batch is worth a disk write.
///
/// Invariant: `pendingByteCount` stays below ``SyncLimits/pendingByteCountMax`` plus one frame and
/// one record, whatever the peer sends.
struct IncomingEvents: Sendable {
  private var pending: [Event] = []
  private var pendingIndex: [Dot: Int] = [:]
  private var pendingByteCount = 0
  private var partial: [UInt8]?
  private var partialByteCount = 0
  /// What became durable, and what was here before.
  private(set) var counts = SyncMessage.AppliedCounts()
  private var acknowledged = SyncMessage.AppliedCounts()
  private(set) var isComplete = false

  /// Whether events wait to be stored and it is time.
  var isDue: Bool {
    (isComplete || pendingByteCount >= SyncLimits.pendingByteCountMax) && !pending.isEmpty
  }

  /// Whether the peer waits for an acknowledgement that needs no disk write.
  var owesAcknowledgement: Bool {
    (isComplete || pendingByteCount >= SyncLimits.pendingByteCountMax) && pending.isEmpty
      && counts != acknowledged
  }

  /// Adds the records of one frame.
  mutating func add(
    _ records: [[UInt8]], hasMore: Bool, announced: HeldVector,
    replica: borrowing some HeldEvents
  ) throws(SyncFault) {
    guard !isComplete, partial == nil else { throw .outOfTurn(message: "events") }
    // A frame that carries nothing and promises more could be repeated for ever.
    guard !records.isEmpty || !hasMore else { throw .malformed(field: "events") }
    let held = replica.held
    for record in records {
      try add(record, announced: announced, held: held, replica: replica)
    }
    isComplete = !hasMore
  }

  /// Adds a part of a record, and the record once it is whole.
  mutating func add(
    _ fragment: SyncMessage.Fragment, announced: HeldVector, replica: borrowing some HeldEvents
  ) throws(SyncFault) {
    guard !isComplete else { throw .outOfTurn(message: "fragment") }
    guard fragment.recordByteCount <= UInt64(SyncLimits.recordByteCountMax) else {
      throw .overLimit(field: "record", max: SyncLimits.recordByteCountMax)
    }
    var bytes = partial ?? []
    if partial == nil { partialByteCount = Int(fragment.recordByteCount) }
    let isNext =
      fragment.offset == UInt64(bytes.count)
      && fragment.recordByteCount == UInt64(partialByteCount) && !fragment.content.isEmpty
      && fragment.content.count <= partialByteCount - bytes.count
    guard isNext else { throw .malformed(field: "fragment") }
    partial = nil
    bytes += fragment.content
    if bytes.count < partialByteCount {
      guard fragment.hasMore else { throw .malformed(field: "fragment") }
      partial = bytes
    } else {
      try add(bytes, announced: announced, held: replica.held, replica: replica)
      isComplete = !fragment.hasMore
    }
  }

  /// Hands over what waits, to be stored.
  mutating func takePending() -> [Event] {
    defer {
      pending = []
      pendingIndex = [:]
      pendingByteCount = 0
    }
    return pending
  }

  /// Takes note of what was stored.
  mutating func stored(_ stored: SyncMessage.AppliedCounts) {
    counts.applied += stored.applied
    counts.alreadyHeld += stored.alreadyHeld
  }

  /// The acknowledgement of all that is durable.
  mutating func acknowledge() -> SyncMessage {
    acknowledged = counts
    if pending.isEmpty { pendingByteCount = 0 }
    return .applied(counts)
  }

  private mutating func add(
    _ record: [UInt8], announced: HeldVector, held: HeldVector,
    replica: borrowing some HeldEvents
  ) throws(SyncFault) {
    let event: Event
    do throws(DecodingFault) {
      event = try Event(checking: record.span)
    } catch {
      throw .malformedRecord(error)
    }
    pendingByteCount += record.count
    if let index = pendingIndex[event.dot] {
      try addRepeated(event, existing: pending[index])
    } else if held.contains(event.dot) {
      try addRepeated(event, existing: replica.event(event.dot))
    } else if announced.contains(event.dot) {
      pendingIndex[event.dot] = pending.count
      pending.append(event)
    } else {
      throw .unannounced(event.dot)
    }
  }

  /// Counts an event that is here already; equal content is an ordinary repeat, other content is a
  /// fork.
  private mutating func addRepeated(_ event: Event, existing: Event?) throws(SyncFault) {
    if let existing, existing != event { throw .fork(event.dot) }
    counts.alreadyHeld += 1
    guard counts.alreadyHeld <= UInt64(SyncLimits.repeatedCountMax) else {
      throw .overLimit(field: "repeated events", max: SyncLimits.repeatedCountMax)
    }
  }
}
