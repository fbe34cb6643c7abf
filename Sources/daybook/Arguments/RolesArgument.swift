internal import ArgumentParser
internal import BookRules

/// Roles on the command line, joined by commas in any order.
struct RolesArgument: ExpressibleByArgument {
  let roles: RoleSet

  /// These roles.
  init(_ roles: RoleSet) { self.roles = roles }

  /// Reads roles, or nothing when one of them is none.
  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    let found = names.compactMap { Role(name: $0) }
    guard !found.isEmpty, found.count == names.count else { return nil }
    roles = RoleSet(found)
  }

  /// The roles as help shows them.
  var defaultValueDescription: String { roles.description }
}
