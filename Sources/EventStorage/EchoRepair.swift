internal import EventModel
internal import SegmentFormat

/// What events say of earlier ones with the same idempotency key, once some of these are lost.
///
/// An echo names the first event of its key, or of its content. Where that one is lost, the echoes of the
/// whole key are told anew from what is left of it.
struct EchoRepair {
  /// By position, what an event echoes now; nothing if it has become the first of its key.
  private(set) var changes: [UInt64: Echo?] = [:]

  /// Finds the keys concerned, and reads their events.
  ///
  /// - Parameters:
  ///   - sources: What is left of the log, in position order.
  ///   - lost: The positions whose events are lost, ascending.
  /// - Throws: `StorageError.disk`.
  /// - Complexity: Reads the log twice if an echo leads to a lost event, and nothing otherwise.
  init(_ sources: [SalvageSource], lost: [ClosedRange<UInt64>]) throws(StorageError) {
    var orphans: Set<UInt64> = []
    for (position, echo) in sources.flatMap(\.echoes)
    where lost.contains(position: position - echo.distance) {
      orphans.insert(position)
    }
    guard !orphans.isEmpty else { return }
    let keys = try Self.keys(of: orphans, in: sources)
    var groups: [IdempotencyKey: [SalvagedEvent]] = [:]
    for source in sources {
      try source.forEachEvent { salvaged throws(StorageError) in
        guard let key = salvaged.event.idempotencyKey, keys.contains(key) else {
          // An event whose key was erased repeats nothing.
          if orphans.contains(salvaged.position) { changes[salvaged.position] = .some(nil) }
          return
        }
        groups[key, default: []].append(salvaged)
      }
    }
    for members in groups.values { relate(members) }
  }

  private static func keys(
    of positions: Set<UInt64>, in sources: [SalvageSource]
  ) throws(StorageError) -> Set<IdempotencyKey> {
    var keys: Set<IdempotencyKey> = []
    for source in sources {
      try source.forEachEvent { salvaged throws(StorageError) in
        guard positions.contains(salvaged.position), let key = salvaged.event.idempotencyKey else {
          return
        }
        keys.insert(key)
      }
    }
    return keys
  }

  /// Says of each event of a key, in position order, what it repeats.
  private mutating func relate(_ members: [SalvagedEvent]) {
    var firsts: [SalvagedEvent] = []
    for member in members {
      let echo = Self.echo(of: member, behind: firsts)
      if echo?.isSameContent != true { firsts.append(member) }
      if echo != member.echo { changes[member.position] = .some(echo) }
    }
  }

  private static func echo(
    of member: SalvagedEvent, behind firsts: [SalvagedEvent]
  ) -> Echo? {
    guard let root = firsts.first else { return nil }
    let same = firsts.first { $0.event.hasSameSourceContent(as: member.event.draft) }
    return Echo(
      distance: member.position - (same ?? root).position, isSameContent: same != nil,
      contentChecksum: member.event.draft.sourceContentChecksum)
  }

  /// Whether events of a part of the log echo others now.
  func changes(anyOf source: SalvageSource) -> Bool {
    source.positions.contains { range in changes.keys.contains { range.contains($0) } }
  }

  /// An event with what it echoes now.
  func applied(to salvaged: SalvagedEvent) -> SalvagedEvent {
    guard let change = changes[salvaged.position] else { return salvaged }
    var changed = salvaged
    changed.echo = change
    return changed
  }
}

extension [ClosedRange<UInt64>] {
  /// Whether one of these ascending ranges holds a position.
  func contains(position: UInt64) -> Bool {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].upperBound < position { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low].contains(position)
  }
}
