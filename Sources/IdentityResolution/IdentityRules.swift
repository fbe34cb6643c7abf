/// What decides which identifiers are one customer.
///
/// Version 1 has one rule: identifiers that one section of an event carries are one customer, save
/// the placeholders that systems write when they know nobody. Limits and unique kinds join here.
package struct IdentityRules: Hashable, Sendable {
  /// Grows whenever the same claims would give another partition.
  package let version: Int64
  private let placeholders: [String]
  private let kindsByRank: [String]

  /// The rules that come with Daybook.
  package static let standard = IdentityRules(
    version: 1,
    placeholders: ["null", "undefined", "anonymous", "none", "nan", "[object object]"],
    kindsByRank: ["user", "loyalty", "email", "phone", "handle", "device", "anonymous"])

  /// Whether the identifier names nobody, so that it links nothing and has no profile.
  ///
  /// - Parameter name: The UTF-8 of the identifier's `kind:value`.
  /// - Returns: True for an empty value, one of zeros and punctuation alone, and for `null`,
  ///   `undefined`, `anonymous`, `none`, `nan` and `[object object]` in any letter case.
  package func isBlocked(_ name: [UInt8]) -> Bool {
    guard let colon = name.firstIndex(of: UInt8(ascii: ":")) else { return true }
    let value = name[(colon + 1)...]
    if value.allSatisfy({ Self.isEmptyDigit($0) }) { return true }
    guard value.count <= 15 else { return false }
    let lower = value.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    return placeholders.contains { $0.utf8.elementsEqual(lower) }
  }

  private static func isEmptyDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: ":"), UInt8(ascii: " "):
      true
    default: false
    }
  }

  /// How far down the order of kinds an identifier stands; a customer's profile has the id of the
  /// lowest.
  ///
  /// - Parameter name: The UTF-8 of the identifier's `kind:value`.
  /// - Returns: 0 for `user`, then `loyalty`, `email`, `phone`, `handle`, `device`, `anonymous`, and
  ///   7 for every other kind.
  package func rank(_ name: [UInt8]) -> Int {
    let kind = name.prefix { $0 != UInt8(ascii: ":") }
    return kindsByRank.firstIndex { $0.utf8.elementsEqual(kind) } ?? kindsByRank.count
  }
}
