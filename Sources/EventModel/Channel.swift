/// The medium of an interaction.
///
/// The set is closed, one byte in an event's header. A medium outside it is `other`; what the
/// source called it stays in the event's personal section.
public enum Channel: UInt8, CaseIterable, Hashable, Sendable, Comparable, CustomStringConvertible {
  case other = 0
  case web = 1
  case mobile = 2
  case store = 3
  case social = 4
  case email = 5
  case phone = 6
  case chat = 7

  /// The channel's name in lower case, as commands and files write it.
  public var description: String {
    switch self {
    case .other: "other"
    case .web: "web"
    case .mobile: "mobile"
    case .store: "store"
    case .social: "social"
    case .email: "email"
    case .phone: "phone"
    case .chat: "chat"
    }
  }

  /// The channel that ``description`` names, or nothing.
  public init?(name: String) {
    guard let channel = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = channel
  }

  /// In the order of the raw values.
  public static func < (left: Channel, right: Channel) -> Bool { left.rawValue < right.rawValue }
}
