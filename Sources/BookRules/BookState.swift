package import EventModel
package import HybridTime
internal import MerkleProofs

/// One control event that a replica holds, well-formed: what the rules keep of it.
package struct HeldControl: Hashable, Sendable {
  /// Its name.
  package let dot: Dot
  /// When its origin appended it.
  package let recorded: HybridTimestamp
  /// When it happened by its source, in milliseconds since 1970.
  package let occurredMilliseconds: Int64
  /// The first 8 bytes of its id.
  package let idPrefix: UInt64
  /// What it says.
  package let content: ControlEvent

  /// What the rules keep of `event`, or nothing when it is not in the table.
  ///
  /// - Parameters:
  ///   - event: Any event.
  ///   - idPrefix: The first 8 bytes of its id.
  /// - Throws: ``ControlFault`` when it is malformed, so that it has no effect.
  package init?(_ event: Event, idPrefix: UInt64) throws(ControlFault) {
    guard let content = try ControlEvent(event) else { return nil }
    self.content = content
    dot = event.dot
    recorded = event.recorded
    occurredMilliseconds = event.occurredMilliseconds
    self.idPrefix = idPrefix
  }

  /// Its place in (recorded, origin, sequence).
  var key: WinnerKey { WinnerKey(recorded: recorded, dot: dot) }
}

/// What the control events that a replica holds say about all events: who counts, and what is
/// withdrawn, corrected, redacted, erased, attested or in force.
///
/// A pure function of the set of control events and the owner key: the order in which they were
/// inserted, and how often, does not show. Nothing is computed for events that no control event
/// names; a book without control events answers without allocating.
///
/// Invariants: `controls` only grows, except that of two events with one dot, which a store never
/// hands in, the one with the smaller id is kept; everything below it derives from it; every array
/// is sorted, so equal sets give equal states.
///
/// Source: `docs/format/control-events.md`.
package struct BookState: Hashable, Sendable {
  /// The key that is part of the book and counts for everything.
  package let ownerKey: DeviceKey
  /// The control events held, well-formed ones only.
  private(set) var controls: [Dot: HeldControl] = [:]

  /// Grants and revocations, ascending.
  private(set) var grants: [Dot] = []
  /// What the grants amount to, by key; only ``settleGrants()`` writes it.
  var standings: [DeviceKey: KeyStanding] = [:]
  /// What the counting control events say something of; only ``settle(_:)`` writes it.
  var indexes = ControlIndexes()
  /// All redactions and corrections by the event they name, counting or not, ascending: what they carry
  /// goes with what it stands for.
  private(set) var redactionsByTarget: [Dot: [Dot]] = [:]
  private(set) var correctionsByTarget: [Dot: [Dot]] = [:]
  /// Of a state of the past the present one, which says what is taken away: at most one.
  private(set) var present: [BookState] = []

  /// The state of a book of which no control event is held: only the owner key counts.
  package init(ownerKey: DeviceKey) { self.ownerKey = ownerKey }

  /// The state of a book of which `controls` are held. O(n log n).
  package init(ownerKey: DeviceKey, controls: some Collection<HeldControl>) {
    self.init(ownerKey: ownerKey)
    insert(contentsOf: controls)
  }

  /// The control events held, ascending by dot; malformed ones are not among them.
  package var heldControls: [HeldControl] { controls.values.sorted { $0.dot < $1.dot } }

  /// The control events of a later version whose authors count for any role, ascending by dot: they
  /// have no effect here, so that a peer of that version comes to other answers.
  package var notUnderstood: [Dot] { indexes.notUnderstood }

  /// The control event `dot`, if it is held and well-formed.
  package func control(_ dot: Dot) -> HeldControl? { controls[dot] }

  /// Whether a control event names the event or may say something of it: if not, its meaning
  /// follows from ``roles(of:)`` alone. O(1), allocates nothing.
  package func mayConcern(_ dot: Dot) -> Bool {
    names(dot) || indexes.runRetractions[dot.origin] != nil
      || indexes.attestations[dot.origin] != nil || indexes.listings[dot] != nil
      || replacesEvent(dot) || present.first?.mayConcern(dot) ?? false
  }

  /// Whether a control event names the event, to retract, correct, redact it or to extend an act to
  /// it. O(1).
  package func names(_ dot: Dot) -> Bool {
    indexes.naming[dot] != nil || indexes.extended[dot] != nil
      || present.first?.names(dot) ?? false
  }

  /// Lets what `present` takes away be gone at this state's moment, too: erasures, redactions, and the
  /// keys they remember.
  package mutating func hide(whatIsTakenAwayIn present: BookState) { self.present = [present] }

  /// Whether a redaction or correction of this name is held. O(1).
  private func replacesEvent(_ dot: Dot) -> Bool {
    guard !redactionsByTarget.isEmpty || !correctionsByTarget.isEmpty else { return false }
    return controls[dot]?.content.replacedEvent != nil
  }

  /// Whether any event is named to be retracted, corrected or redacted.
  package var namesEvents: Bool {
    !indexes.naming.isEmpty || !indexes.extended.isEmpty || present.first?.namesEvents ?? false
  }

  /// Adds control events.
  ///
  /// - Parameter arriving: In any order; those already held change nothing.
  /// - Returns: Which events mean something else than before; all others mean the same.
  /// - Complexity: O(new × log held), and O(held × log held) once if one of them changes who counts.
  @discardableResult
  package mutating func insert(contentsOf arriving: some Collection<HeldControl>) -> BookChange {
    var added: [HeldControl] = []
    for control in arriving {
      if let held = controls[control.dot] {
        if held == control { continue }
        return rebuild(with: Array(arriving))
      }
      controls[control.dot] = control
      note(control)
      added.append(control)
    }
    return settle(added)
  }

  /// Adds one control event; see ``insert(contentsOf:)``.
  @discardableResult
  package mutating func insert(_ control: HeldControl) -> BookChange {
    insert(contentsOf: CollectionOfOne(control))
  }

  /// Two events with one dot: a fork that should have been named apart. The smaller id is kept, so
  /// that the order of arrival does not show even then.
  private mutating func rebuild(with arriving: [HeldControl]) -> BookChange {
    var kept = controls
    for control in arriving {
      if let held = kept[control.dot], !control.precedes(held) { continue }
      kept[control.dot] = control
    }
    let ascending = kept.values.sorted { $0.dot < $1.dot }
    self = BookState(ownerKey: ownerKey, controls: ascending)
    return .everything
  }

  /// Lists what has a say whether it counts or not.
  private mutating func note(_ control: HeldControl) {
    switch control.content {
    case .grantAdded, .grantRevoked: grants.insertSorted(control.dot)
    case .redacted(let event, _, _):
      redactionsByTarget[event.dot, default: []].insertSorted(control.dot)
    case .corrected(let event, _):
      correctionsByTarget[event.dot, default: []].insertSorted(control.dot)
    default: break
    }
  }
}

extension HeldControl {
  /// A total order of different events with one dot.
  fileprivate func precedes(_ other: HeldControl) -> Bool {
    (idPrefix, recorded.rawValue) < (other.idPrefix, other.recorded.rawValue)
  }
}
