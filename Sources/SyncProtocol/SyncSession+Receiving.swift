internal import EventModel
internal import HybridTime

extension SyncSession {
  /// The state table of `docs/protocol/sync.md`: what each message does in each phase.
  mutating func accept(
    _ message: SyncMessage, from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    switch (phase, message) {
    case (.greeting, .refusal(let refusal)), (.exchanging, .refusal(let refusal)):
      throw .refused(refusal)
    case (.greeting, .hello(let hello)):
      return try greet(hello, from: replica)
    case (.exchanging, .difference(let origins, let hasMore)):
      try difference.add(origins, hasMore: hasMore)
      guard difference.isComplete else { return [] }
      outgoing = try OutgoingEvents(peer: difference.held, replica: replica)
      return try contestUnequalTrees(from: replica) + fill(from: replica)
    case (.exchanging, .salts(let salts)) where difference.isComplete:
      try incoming.add(salts, announced: difference.held)
      return []
    case (.exchanging, .events(let records, let hasMore)) where difference.isComplete:
      try incoming.add(
        records, hasMore: hasMore, announced: difference.held, replica: replica)
      return try takeIn(from: replica)
    case (.exchanging, .fragment(let fragment)) where difference.isComplete:
      try incoming.add(fragment, announced: difference.held, replica: replica)
      return try takeIn(from: replica)
    case (.exchanging, .proof(let proof)) where difference.isComplete:
      guard case .contradiction(let origin) = try incoming.add(proof, replica: replica) else {
        return try takeIn(from: replica)
      }
      return try refuseContradiction(of: origin, from: replica) + takeIn(from: replica)
    case (.exchanging, .dispute(let origin, let head)) where difference.isComplete:
      return try answer(disputeOf: origin, head, from: replica) + goOn(from: replica)
    case (.exchanging, .fork(let origin, let fork)) where difference.isComplete:
      return try receive(fork, of: origin, from: replica) + goOn(from: replica)
    case (.exchanging, .applied(let counts)) where outgoing != nil:
      try outgoing?.acknowledge(counts)
      return try fill(from: replica)
    case (.exchanging, .closing(let closing)) where peerClosing == nil && isReadyForClosing:
      try closing.checkLimits()
      peerClosing = closing
      return try finish(from: replica)
    default:
      throw .outOfTurn(message: message.name)
    }
  }

  /// A peer closes when it has all of ours and we know it, or when there is nothing to exchange.
  private var isReadyForClosing: Bool { outgoing?.isAcknowledged ?? (ownClosing != nil) }

  private mutating func greet(
    _ peer: SyncMessage.Hello, from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    guard let opening else { throw .outOfTurn(message: "hello") }
    try check(peer, book: replica.book)
    var actions: [SyncAction] = []
    if role == .responder { actions.append(.send(hello(opening, of: replica))) }
    phase = .exchanging
    if peer.setRoot != opening.setRoot {
      actions += try PeerDifference.messages(of: replica).map { .send($0) }
    } else if peer.summary != opening.summary {
      // The sets are equal and something else is not: the closings tell what.
      ownClosing = opening
      actions.append(.send(.closing(opening)))
    } else {
      ownClosing = opening
      peerClosing = opening
      actions += try finish(from: replica)
    }
    return actions
  }

  private func check(_ peer: SyncMessage.Hello, book: BookID) throws(SyncFault) {
    guard peer.protocolVersion == SyncLimits.protocolVersion else {
      throw .protocolVersion(found: peer.protocolVersion)
    }
    guard peer.book == book else { throw .otherBook(found: peer.book, expected: book) }
    guard peer.scope.isEmpty else { throw .unknownScope }
    guard peer.summary.count == 16 else { throw .malformed(field: "summary") }
  }

  /// What follows when an origin is left out: sending may go on, and the end may be reached.
  private mutating func goOn(
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    var actions = try fill(from: replica)
    if incoming.owesAcknowledgement { actions.append(.send(incoming.acknowledge())) }
    return actions + (try finish(from: replica))
  }

  private mutating func takeIn(
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    if incoming.isDue {
      isStoring = true
      return [.store(incoming.takePending())]
    }
    let acknowledgement: [SyncAction] =
      incoming.owesAcknowledgement ? [.send(incoming.acknowledge())] : []
    return acknowledgement + (try close(from: replica))
  }
}

extension Closing {
  /// Refuses a closing longer than the protocol allows.
  fileprivate func checkLimits() throws(SyncFault) {
    guard projections.count <= SyncLimits.projectionCountMax else {
      throw .overLimit(field: "projections", max: SyncLimits.projectionCountMax)
    }
    let longest = projections.map(\.name.utf8.count).max() ?? 0
    guard longest <= SyncLimits.projectionNameByteCountMax else {
      throw .overLimit(field: "name", max: SyncLimits.projectionNameByteCountMax)
    }
  }
}
