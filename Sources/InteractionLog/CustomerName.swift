package import EventModel

/// How a question names a customer.
package enum CustomerName: Hashable, Sendable {
  /// By any identifier, `KIND:VALUE`.
  case identifier(Identifier)
  /// By a profile id that an earlier answer gave: the place-th identifier of an event.
  case node(origin: String, sequence: UInt64, place: Int)
}
