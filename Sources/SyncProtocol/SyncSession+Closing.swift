internal import HybridTime

extension SyncSession {
  /// Sends what the window allows.
  mutating func fill(
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    (try outgoing?.fill(from: replica) ?? []).map { .send($0) }
  }

  /// Sends this side's closing once all of the peer's events are durable here: from then on its set
  /// is what it will be at the end.
  mutating func close(
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    guard incoming.isComplete, ownClosing == nil else { return [] }
    let closing = try Closing(of: replica)
    ownClosing = closing
    return [.send(.closing(closing))] + (try finish(from: replica))
  }

  /// Ends the session once both closings are there.
  mutating func finish(
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    guard let ownClosing, let peerClosing, openDisputes.isEmpty else { return [] }
    phase = .finished
    let isInSync = ownClosing.setRoot == peerClosing.setRoot
    return [
      .finish(
        SyncResult(
          path: outgoing == nil ? .equal : .difference,
          sentCount: outgoing?.sentCount ?? 0,
          receivedCount: incoming.counts.applied,
          setRoot: ownClosing.setRoot,
          isInSync: isInSync,
          disagreements: isInSync
            ? ownClosing.disagreements(with: peerClosing) : differenceLeft(from: replica),
          forkedOrigins: forkedOrigins.sorted()))
    ]
  }

  /// Why the two sets still differ: origins forked, events did not come, or the same dots have other
  /// content.
  private func differenceLeft(from replica: borrowing some HeldEvents) -> [SyncDisagreement] {
    let forks = forkedOrigins.sorted().map { SyncDisagreement.forked($0) }
    let missing = difference.held.subtracting(replica.held).origins
    guard missing.allSatisfy(forkedOrigins.contains) else { return forks + [.incomplete] }
    return forks.isEmpty ? [.content] : forks
  }
}
