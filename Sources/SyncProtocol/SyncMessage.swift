package import EventModel
package import HybridTime
package import MerkleProofs

/// One step of a session. `docs/protocol/sync.md` says when each may come, and
/// `proto/daybook/v1/sync.proto` how it is written.
package enum SyncMessage: Hashable, Sendable {
  /// Opens the session.
  case hello(Hello)
  /// Says what the sender holds; another frame follows when `hasMore`.
  case difference([OriginRuns], hasMore: Bool)
  /// Carries the salts of a window, before the events that need them.
  case salts(Salts)
  /// Carries encoded events; more of them follow when `hasMore`.
  case events(records: [[UInt8]], hasMore: Bool)
  /// Proves the events that came since the proof before.
  case proof(Proof)
  /// Says that the peer's head of an origin does not fit what is held.
  case dispute(OriginID, SignedHead)
  /// Proves that an origin forked.
  case fork(OriginID, ForkProof)
  /// Carries a part of a record too large for a frame.
  case fragment(Fragment)
  /// Acknowledges events that are durable.
  case applied(AppliedCounts)
  /// Ends the session with what the two sides compare.
  case closing(Closing)
  /// Ends the session without success.
  case refusal(Refusal)

  /// What a side says of itself to open a session.
  package struct Hello: Hashable, Sendable {
    /// The protocol version it speaks.
    package let protocolVersion: UInt32
    /// Its book.
    package let book: BookID
    /// What part of the book is meant; empty is everything.
    package let scope: String
    /// How many events it holds.
    package let eventCount: UInt64
    /// The digest of that set.
    package let setRoot: Digest256
    /// ``Closing/summary``: sixteen bytes.
    package let summary: [UInt8]

    /// Joins the parts.
    package init(
      protocolVersion: UInt32, book: BookID, scope: String, eventCount: UInt64, setRoot: Digest256,
      summary: [UInt8]
    ) {
      self.protocolVersion = protocolVersion
      self.book = book
      self.scope = scope
      self.eventCount = eventCount
      self.setRoot = setRoot
      self.summary = summary
    }
  }

  /// Runs of one origin, as they were sent: not yet checked.
  package struct OriginRuns: Hashable, Sendable {
    /// The origin whose events they are.
    package let origin: OriginID
    /// First and last sequence of each run, by turns.
    package let bounds: [UInt64]
    /// The first four bytes of the root of the tree over the events held without a gap.
    package let rootPrefix: UInt32

    /// Joins an origin, its bounds and what names its tree.
    package init(origin: OriginID, bounds: [UInt64], rootPrefix: UInt32 = 0) {
      self.origin = origin
      self.bounds = bounds
      self.rootPrefix = rootPrefix
    }
  }

  /// What completes the events before it to the tree of a head.
  package struct Proof: Hashable, Sendable {
    /// The head; nothing when it is that of the origin's last proof.
    package let head: SignedHead?
    /// The hashes of the maximal aligned subtrees behind the events, ascending.
    package let rest: [Digest256]

    /// Joins the parts.
    package init(head: SignedHead?, rest: [Digest256]) {
      self.head = head
      self.rest = rest
    }
  }

  /// The salts of one window, or a part of them.
  package struct Salts: Hashable, Sendable {
    /// The encoded window, or a part of it.
    package let content: [UInt8]
    /// Whether the next message continues this window.
    package let hasMore: Bool

    /// Joins the parts.
    package init(content: [UInt8], hasMore: Bool) {
      self.content = content
      self.hasMore = hasMore
    }
  }

  /// A part of one record.
  package struct Fragment: Hashable, Sendable {
    /// The size of the whole record.
    package let recordByteCount: UInt64
    /// Where in it the bytes begin.
    package let offset: UInt64
    /// The bytes.
    package let content: [UInt8]
    /// Whether more events follow this record, or more fragments this one.
    package let hasMore: Bool

    /// Joins the parts.
    package init(recordByteCount: UInt64, offset: UInt64, content: [UInt8], hasMore: Bool) {
      self.recordByteCount = recordByteCount
      self.offset = offset
      self.content = content
      self.hasMore = hasMore
    }
  }

  /// Counts since the beginning of the session.
  package struct AppliedCounts: Hashable, Sendable {
    /// Events that were new and are durable.
    package var applied: UInt64
    /// Events that were there before.
    package var alreadyHeld: UInt64
    /// Events that were let go because their origin forked.
    package var refused: UInt64

    /// Joins the counts.
    package init(applied: UInt64 = 0, alreadyHeld: UInt64 = 0, refused: UInt64 = 0) {
      self.applied = applied
      self.alreadyHeld = alreadyHeld
      self.refused = refused
    }
  }

  /// Why a side ends the session.
  package struct Refusal: Hashable, Sendable {
    /// The reason, for programs.
    package let code: RefusalCode
    /// The reason and the remedy, for people; without personal data.
    package let message: String

    /// Joins code and message.
    package init(code: RefusalCode, message: String) {
      self.code = code
      self.message = message
    }
  }

  /// What a message is called in errors.
  var name: String {
    switch self {
    case .hello: "hello"
    case .difference: "difference"
    case .salts: "salts"
    case .events: "events"
    case .fragment: "fragment"
    case .proof: "proof"
    case .dispute: "dispute"
    case .fork: "fork"
    case .applied: "applied"
    case .closing: "closing"
    case .refusal: "refusal"
    }
  }
}

/// Why a session was refused; the raw values are those of the wire.
package enum RefusalCode: Int, Hashable, Sendable, CaseIterable {
  case unspecified = 0
  case protocolVersion = 1
  case otherBook = 2
  case unknownScope = 3
  case malformed = 4
  case overLimit = 5
  case outOfTurn = 6
  case conflictingEvent = 7
  case unavailable = 8
}
