internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import MerkleProofs

/// Events on their way in: decoded, checked, held until they are proved, and then until a batch is
/// worth a disk write.
///
/// Invariants: what is handed over to be stored is proved by a head that its origin signed; what waits
/// stays below ``SyncLimits/unprovenByteCountMax`` plus ``SyncLimits/pendingByteCountMax`` and one
/// record, whatever the peer sends.
struct IncomingEvents: Sendable {
  /// What a proof came to.
  enum Verdict: Equatable {
    /// The events are those of the head, or they were of an origin that is let go.
    case settled
    /// The head is valid and its tree is not one of what is held here.
    case contradiction(OriginID)
  }

  /// What is known of an origin as far as this session proved it.
  private struct Progress {
    var tree: MerkleFrontier
    /// The head that this session's events are proved by.
    var head: SignedHead?
    /// The largest head that was known before.
    let known: SignedHead?
  }

  private var progress: [OriginID: Progress] = [:]
  /// Events of one origin that follow its tree and wait for their proof.
  private var unproven: [Event] = []
  private var unprovenByteCount = 0
  private var pending: [Event] = []
  private var pendingIndex: [Dot: Int] = [:]
  private var pendingByteCount = 0
  private var heads: [OriginID: OriginHead] = [:]
  private var letGo: Set<OriginID> = []
  /// Whether the last event was let go, so that its proof is as well.
  private var isLettingGo = false
  private var salts: [WindowSalts] = []
  private var partialSalts: [UInt8]?
  private var partial: [UInt8]?
  private var partialByteCount = 0
  /// What became durable, what was here before, and what was let go.
  private(set) var counts = SyncMessage.AppliedCounts()
  private var acknowledged = SyncMessage.AppliedCounts()
  private(set) var isComplete = false

  /// Whether events wait to be stored and it is time.
  var isDue: Bool { isTime && !pending.isEmpty }

  /// Whether the peer waits for an acknowledgement that needs no disk write.
  var owesAcknowledgement: Bool {
    counts.refused != acknowledged.refused
      || isTime && pending.isEmpty && counts != acknowledged
  }

  private var isTime: Bool { isComplete || pendingByteCount >= SyncLimits.pendingByteCountMax }

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
    for record in records { try add(record, announced: announced, replica: replica) }
    guard hasMore || unproven.isEmpty else { throw .malformed(field: "end without proof") }
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
    // A proof always follows a record, so that no fragment is the last of all.
    let isNext =
      fragment.offset == UInt64(bytes.count) && fragment.hasMore
      && fragment.recordByteCount == UInt64(partialByteCount) && !fragment.content.isEmpty
      && fragment.content.count <= partialByteCount - bytes.count
    guard isNext else { throw .malformed(field: "fragment") }
    partial = nil
    bytes += fragment.content
    if bytes.count < partialByteCount {
      partial = bytes
    } else {
      try add(bytes, announced: announced, replica: replica)
    }
  }

  /// Hands over what is proved, to be stored.
  mutating func takePending() -> ProvedBatch {
    defer {
      pending = []
      pendingIndex = [:]
      pendingByteCount = 0
      heads = [:]
      // Unproven events need their salts still, and the last window may have more events to come.
      let first = unproven.first.map { ($0.dot.origin, WindowSalts.window(of: $0.dot.sequence)) }
      let isNeeded = { (window: WindowSalts) in
        first.map { $0 <= (window.origin, window.window) } ?? false
      }
      salts = salts.dropLast().filter(isNeeded) + salts.suffix(1)
    }
    return ProvedBatch(
      events: pending, salts: salts,
      heads: heads.values.sorted { $0.origin < $1.origin })
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

  /// Takes no more events of an origin in this session.
  mutating func letGo(_ origin: OriginID) throws(SyncFault) {
    letGo.insert(origin)
    guard unproven.first?.dot.origin == origin else { return }
    isLettingGo = true
    try refuse(unproven.count)
    unproven = []
    unprovenByteCount = 0
  }

  private mutating func refuse(_ count: Int) throws(SyncFault) {
    counts.refused += UInt64(count)
    guard counts.refused <= UInt64(SyncLimits.refusedCountMax) else {
      throw .overLimit(field: "events of forked origins", max: SyncLimits.refusedCountMax)
    }
  }
}

// MARK: Records

extension IncomingEvents {
  private mutating func add(
    _ record: [UInt8], announced: HeldVector, replica: borrowing some HeldEvents
  ) throws(SyncFault) {
    let event: Event
    do throws(DecodingFault) {
      event = try Event(checking: record.span)
    } catch {
      throw .malformedRecord(error)
    }
    let dot = event.dot
    guard announced.contains(dot) else { throw .unannounced(dot) }
    isLettingGo = letGo.contains(dot.origin)
    guard !isLettingGo else { return try refuse(1) }
    let next = try tree(of: dot.origin, replica: replica).size + 1
    guard dot.sequence >= next else {
      if let index = pendingIndex[dot] { return try addRepeated(event, existing: pending[index]) }
      return try addRepeated(event, existing: replica.event(dot))
    }
    if let first = unproven.first, first.dot.origin != dot.origin {
      throw .malformed(field: "events without proof")
    }
    let place = dot.sequence - next
    guard place >= UInt64(unproven.count) else {
      return try addRepeated(event, existing: unproven[Int(place)])
    }
    guard place == UInt64(unproven.count) else { throw .malformed(field: "order of events") }
    unprovenByteCount += record.count
    guard unprovenByteCount <= SyncLimits.unprovenByteCountMax else {
      throw .overLimit(field: "events before their proof", max: SyncLimits.unprovenByteCountMax)
    }
    unproven.append(event)
  }

  private mutating func tree(
    of origin: OriginID, replica: borrowing some HeldEvents
  ) throws(SyncFault) -> MerkleFrontier {
    if let known = progress[origin] { return known.tree }
    let tree = try replica.tree(of: origin)
    progress[origin] = Progress(tree: tree, head: nil, known: try replica.head(of: origin))
    return tree
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

// MARK: Proofs

extension IncomingEvents {
  /// Checks the events that wait against their head, and takes them over if they are its.
  ///
  /// - Returns: Whether the head contradicts what is held here. Then nothing was taken over.
  /// - Throws: ``SyncFault/unsignedHead(_:)``, ``SyncFault/unproven(_:)``,
  ///   ``SyncFault/malformed(field:)`` or ``SyncFault/unavailable(_:)``.
  mutating func add(
    _ proof: SyncMessage.Proof, replica: borrowing some HeldEvents
  ) throws(SyncFault) -> Verdict {
    guard !isComplete, partial == nil, partialSalts == nil else {
      throw .outOfTurn(message: "proof")
    }
    guard let origin = unproven.first?.dot.origin, var state = progress[origin] else {
      guard isLettingGo else { throw .malformed(field: "proof of nothing") }
      return .settled
    }
    if let head = proof.head {
      try head.requireSigned(by: origin, in: replica.book)
      guard state.head == nil else { throw .malformed(field: "second head") }
      state.head = head
      progress[origin]?.head = head
    }
    guard let head = state.head else { throw .malformed(field: "proof without head") }
    if let known = state.known, known.head.size > head.head.size {
      // What is held waits for the events of the larger head.
      try letGo(origin)
      return .settled
    }
    let isFirst = proof.head != nil
    let run = try ids(replica: replica)
    let root = MerkleTree.root(
      size: head.head.size, prefix: state.tree, run: run, rest: proof.rest)
    guard let root else { throw .malformed(field: "proof") }
    guard root == head.head.root, extend(&state.tree, by: run, through: state.known) else {
      guard isFirst, state.known != nil else { throw .unproven(origin) }
      return .contradiction(origin)
    }
    progress[origin] = state
    takeOver(
      OriginHead(origin: origin, head: head, prefix: state.tree.size, rest: proof.rest))
    return .settled
  }

  /// Appends leaves; false if the tree then lacks the root of a head that was known before.
  private func extend(
    _ tree: inout MerkleFrontier, by run: [Digest256], through known: SignedHead?
  ) -> Bool {
    for leaf in run {
      if let known, tree.size == known.head.size, tree.root != known.head.root { return false }
      tree.append(leaf)
    }
    return known.map { tree.size != $0.head.size || tree.root == $0.head.root } ?? true
  }

  private mutating func takeOver(_ head: OriginHead) {
    for event in unproven {
      pendingIndex[event.dot] = pending.count
      pending.append(event)
    }
    pendingByteCount += unprovenByteCount
    unproven = []
    unprovenByteCount = 0
    heads[head.origin] = head
  }

  /// The ids of the events that wait, from the salts that came, or else from those held here.
  private func ids(replica: borrowing some HeldEvents) throws(SyncFault) -> [Digest256] {
    var ids: [Digest256] = []
    var window: WindowSalts?
    for event in unproven {
      let number = WindowSalts.window(of: event.dot.sequence)
      if window?.window != number {
        window = try saltsOfWindow(number, of: event.dot, replica: replica)
      }
      guard let salts = window?.salts(of: event.dot),
        let id = event.id(book: replica.book, salts: salts)
      else { throw .unproven(event.dot.origin) }
      ids.append(id)
    }
    return ids
  }

  private func saltsOfWindow(
    _ window: UInt64, of dot: Dot, replica: borrowing some HeldEvents
  ) throws(SyncFault) -> WindowSalts {
    if let sent = salts.first(where: { $0.window == window && $0.origin == dot.origin }) {
      return sent
    }
    let run = IntervalSet.Run(first: dot.sequence, last: dot.sequence)
    guard let held = try replica.salts(of: dot.origin, run: run).first else {
      throw .malformed(field: "salts")
    }
    return held
  }
}

extension SignedHead {
  /// Refuses a head that its origin's device did not sign for the book.
  func requireSigned(by origin: OriginID, in book: BookID) throws(SyncFault) {
    guard let verifier = origin.verifier(in: book), isValid(by: verifier) else {
      throw .unsignedHead(origin)
    }
  }
}
