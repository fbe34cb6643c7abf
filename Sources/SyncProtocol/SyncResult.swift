package import HybridTime
package import MerkleProofs

/// How a session got to its end.
package enum SyncPath: String, Hashable, Sendable {
  /// Both held the same set at the start: nothing was exchanged.
  case equal
  /// The missing runs were exchanged.
  case difference
}

/// In what two replicas still differ at the end of a session.
package enum SyncDisagreement: Hashable, Sendable, CustomStringConvertible {
  /// The peer announced events that it did not send, or events were appended meanwhile.
  case incomplete
  /// Both hold the same dots with other content: an origin forked or a replica is damaged.
  case content
  /// An origin wrote two histories; each side keeps the one it has.
  case forked(OriginID)
  /// The same events, under other rules.
  case rules
  /// A projection of another version.
  case projectionVersion(String)
  /// The same events and version, and yet other answers.
  case projectionAnswers(String)
  /// A projection that one of the two does not have.
  case projectionMissing(String)

  /// What it means and what to do.
  package var description: String {
    switch self {
    case .incomplete: "not all announced events arrived: sync again"
    case .content:
      "the same events with other content: run 'daybook verify --deep' on both replicas"
    case .forked(let origin):
      "origin \(origin) forked, as when a store is copied and both copies write: its events stay as they"
        + " are on both sides, all others go on"
    case .rules: "the same events under other rules: bring both replicas to one version"
    case .projectionVersion(let name):
      "projection \(name) has another version: bring both replicas to one version"
    case .projectionAnswers(let name):
      "projection \(name) answers differently on equal events: run 'daybook replay --compare' on both"
    case .projectionMissing(let name):
      "projection \(name) exists on one side only: bring both replicas to one version"
    }
  }
}

/// What came of a session.
package struct SyncResult: Hashable, Sendable {
  /// How it went.
  package let path: SyncPath
  /// Events sent.
  package let sentCount: UInt64
  /// Events that were new here and are durable.
  package let receivedCount: UInt64
  /// The digest of this side's set at the end.
  package let setRoot: Digest256
  /// Whether both sides hold the same set, by digest.
  package let isInSync: Bool
  /// All that differs; empty when the two replicas are equal in events and answers.
  package let disagreements: [SyncDisagreement]
  /// Origins found to have forked, in byte order: none of their events was exchanged.
  package let forkedOrigins: [OriginID]

  /// What came of this session and of one just before it: the counts of both, the end of this one.
  package func following(_ earlier: SyncResult) -> SyncResult {
    SyncResult(
      path: earlier.path, sentCount: earlier.sentCount + sentCount,
      receivedCount: earlier.receivedCount + receivedCount, setRoot: setRoot, isInSync: isInSync,
      disagreements: disagreements,
      forkedOrigins: Set(earlier.forkedOrigins).union(forkedOrigins).sorted())
  }

  /// Whether both sides answer alike: equal events, rules and projection digests.
  package var projectionsAgree: Bool { disagreements.isEmpty }
}
