internal import BinaryCoding

/// A number exactly as it was written.
package enum JSONNumber: Equatable, Sendable {
  /// A whole number of at most 64 bits.
  case integer(Int64)
  /// `coefficient` · 10^−`scale`, with all the digits that were written: 1.50 has scale 2.
  case decimal(coefficient: Int64, scale: Int)
  /// Anything else: an exponent, a negative zero, more than 18 places after the point, or more
  /// digits than 64 bits hold.
  case text(String)
}

/// Reading a parsed document.
extension JSONDocument {
  /// What `node` is.
  package func kind(of node: Node) -> Kind {
    node.index < entries.count ? entries[node.index].kind : .null
  }

  /// Where the text of a string or number lies in ``bytes``; empty for other kinds.
  package func textRange(of node: Node) -> Range<Int> {
    switch kind(of: node) {
    case .string, .number: entries[node.index].range
    default: 0..<0
    }
  }

  /// The text of a string or number, in UTF-8; empty for other kinds.
  @_lifetime(borrow self)
  func textSpan(of node: Node) -> Span<UInt8> {
    text.bytes.span.extracting(textRange(of: node))
  }

  /// A copy of the text of a string or number, in UTF-8.
  package func textBytes(of node: Node) -> [UInt8] {
    [UInt8](copying: text.bytes.span, textRange(of: node))
  }

  /// The text of a string or number, or nil for other kinds.
  package func string(of node: Node) -> String? {
    switch kind(of: node) {
    case .string, .number: String(decoding: text.bytes[textRange(of: node)], as: UTF8.self)
    default: nil
    }
  }

  /// Whether `node` is a string of exactly the bytes of `word`.
  package func isString(_ node: Node, _ word: StaticString) -> Bool {
    guard kind(of: node) == .string else { return false }
    return textSpan(of: node).isEqual(to: word)
  }

  /// The value of a number, or nil for other kinds.
  package func number(of node: Node) -> JSONNumber? {
    guard kind(of: node) == .number else { return nil }
    let range = textRange(of: node)
    return JSONNumber(text.bytes.span.extracting(range))
      ?? .text(String(decoding: text.bytes[range], as: UTF8.self))
  }

  /// The elements of an array, in order; empty for other kinds.
  package func elements(of array: Node) -> [Node] {
    guard kind(of: array) == .array else { return [] }
    var nodes: [Node] = []
    var index = array.index + 1
    let end = Int(entries[array.index].next)
    while index < end {
      nodes.append(Node(index: index))
      index = Int(entries[index].next)
    }
    return nodes
  }

  /// The number of members of an object; 0 for other kinds.
  package func memberCount(of object: Node) -> Int {
    kind(of: object) == .object ? entries[object.index].range.count : 0
  }

  /// The key and value at a place in the sorted members of an object.
  ///
  /// - Parameters:
  ///   - place: From 0 up to ``memberCount(of:)``, in the order of the bytes of the keys.
  ///   - object: An object.
  /// - Returns: The key, which is a string, and the value.
  package func member(at place: Int, of object: Node) -> (key: Node, value: Node) {
    let range = entries[object.index].range
    precondition(place >= 0 && place < range.count, "a place below memberCount(of:)")
    let key = Int(members[range.lowerBound + place].key)
    return (Node(index: key), Node(index: key + 1))
  }
}

extension JSONNumber {
  /// Reads a number that keeps to the JSON grammar, or nil if only its text is exact.
  init?(_ text: Span<UInt8>) {
    var magnitude: UInt64 = 0
    var scale = 0
    var index = text.count > 0 && text[0] == UInt8(ascii: "-") ? 1 : 0
    let isNegative = index == 1
    var hasPoint = false
    while index < text.count {
      let digit = text[index] &- UInt8(ascii: "0")
      if text[index] == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        // 19 digits fit in 64 bits without a sign.
        guard digit < 10, magnitude < 1_000_000_000_000_000_000 else { return nil }
        magnitude = magnitude * 10 + UInt64(digit)
        if hasPoint { scale += 1 }
      }
      index += 1
    }
    if isNegative && magnitude == 0 || scale > 18 { return nil }
    guard let coefficient = Int64(exactly: magnitude, isNegative: isNegative) else { return nil }
    self = hasPoint ? .decimal(coefficient: coefficient, scale: scale) : .integer(coefficient)
  }
}

extension Int64 {
  /// The number with this sign and magnitude, or nil if 64 bits do not hold it.
  fileprivate init?(exactly magnitude: UInt64, isNegative: Bool) {
    if isNegative {
      guard magnitude <= Int64.min.magnitude else { return nil }
      self = Int64(truncatingIfNeeded: 0 &- magnitude)
    } else {
      self.init(exactly: magnitude)
    }
  }
}
