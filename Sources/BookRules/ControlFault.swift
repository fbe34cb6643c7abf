/// Why a control event is malformed, so that it has no effect.
package enum ControlFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// A field that must be there is not.
  case missing(field: String)
  /// A field is of another kind than the table says.
  case wrongKind(field: String)
  /// A field is of the right kind and has a value it may not have.
  case outOfBounds(field: String)
  /// A document's content does not have the digest that stands beside it.
  case digestMismatch

  /// The place and the rule, without any value.
  package var description: String {
    switch self {
    case .missing(let field): "field \(field) is missing"
    case .wrongKind(let field): "field \(field) is of another kind"
    case .outOfBounds(let field): "field \(field) is out of bounds"
    case .digestMismatch: "the content does not have the digest beside it"
    }
  }
}
