internal import BinaryCoding
public import HybridTime

/// What a repair found and did, or would do.
public struct RepairReport: Equatable, Sendable {
  /// Events of one origin that the store held and that are lost here.
  public struct LostRun: Equatable, Sendable {
    /// Who wrote them.
    public let origin: OriginID
    /// The sequences of the first and the last of them.
    public let sequences: ClosedRange<UInt64>
  }

  /// Whether nothing was changed, because only a report was asked for.
  public internal(set) var isDryRun = false
  /// What was wrong.
  public internal(set) var damages: [StoreDamage] = []
  /// The positions whose events are lost.
  public internal(set) var lostPositions: [ClosedRange<UInt64>] = []
  /// The events that are lost, as far as their names are known: a sync fetches them from any replica
  /// that holds them.
  public internal(set) var lostEvents: [LostRun] = []
  /// How many segments were written again, from what was whole of others and of write-ahead logs.
  public internal(set) var writtenSegments = 0
  /// Where the damaged files are kept, within the store.
  public internal(set) var keptFiles: [String] = []
  /// Whether the store goes on under a new incarnation, since it may lack events of its own.
  public internal(set) var didDrawIncarnation = false
  /// What is wrong still; empty after most repairs, and after a dry run what was found.
  public internal(set) var remaining: [StoreDamage] = []

  /// Whether there was nothing to do.
  public var wasSound: Bool { damages.isEmpty }

  /// How many positions are lost.
  public var lostPositionCount: UInt64 {
    lostPositions.reduce(0) { $0 + $1.upperBound - $1.lowerBound + 1 }
  }
}
