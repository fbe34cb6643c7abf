package import HybridTime
package import MerkleProofs

/// What the shell around a session has to do next, in the order given.
package enum SyncAction: Hashable, Sendable {
  /// Send the message to the peer.
  case send(SyncMessage)
  /// Make the events durable with their salts and heads, then call ``SyncSession/stored(_:in:)``.
  /// Always the last of its list.
  case store(ProvedBatch)
  /// Keep the proof that an origin forked.
  case keepFork(OriginID, ForkProof)
  /// The session is over.
  case finish(SyncResult)
}

/// One side of a sync between two replicas of a book.
///
/// A value without clock, socket or disk: it is told what arrived, asks the replica what it holds,
/// and answers with actions. The shell performs them, one message after another.
///
/// ```
///            start / hello            hello, other set           both closings
///   idle ───────────────▶ greeting ──────────────────▶ exchanging ───────────▶ finished
///                            │ hello, equal summary                              ▲
///                            └───────────────────────────────────────────────────┘
/// ```
///
/// Invariants: an event is acknowledged only after ``stored(_:in:)``; what a peer can make the
/// session remember is bounded by ``SyncLimits``; after a fault or a result every message is out of
/// turn. A session that was cut is dropped: the next one finds out what is missing and sends that.
package struct SyncSession: Sendable {
  /// Which side begins.
  package enum Role: Hashable, Sendable {
    /// Sends the first hello.
    case initiator
    /// Answers it.
    case responder
  }

  enum Phase: Hashable {
    case idle
    case greeting
    case exchanging
    case finished
  }

  let role: Role
  var phase = Phase.idle
  /// What this side held and answered at the start.
  var opening: Closing?
  var difference = PeerDifference()
  var incoming = IncomingEvents()
  var outgoing: OutgoingEvents?
  var isStoring = false
  var ownClosing: Closing?
  var peerClosing: Closing?
  /// Origins whose events were refused as of another history, until the peer has proved the fork.
  var openDisputes: Set<OriginID> = []
  var answeredDisputes: Set<OriginID> = []
  var forkedOrigins: Set<OriginID> = []

  /// A session that has not begun.
  package init(role: Role) { self.role = role }

  /// Whether there is nothing left to do or to receive.
  package var isFinished: Bool { phase == .finished }

  /// Events sent, and acknowledged by the peer, so far.
  package var progress: (sentCount: UInt64, receivedCount: UInt64) {
    (outgoing?.sentCount ?? 0, incoming.counts.applied)
  }

  /// Begins. Called once, by both sides, before anything is received.
  ///
  /// - Parameter replica: What this side holds.
  /// - Returns: The initiator's hello; nothing for the responder.
  /// - Throws: ``SyncFault/unavailable(_:)``.
  package mutating func start(
    from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    precondition(phase == .idle, "a session starts once")
    phase = .greeting
    let opening = try Closing(of: replica)
    self.opening = opening
    return role == .initiator ? [.send(hello(opening, of: replica))] : []
  }

  /// Takes in one message of the peer.
  ///
  /// - Parameters:
  ///   - message: What arrived, in the order in which the peer sent it.
  ///   - replica: What this side holds.
  /// - Returns: What to do now.
  /// - Throws: ``SyncFault``; the session is over then, and ``SyncFault/refusal`` is what to tell the
  ///   peer.
  package mutating func receive(
    _ message: SyncMessage, from replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    precondition(!isStoring, "what is to be stored is stored before the next message")
    do throws(SyncFault) {
      return try accept(message, from: replica)
    } catch {
      phase = .finished
      throw error
    }
  }

  /// Takes note that the events of the last ``SyncAction/store(_:)`` are durable.
  ///
  /// - Parameters:
  ///   - counts: What the replica made of them.
  ///   - replica: What this side holds now.
  /// - Returns: The acknowledgement, and what follows from it.
  /// - Throws: ``SyncFault/unavailable(_:)``; the session is over then.
  package mutating func stored(
    _ counts: SyncMessage.AppliedCounts, in replica: borrowing some HeldEvents
  ) throws(SyncFault) -> [SyncAction] {
    precondition(isStoring, "only what was handed over can have been stored")
    isStoring = false
    incoming.stored(counts)
    do throws(SyncFault) {
      return [.send(incoming.acknowledge())] + (try close(from: replica))
    } catch {
      phase = .finished
      throw error
    }
  }

  func hello(_ opening: Closing, of replica: borrowing some HeldEvents) -> SyncMessage {
    .hello(
      SyncMessage.Hello(
        protocolVersion: SyncLimits.protocolVersion, book: replica.book, scope: "",
        eventCount: replica.held.count, setRoot: opening.setRoot, summary: opening.summary))
  }
}
