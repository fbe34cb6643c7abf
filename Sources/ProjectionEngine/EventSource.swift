package import BookRules
package import EventModel
package import HybridTime

/// The few questions folds ask of a log: an immutable view up to a high-water mark.
///
/// Positions count from 1 without gaps. The log's snapshot conforms to it; tests use an array.
package protocol EventSource {
  /// The last position there is; 0 when there is none.
  var highWaterMark: UInt64 { get }

  /// The event at `position`, or nothing outside 1…``highWaterMark``.
  func event(at position: UInt64) throws -> Event?

  /// Calls `body` with each event from `first` to `last`, both included, in ascending order, until it
  /// returns false. Positions above ``highWaterMark`` are passed over.
  func forEachEvent(
    from first: UInt64, through last: UInt64, _ body: (UInt64, Event) throws -> Bool) throws

  /// What folds see of the event at `position`: nothing when it is a control event, inert or
  /// retracted, else with its sections corrected, redacted and erased, at its effective time.
  func effective(_ event: Event, at position: UInt64) throws -> EffectiveEvent?

  /// By which documents events are read.
  var documents: DocumentsInForce { get }

  /// Whether what comes after `position` changes what the events up to it mean.
  func isRevised(after position: UInt64) throws -> Bool

  /// The positions of the events that name an identifier, given as `kind:value`, ascending, as they
  /// are stored or as folds see them.
  ///
  /// There may be some whose events name another one: a caller compares the identifier as well.
  func positions(naming name: [UInt8]) throws -> [UInt64]

  /// The positions of all events that share the idempotency key of the event of this name at
  /// `position`, ascending, or nothing when no other event has it.
  func keyGroup(of dot: Dot, at position: UInt64) throws -> [UInt64]?
}

extension EventSource {
  /// The events of a log whose control events say nothing of others: all interactions, as stored.
  package func effective(_ event: Event, at position: UInt64) throws -> EffectiveEvent? {
    event.type.isControl ? nil : documents.folding(EffectiveEvent(asStored: event))
  }

  /// What is built in, where control events say nothing.
  package var documents: DocumentsInForce { .builtIn }

  /// Never, where control events say nothing.
  package func isRevised(after position: UInt64) throws -> Bool { false }
}
