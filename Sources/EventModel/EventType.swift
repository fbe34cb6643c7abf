/// What kind of interaction an event records, as a dotted name such as `order.completed`.
///
/// Two or more parts of lowercase letters, digits and underscores, 3 to 64 bytes together. A type
/// is part of the permanent header, so it never carries anything personal.
public struct EventType: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The dotted name.
  public let name: String

  /// The type called `name`, or nothing when that is not a dotted lower-case name.
  public init?(_ name: String) {
    guard Self.isValid(Array(name.utf8).span) else { return nil }
    self.name = name
  }

  init(unchecked name: String) { self.name = name }

  /// The longest name in bytes.
  public static let byteCountMax = 64

  static func isValid(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count >= 3, bytes.count <= byteCountMax else { return false }
    var dots = 0
    var previousIsDot = true
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "."):
        if previousIsDot { return false }
        dots += 1
        previousIsDot = true
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        previousIsDot = false
      default: return false
      }
    }
    return dots >= 1 && !previousIsDot
  }

  /// Whether the event governs the book rather than records a contact: grants, documents, claims,
  /// attestations, retractions, corrections, redactions, erasures.
  public var isControl: Bool {
    switch name.utf8.first {
    case UInt8(ascii: "g"): name.hasPrefix("grant.")
    case UInt8(ascii: "d"): name.hasPrefix("document.")
    case UInt8(ascii: "a"): name.hasPrefix("arrival.")
    case UInt8(ascii: "e"): name.hasPrefix("event.") || name.hasPrefix("erasure.")
    case UInt8(ascii: "i"):
      name == "identity.linked" || name == "identity.unlinked" || name == "identity.blocked"
    default: false
    }
  }

  /// The dotted name.
  public var description: String { name }

  /// By the bytes of the name.
  public static func < (left: EventType, right: EventType) -> Bool { left.name < right.name }
}
