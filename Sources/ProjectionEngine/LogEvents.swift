package import EventModel
package import EventStorage

/// A log's snapshot as the source of folds.
package struct LogEvents: EventSource {
  private let snapshot: LogSnapshot

  /// The events of a snapshot.
  package init(_ snapshot: LogSnapshot) { self.snapshot = snapshot }

  /// The last position there is; 0 when there is none.
  package var highWaterMark: UInt64 { snapshot.highWaterMark.rawValue }

  /// The event at a position.
  ///
  /// - Parameter position: Where to look.
  /// - Returns: The event, or nothing outside 1…``highWaterMark``.
  /// - Throws: `StorageError`.
  package func event(at position: UInt64) throws -> Event? {
    try snapshot.event(at: LogPosition(rawValue: position))
  }

  /// Calls `body` with each event of a range in ascending order until it returns false.
  ///
  /// - Parameters:
  ///   - first: The first position.
  ///   - last: The last position.
  ///   - body: Gets position and event, and returns whether to go on.
  /// - Throws: `StorageError`, and what `body` throws.
  package func forEachEvent(
    from first: UInt64, through last: UInt64, _ body: (UInt64, Event) throws -> Bool
  ) throws {
    var failure: (any Error)?
    try snapshot.forEachEvent(
      from: LogPosition(rawValue: first), through: LogPosition(rawValue: last)
    ) { position, event in
      do {
        return try body(position.rawValue, event)
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  /// The positions of the events that name an identifier with this index key.
  ///
  /// - Parameter identifierKey: The identifier's `indexKey`.
  /// - Returns: Positions, ascending; another identifier may share the key.
  /// - Throws: `StorageError`.
  package func positions(identifierKey: UInt64) throws -> [UInt64] {
    try snapshot.positions(identifierKey: identifierKey).map(\.rawValue)
  }

  /// The positions of the events that share an event's idempotency key.
  ///
  /// - Parameter position: The event's position.
  /// - Returns: Positions, ascending, or nothing when no other event has the key.
  /// - Throws: `StorageError`.
  package func keyGroup(containing position: UInt64) throws -> [UInt64]? {
    try snapshot.keyGroup(containing: LogPosition(rawValue: position))?.map(\.position.rawValue)
  }
}
