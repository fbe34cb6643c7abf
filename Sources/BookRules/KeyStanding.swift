internal import HybridTime

/// For each role, up to which sequence the events of one incarnation count.
///
/// A grant counts for all sequences up to where its revocations cut it off, so several grants
/// together count up to the largest of these.
struct RoleLimits: Hashable, Sendable {
  private var admin, append, attest, configure, erase, identity: UInt64

  /// No sequence counts for any role.
  static let none = RoleLimits()

  private init() { (admin, append, attest, configure, erase, identity) = (0, 0, 0, 0, 0, 0) }

  /// The last sequence that counts for `role`.
  subscript(role: Role) -> UInt64 {
    get {
      switch role {
      case .admin: admin
      case .append: append
      case .attest: attest
      case .configure: configure
      case .erase: erase
      case .identity: identity
      }
    }
    set {
      switch role {
      case .admin: admin = newValue
      case .append: append = newValue
      case .attest: attest = newValue
      case .configure: configure = newValue
      case .erase: erase = newValue
      case .identity: identity = newValue
      }
    }
  }

  /// Lets `roles` count up to `limit`, if they did not already count further.
  mutating func raise(_ roles: RoleSet, to limit: UInt64) {
    for role in roles.roles { self[role] = max(self[role], limit) }
  }

  /// The roles for which `sequence` counts.
  func roles(at sequence: UInt64) -> RoleSet {
    var roles: RoleSet = []
    if sequence <= admin { roles.insert(RoleSet(.admin)) }
    if sequence <= append { roles.insert(RoleSet(.append)) }
    if sequence <= attest { roles.insert(RoleSet(.attest)) }
    if sequence <= configure { roles.insert(RoleSet(.configure)) }
    if sequence <= erase { roles.insert(RoleSet(.erase)) }
    if sequence <= identity { roles.insert(RoleSet(.identity)) }
    return roles
  }
}

/// What the counting grants of one key amount to.
struct KeyStanding: Hashable, Sendable {
  struct Listed: Hashable, Sendable {
    let incarnation: UInt64
    let limits: RoleLimits
  }

  /// Incarnations that a revocation lists, ascending.
  let listed: [Listed]
  /// All other incarnations.
  let unlisted: RoleLimits

  /// The limits of `incarnation`. O(log listed), allocates nothing.
  func limits(of incarnation: UInt64) -> RoleLimits {
    let index = listed.partitioningIndex { $0.incarnation >= incarnation }
    guard index < listed.count, listed[index].incarnation == incarnation else { return unlisted }
    return listed[index].limits
  }
}

/// Some roles of one grant and the revocations that count for them.
struct Tenure {
  let roles: RoleSet
  let revocations: [RevocationLimit]

  /// The last sequence of `incarnation` that counts.
  func limit(of incarnation: UInt64) -> UInt64 {
    revocations.reduce(.max) { min($0, $1[incarnation]) }
  }

  /// The last sequence that counts of an incarnation that no revocation lists.
  var unlistedLimit: UInt64 { revocations.isEmpty ? .max : 0 }
}

extension KeyStanding {
  /// What `tenures` of one key amount to. O(incarnations listed × tenures × log).
  init(_ tenures: [Tenure]) {
    let incarnations = Set(
      tenures.flatMap { $0.revocations.flatMap { $0.entries.map(\.incarnation) } })
    var unlisted = RoleLimits.none
    for tenure in tenures { unlisted.raise(tenure.roles, to: tenure.unlistedLimit) }
    self.unlisted = unlisted
    listed = incarnations.sorted().map { incarnation in
      var limits = RoleLimits.none
      for tenure in tenures { limits.raise(tenure.roles, to: tenure.limit(of: incarnation)) }
      return Listed(incarnation: incarnation, limits: limits)
    }
  }
}
