public import EventModel
public import HybridTime

/// Where an event stands in the order of folds: (effective, recorded, origin, sequence).
///
/// Ids and hashes never break ties, so rows of one second keep their order. A pure function of the
/// event, equal on every replica.
public struct FoldKey: Hashable, Comparable, Sendable {
  /// The time folds use, in milliseconds since 1970. Without attestations it is the time the event
  /// occurred by its source.
  public let effectiveMilliseconds: Int64
  /// When its origin appended it.
  public let recorded: HybridTimestamp
  /// The event's name.
  public let dot: Dot

  /// The key of `event`.
  public init(_ event: Event) {
    effectiveMilliseconds = event.occurredMilliseconds
    recorded = event.recorded
    dot = event.dot
  }

  /// The key from its parts, as a read model stores them.
  public init(effectiveMilliseconds: Int64, recorded: HybridTimestamp, dot: Dot) {
    self.effectiveMilliseconds = effectiveMilliseconds
    self.recorded = recorded
    self.dot = dot
  }

  /// Effective time first, then the origin's clock, then origin and sequence.
  public static func < (left: FoldKey, right: FoldKey) -> Bool {
    if left.effectiveMilliseconds != right.effectiveMilliseconds {
      return left.effectiveMilliseconds < right.effectiveMilliseconds
    }
    if left.recorded != right.recorded { return left.recorded < right.recorded }
    return left.dot < right.dot
  }
}

/// The order that decides which of several events under one idempotency key counts: (recorded,
/// origin, sequence), which never changes for an event.
public struct WinnerKey: Hashable, Comparable, Sendable {
  /// When its origin appended it.
  public let recorded: HybridTimestamp
  /// The event's name.
  public let dot: Dot

  /// The key of `event`.
  public init(_ event: Event) {
    recorded = event.recorded
    dot = event.dot
  }

  /// The key from its parts.
  public init(recorded: HybridTimestamp, dot: Dot) {
    self.recorded = recorded
    self.dot = dot
  }

  /// The smaller key wins.
  public static func < (left: WinnerKey, right: WinnerKey) -> Bool {
    left.recorded != right.recorded ? left.recorded < right.recorded : left.dot < right.dot
  }
}

extension Event {
  /// Whether `other` says the same, as its source sent it: equal channel, type, persons and facts,
  /// apart from `@sent`, `@received` and `@skew`, which tell of the journey of the message.
  public func hasSameSourceContent(as other: EventDraft) -> Bool {
    channel == other.channel && type == other.type
      && persons.elementsEqual(other.sections.dropFirst())
      && (facts == other.sections[0]
        || facts.sourceContent.elementsEqual(other.sections[0].sourceContent))
  }
}

extension EventDraft {
  /// Calls `body` with each part of what ``EventModel/Event/hasSameSourceContent(as:)`` compares, in
  /// a fixed order: equal contents have equal parts, so a checksum over them tells most others apart.
  ///
  /// - Parameter body: Gets one part at a time.
  public func forEachSourceContentPart(_ body: (ArraySlice<UInt8>) -> Void) {
    body([channel.rawValue])
    body(ArraySlice(type.name.utf8))
    for part in sections[0].sourceContent { body(part) }
    for section in sections.dropFirst() { body(section.bytes[...]) }
  }
}

extension Section {
  fileprivate var sourceContent: [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    let travelling = [ReservedName.sent, ReservedName.received, ReservedName.skew]
    forEachRange { name, value in
      if !travelling.contains(where: { bytes.isEqual(to: $0, in: name) }) {
        parts.append(bytes[name])
        parts.append(bytes[value])
      }
      return true
    }
    return parts
  }
}
