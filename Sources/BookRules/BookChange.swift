package import EventModel
package import HybridTime

/// Which events may mean something else than before a control event arrived, so that folds take them
/// back and in again.
///
/// Events that are named here stand for their interactions: with an event those that contend for its
/// idempotency key are looked at again. Everything else means the same as before.
/// Control events change when they are inserted themselves, which is not said here.
package struct BookChange: Hashable, Sendable {
  /// Whether any event may have changed, such as when a document comes into force.
  package private(set) var isEverything = false
  /// Events by name.
  private(set) var dots: Set<Dot> = []
  /// Runs of origins.
  private(set) var runs: [OriginID: IntervalSet] = [:]
  /// Device keys whose events, of any incarnation, changed roles.
  private(set) var keys: Set<DeviceKey> = []
  /// Event types whose schema changed.
  private(set) var types: Set<EventType> = []

  /// No event changed.
  package static let nothing = BookChange()

  /// Every event may have changed.
  package static var everything: BookChange {
    var change = BookChange()
    change.insertEverything()
    return change
  }

  /// Whether no event changed.
  package var isNothing: Bool {
    !isEverything && dots.isEmpty && runs.isEmpty && keys.isEmpty && types.isEmpty
  }

  /// The events named one by one, ascending.
  package var events: [Dot] { dots.sorted() }

  /// The runs of origins that changed, ascending by origin.
  package var originRuns: [(origin: OriginID, sequences: IntervalSet)] {
    runs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The device keys all of whose events changed, ascending.
  package var deviceKeys: [DeviceKey] { keys.sorted() }

  /// The types all of whose events changed, because another schema is in force for them; ascending.
  package var eventTypes: [EventType] { types.sorted() }

  /// Whether the event may have changed, other than by the schema of its type.
  package func contains(_ dot: Dot) -> Bool {
    isEverything || keys.contains(dot.origin.key) || dots.contains(dot)
      || runs[dot.origin]?.contains(dot.sequence) ?? false
  }

  /// Adds what `other` names.
  package mutating func formUnion(_ other: BookChange) {
    isEverything = isEverything || other.isEverything
    dots.formUnion(other.dots)
    keys.formUnion(other.keys)
    types.formUnion(other.types)
    for (origin, sequences) in other.runs {
      runs[origin, default: IntervalSet()].formUnion(sequences)
    }
  }

  /// Says that any event may have changed.
  mutating func insertEverything() { isEverything = true }

  /// Names an event.
  mutating func insert(_ dot: Dot) { dots.insert(dot) }

  mutating func insert(_ run: IntervalSet.Run, of origin: OriginID) {
    runs[origin, default: IntervalSet()].insert(run)
  }

  /// Says that a document of a subject changed.
  mutating func insert(_ subject: DocumentSubject) {
    switch subject.kind {
    case .schema: if let type = EventType(subject.name) { types.insert(type) }
    case .metricScales, .identityRules, .projection: insertEverything()
    }
  }

  mutating func insert(_ changed: some Sequence<DeviceKey>) { keys.formUnion(changed) }
}
