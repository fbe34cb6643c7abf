internal import ChannelAdapters
internal import EventModel
internal import Yams

/// A node of a mapping file, with its line, read with faults that say where.
struct MappingNode {
  let node: Node
  let line: Int

  init(_ node: Node, line: Int) {
    self.node = node
    self.line = node.mark?.line ?? line
  }

  func fault(_ message: String) -> MappingFault { MappingFault(message, line: line) }

  /// The members of a mapping, each key once and known.
  func members(_ known: [String]) throws(MappingFault) -> [String: MappingNode] {
    var members: [String: MappingNode] = [:]
    for (key, value) in try pairs() {
      guard known.contains(key) else {
        throw value.fault("'\(key)' is unknown here; known are \(known.joined(separator: ", "))")
      }
      members[key] = value
    }
    return members
  }

  /// The members of a mapping, in order, each key once.
  func pairs() throws(MappingFault) -> [(key: String, value: MappingNode)] {
    guard case .mapping(let mapping) = node else {
      throw fault("names and values are expected here, as in 'name: value'")
    }
    var pairs: [(key: String, value: MappingNode)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { throw fault("a name must be a text") }
      guard !pairs.contains(where: { $0.key == name }) else {
        throw fault("'\(name)' stands here twice; remove one")
      }
      pairs.append((name, MappingNode(value, line: key.mark?.line ?? line)))
    }
    return pairs
  }

  /// The elements of a list, or the one node that stands for a list of itself.
  var elements: [MappingNode] {
    guard case .sequence(let sequence) = node else { return [self] }
    return sequence.map { MappingNode($0, line: line) }
  }

  /// The text of a scalar, quoted or not.
  func text() throws(MappingFault) -> String {
    guard let scalar = node.scalar else { throw fault("a single text is expected here") }
    return scalar.string
  }

  /// A scalar as YAML's core schema has it: numbers exact, quoted text always text.
  func value() throws(MappingFault) -> Value {
    let text = try text()
    guard node.scalar?.style == .plain else { return .text(text) }
    switch text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null", "~", "": return .null
    default: return number(text) ?? .text(text)
    }
  }

  /// An exact number.
  func decimal() throws(MappingFault) -> Decimal64 {
    switch number(try text()) {
    case .integer(let value)?: return Decimal64(value)
    case .decimal(let value)?: return value
    default: throw fault("a number is expected here, such as 60 or 0.01")
    }
  }

  private func number(_ text: String) -> Value? {
    switch JSONNumber(checking: Array(text.utf8).span) {
    case .integer(let value): .integer(value)
    case .decimal(let coefficient, let scale):
      Decimal64(coefficient: coefficient, scale: UInt8(truncatingIfNeeded: scale))
        .map { .decimal($0) }
    case .text, nil: nil
    }
  }

  /// One of two words for yes and no.
  func flag(yes: String, no: String) throws(MappingFault) -> Bool {
    switch try text() {
    case yes: return true
    case no: return false
    default: throw fault("write '\(yes)' or '\(no)'")
    }
  }
}
