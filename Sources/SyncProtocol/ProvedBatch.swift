package import EventModel

/// Events that were proved, with all that has to be stored with them.
package struct ProvedBatch: Hashable, Sendable {
  /// The events; ascending within an origin.
  package let events: [Event]
  /// Salts that the events need, and maybe others.
  package let salts: [WindowSalts]
  /// The heads that prove the events, with the hashes behind them.
  package let heads: [OriginHead]
}
