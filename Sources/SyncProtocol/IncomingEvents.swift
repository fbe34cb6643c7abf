internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import MerkleProofs

/// Events on their way in: decoded, checked, and held until a batch is worth a disk write.
///
/// Invariant: `pendingByteCount` stays below ``SyncLimits/pendingByteCountMax`` plus one frame and
/// one record, whatever the peer sends.
struct IncomingEvents: Sendable {
  private var pending: [Event] = []
  private var pendingIndex: [Dot: Int] = [:]
  private var pendingByteCount = 0
  private var salts: [WindowSalts] = []
  private var partialSalts: [UInt8]?
  /// An event whose window's salts are known to be here.
  private var proved: Dot?
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

  /// Adds the salts of a window that the peer announced events of, or a part of them.
  mutating func add(
    _ part: SyncMessage.Salts, announced: HeldVector
  ) throws(SyncFault) {
    guard !isComplete, partial == nil else { throw .outOfTurn(message: "salts") }
    let bytes = (partialSalts ?? []) + part.content
    guard bytes.count <= SyncLimits.saltsByteCountMax else {
      throw .overLimit(field: "salts", max: SyncLimits.saltsByteCountMax)
    }
    // A frame that carries nothing and promises more could be repeated for ever.
    guard !part.content.isEmpty else { throw .malformed(field: "salts") }
    partialSalts = part.hasMore ? bytes : nil
    guard !part.hasMore else { return }
    let window: WindowSalts
    do throws(DecodingFault) {
      var reader = ByteReader(bytes.span)
      window = try WindowSalts(from: &reader)
      try reader.expectEnd()
    } catch {
      throw .malformed(field: "salts")
    }
    let isNext = salts.last.map { ($0.origin, $0.window) < (window.origin, window.window) } ?? true
    guard isNext, announced[window.origin].highest > window.window * UInt64(SaltTree.indexCount)
    else { throw .malformed(field: "salts") }
    pendingByteCount += bytes.count
    salts.append(window)
  }

  /// Adds the records of one frame.
  mutating func add(
    _ records: [[UInt8]], hasMore: Bool, announced: HeldVector,
    replica: borrowing some HeldEvents
  ) throws(SyncFault) {
    guard !isComplete, partial == nil, partialSalts == nil else {
      throw .outOfTurn(message: "events")
    }
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
    guard !isComplete, partialSalts == nil else { throw .outOfTurn(message: "fragment") }
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
  mutating func takePending() -> (events: [Event], salts: [WindowSalts]) {
    defer {
      pending = []
      pendingIndex = [:]
      pendingByteCount = 0
      // The last window may have more events to come.
      salts.removeFirst(max(0, salts.count - 1))
    }
    return (pending, salts)
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
      try requireSalts(of: event.dot, replica: replica)
      pendingIndex[event.dot] = pending.count
      pending.append(event)
    } else {
      throw .unannounced(event.dot)
    }
  }

  /// Refuses an event whose salts came neither before it nor in an earlier session.
  private mutating func requireSalts(
    of dot: Dot, replica: borrowing some HeldEvents
  ) throws(SyncFault) {
    let window = WindowSalts.window(of: dot.sequence)
    if let proved, proved.origin == dot.origin, WindowSalts.window(of: proved.sequence) == window {
      return
    }
    if !salts.contains(where: { $0.window == window && $0.origin == dot.origin }) {
      let run = IntervalSet.Run(first: dot.sequence, last: dot.sequence)
      guard !(try replica.salts(of: dot.origin, run: run).isEmpty) else {
        throw .malformed(field: "salts")
      }
    }
    proved = dot
  }

  /// Counts an event that is here already; equal content is an ordinary repeat, other content is a
  /// fork.
  private mutating func addRepeated(_ event: Event, existing: Event?) throws(SyncFault) {
    if let existing, !existing.agrees(with: event) { throw .fork(event.dot) }
    counts.alreadyHeld += 1
    guard counts.alreadyHeld <= UInt64(SyncLimits.repeatedCountMax) else {
      throw .overLimit(field: "repeated events", max: SyncLimits.repeatedCountMax)
    }
  }
}
