/// What a device key can be granted.
package enum Role: UInt8, CaseIterable, Hashable, Sendable, Comparable {
  /// Grants and revokes every other role.
  case admin
  /// Appends interactions; retracts and corrects its own.
  case append
  /// Attests when events of others arrived.
  case attest
  /// Declares and activates documents; retracts and corrects events of others.
  case configure
  /// Erases and redacts.
  case erase
  /// Claims that identifiers are one customer, or are not.
  case identity

  /// The name by which events and commands call it.
  package var name: String {
    switch self {
    case .admin: "admin"
    case .append: "append"
    case .attest: "attest"
    case .configure: "configure"
    case .erase: "erase"
    case .identity: "identity"
    }
  }

  /// The role called `name`, or nothing.
  package init?(name: some StringProtocol) {
    guard let role = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = role
  }

  /// In order of the names.
  package static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
}

/// A set of roles, one byte.
package struct RoleSet: OptionSet, Hashable, Sendable, CustomStringConvertible {
  /// Bit n stands for the role with raw value n.
  package let rawValue: UInt8

  /// A set from its bits.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The set of one role.
  package init(_ role: Role) { rawValue = 1 << role.rawValue }

  /// The set of `roles`.
  package init(_ roles: some Sequence<Role>) {
    self = roles.reduce(into: RoleSet(rawValue: 0)) { $0.formUnion(RoleSet($1)) }
  }

  /// All six roles.
  package static let all = RoleSet(rawValue: 0b11_1111)

  /// Whether `role` is among them.
  package func contains(_ role: Role) -> Bool { contains(RoleSet(role)) }

  /// The roles in order of their names.
  package var roles: [Role] { Role.allCases.filter(contains) }

  /// The names in ascending order, joined by commas: the form in which a grant carries them.
  package var description: String { roles.map(\.name).joined(separator: ",") }

  /// The roles in `text`, or nothing when it names none, or names are not in ascending order, each
  /// once, of 1 to 32 lowercase letters. Roles of later versions are passed over.
  package init?(_ text: String) {
    let names = text.split(separator: ",", omittingEmptySubsequences: false)
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    guard zip(names, names.dropFirst()).allSatisfy({ $0 < $1 }),
      names.allSatisfy({ (1...32).contains($0.utf8.count) && $0.utf8.allSatisfy(letters.contains) })
    else { return nil }
    self.init(names.compactMap { Role(name: $0) })
  }
}
