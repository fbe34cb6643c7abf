package import EventModel
package import HybridTime

extension Event {
  /// Whose place in fold order this event sets, and at which time, in milliseconds since 1970: its own,
  /// that of the event it corrects, or none, as most control events.
  ///
  /// - Complexity: O(1) for interactions, which are nearly all events; others are parsed.
  package var placement: (dot: Dot, occurredMilliseconds: Int64)? {
    guard type.isControl else { return (dot, occurredMilliseconds) }
    switch try? ControlEvent(self) {
    case .documentActivated: return (dot, occurredMilliseconds)
    case .corrected(let event, _):
      guard let occurred = correctedFacts?.integer(ReservedName.occurred) else { return nil }
      return (event.dot, occurred)
    default: return nil
    }
  }
}
