/// Why a fold or a question to a read model failed.
package enum ProjectionFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// A stored row is not what this version writes; catching up sets the read models aside and
  /// rebuilds them.
  case damagedViews(table: String)
  /// The log does not give an event it must have.
  case missingEvent(position: UInt64)
  /// There is no projection of that name.
  case unknownProjection(name: String)

  /// What happened and what to do.
  package var description: String {
    switch self {
    case .damagedViews(let table):
      "views.sqlite, table \(table): unreadable row; the next command rebuilds the views"
    case .missingEvent(let position):
      "log, position \(position): the event cannot be read; run 'daybook verify'"
    case .unknownProjection(let name):
      "no projection is called '\(name)'; 'daybook digest' lists them"
    }
  }
}
