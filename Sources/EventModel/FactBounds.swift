/// What a schema allows of a fact beyond its kind, written `MIN..MAX` with either side left out.
///
/// Of numbers the least and the greatest value, of texts the greatest number of bytes. A value outside
/// is not taken as a fact when an event is made; nothing is checked when one is read.
public struct FactBounds: Hashable, Sendable, CustomStringConvertible {
  /// The least value, included.
  public let min: Int64?
  /// The greatest value or, of a text, number of bytes; included.
  public let max: Int64?

  /// No bounds.
  public static let none = FactBounds(min: nil, max: nil)

  private init(min: Int64?, max: Int64?) {
    self.min = min
    self.max = max
  }

  /// Reads what a document says of a fact of a kind; nothing when it says no bounds of this kind.
  ///
  /// - Parameters:
  ///   - text: `MIN..MAX`, `MIN..` or `..MAX`, canonical integers.
  ///   - kind: The fact's kind; times, truth values and lines have no bounds.
  init?(_ text: String, kind: FactKind) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].isEmpty,
      let min = Self.side(parts[0]), let max = Self.side(parts[2]), min != nil || max != nil
    else { return nil }
    switch kind {
    case .integer, .decimal, .money:
      guard (min ?? .min) <= (max ?? .max) else { return nil }
    case .text:
      guard min == nil, let max, (1...256).contains(max) else { return nil }
    case .boolean, .time, .lines: return nil
    }
    self.init(min: min, max: max)
  }

  private static func side(_ text: Substring) -> Int64?? {
    if text.isEmpty { return .some(nil) }
    guard let value = Int64(text), String(value) == text else { return nil }
    return .some(value)
  }

  /// Whether a number lies within the bounds. Exact, without rounding.
  public func contains(_ number: Decimal64) -> Bool {
    let coefficient = Int128(number.coefficient)
    var unit: Int128 = 1
    for _ in 0..<number.scale { unit *= 10 }
    // 64 bits times 10^18 fit 128.
    if let min, coefficient < Int128(min) * unit { return false }
    if let max, coefficient > Int128(max) * unit { return false }
    return true
  }

  /// Whether a text of so many bytes lies within the bounds.
  public func containsText(byteCount: Int) -> Bool { max.map { byteCount <= $0 } ?? true }

  /// `MIN..MAX`.
  public var description: String { "\(min.map(String.init) ?? "")..\(max.map(String.init) ?? "")" }
}
