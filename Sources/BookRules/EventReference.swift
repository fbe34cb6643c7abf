package import HybridTime

/// Names an event so that nobody can mean another: its dot and the first 8 bytes of its id.
///
/// The text is `ORIGIN/SEQUENCE:ID`: 80 lowercase hexadecimal digits, a decimal number from 1
/// without leading zeros, 16 digits. A reference whose event is held and has another id names
/// nothing.
package struct EventReference: Hashable, Sendable, CustomStringConvertible {
  /// The event's name.
  package let dot: Dot
  /// The first 8 bytes of its id as a big-endian integer.
  package let idPrefix: UInt64

  /// Names the event `dot` with an id that begins with `idPrefix`.
  package init(dot: Dot, idPrefix: UInt64) {
    self.dot = dot
    self.idPrefix = idPrefix
  }

  /// The reference that `text` spells, or nothing.
  package init?(_ text: String) {
    let digits = text.utf8
    guard digits.count <= 80 + 1 + 20 + 1 + 16, digits.allSatisfy({ $0 < 0x80 }),
      let slash = text.firstIndex(of: "/"), let colon = text.lastIndex(of: ":"), slash < colon,
      let origin = OriginID(hexadecimal: text[..<slash]),
      let sequence = Self.sequence(text[text.index(after: slash)..<colon]),
      let idPrefix = hexadecimalWord(text[text.index(after: colon)...])
    else { return nil }
    self.init(dot: Dot(origin: origin, sequence: sequence), idPrefix: idPrefix)
  }

  /// `ORIGIN/SEQUENCE:ID`.
  package var description: String {
    "\(dot.origin.fullDescription)/\(dot.sequence):\(hexadecimal(idPrefix))"
  }

  private static func sequence(_ text: Substring) -> UInt64? {
    guard let first = text.utf8.first, first != UInt8(ascii: "0"), first != UInt8(ascii: "+") else {
      return nil
    }
    return UInt64(text)
  }
}
