/// UTF-8 text that is compared byte by byte.
///
/// `String` compares by canonical equivalence, under which two identifiers that differ in bytes could
/// be one here and two in another replica's index; read models therefore key by this.
package struct ExactText: Hashable, Comparable, Sendable {
  /// The UTF-8.
  package let bytes: [UInt8]

  /// Text from its UTF-8.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Text from a string.
  package init(_ string: String) { bytes = Array(string.utf8) }

  /// The text for people and JSON.
  package var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Byte order.
  package static func < (left: ExactText, right: ExactText) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
