package import BookRules
internal import EventModel
package import EventStorage
package import HybridTime
internal import MerkleProofs

/// The control events of one replica's log, read once and kept: they are few, and every question
/// asks what they say.
///
/// Invariant: holds every well-formed control event at positions up to the last one scanned.
package struct ControlLog: Sendable {
  private let ownerKey: DeviceKey
  private var entries: [(position: UInt64, control: HeldControl)] = []
  private var scannedPosition: UInt64 = 0
  /// What all of them say.
  package private(set) var state: BookState

  /// Nothing read yet; `ownerKey` is the book's.
  package init(ownerKey: DeviceKey) {
    self.ownerKey = ownerKey
    state = BookState(ownerKey: ownerKey)
  }

  /// Reads the control events that came since the last time.
  ///
  /// - Parameter snapshot: The log as it is now.
  /// - Throws: `StorageError`.
  /// - Complexity: Reads the blocks that hold control events, and the tail of the log.
  package mutating func extend(to snapshot: LogSnapshot) throws {
    let last = snapshot.highWaterMark
    guard scannedPosition < last.rawValue else { return }
    guard snapshot.statistics.controlEvents > 0 else {
      scannedPosition = last.rawValue
      return
    }
    var found: [HeldControl] = []
    var filter = BlockFilter()
    filter.isControlOnly = true
    let first = LogPosition(rawValue: scannedPosition + 1)
    try snapshot.forEachEvent(from: first, through: last, filter: filter) { position, event in
      guard event.type.isControl, let id = snapshot.id(of: event) else { return true }
      // A malformed control event has no effect; `events --all` lists it.
      if let control = try? HeldControl(event, idPrefix: id.prefix64) {
        entries.append((position.rawValue, control))
        found.append(control)
      }
      return true
    }
    state.insert(contentsOf: found)
    scannedPosition = last.rawValue
  }

  /// What the control events said at a moment: those at positions up to the filter's last, which were
  /// recorded by its time; but what was erased since stays hidden.
  package func state(within filter: EventFilter) -> BookState {
    guard filter.lastPosition < scannedPosition || filter.recordedUntilMilliseconds != nil else {
      return state
    }
    var past = BookState(
      ownerKey: ownerKey,
      controls: entries.filter { entry in
        entry.position <= filter.lastPosition
          && entry.control.recorded.milliseconds <= filter.recordedUntilMilliseconds ?? .max
      }.map(\.control))
    past.hide(whatIsTakenAwayIn: state)
    return past
  }

  /// Whether control events behind a position may change what retractions, corrections and redactions
  /// reach.
  package func changesActs(since position: UInt64) -> Bool {
    entries.reversed().prefix { $0.position > position }.contains { _, control in
      switch control.content {
      case .grantAdded, .grantRevoked, .retracted, .runRetracted, .corrected, .redacted: true
      default: false
      }
    }
  }

  /// Which events at positions up to one mean something else because of control events behind it.
  func change(since position: UInt64) -> BookChange {
    let later = entries.filter { $0.position > position }.map(\.control)
    guard !later.isEmpty else { return .nothing }
    var before = BookState(
      ownerKey: ownerKey, controls: entries.filter { $0.position <= position }.map(\.control))
    return before.insert(contentsOf: later)
  }
}
