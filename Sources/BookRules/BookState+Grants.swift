package import HybridTime

// Who counts, §2 of the specification, in two steps that need no recursion: only the owner's own
// events give and take `admin`, so the admins are known first, and with them every other role.

extension BookState {
  /// For which roles the event counts. O(log), allocates nothing.
  package func roles(of dot: Dot) -> RoleSet {
    if dot.origin.key == ownerKey { return .all }
    return standings[dot.origin.key]?.limits(of: dot.origin.incarnation).roles(at: dot.sequence)
      ?? []
  }

  /// Whether the event counts for `role`. O(log), allocates nothing.
  package func counts(_ dot: Dot, for role: Role) -> Bool {
    if dot.origin.key == ownerKey { return true }
    guard let standing = standings[dot.origin.key] else { return false }
    return dot.sequence <= standing.limits(of: dot.origin.incarnation)[role]
  }

  /// The keys that were ever granted a role by a counting grant, in byte order.
  package var grantedKeys: [DeviceKey] { standings.keys.sorted() }

  /// Computes who counts from the grants and revocations held.
  mutating func settleGrants() {
    let revocations = revocationsByGrant()
    standings = [:]
    // An admin's grant or revocation counts by the first pass's result.
    standings = makeStandings { dot, grant in
      guard isOwner(dot), grant.roles.contains(.admin) else { return [] }
      return [Tenure(roles: RoleSet(.admin), revocations: limits(revocations[dot], isOwner))]
    }
    standings = makeStandings { dot, grant in
      guard counts(dot, for: .admin) else { return [] }
      var tenures: [Tenure] = []
      if isOwner(dot), grant.roles.contains(.admin) {
        tenures.append(
          Tenure(roles: RoleSet(.admin), revocations: limits(revocations[dot], isOwner)))
      }
      let others = grant.roles.subtracting(RoleSet(.admin))
      if !others.isEmpty {
        let revoked = limits(revocations[dot]) { counts($0, for: .admin) }
        tenures.append(Tenure(roles: others, revocations: revoked))
      }
      return tenures
    }
  }

  private func isOwner(_ dot: Dot) -> Bool { dot.origin.key == ownerKey }

  private struct Revocation {
    let dot: Dot
    let limit: RevocationLimit
  }

  private func limits(
    _ revocations: [Revocation]?, _ isCounting: (Dot) -> Bool
  ) -> [RevocationLimit] {
    (revocations ?? []).filter { isCounting($0.dot) }.map(\.limit)
  }

  /// The revocations of each grant that is held under the id they name.
  private func revocationsByGrant() -> [Dot: [Revocation]] {
    var result: [Dot: [Revocation]] = [:]
    for dot in grants {
      guard case .grantRevoked(let grant, let last)? = controls[dot]?.content,
        controls[grant.dot]?.idPrefix == grant.idPrefix
      else { continue }
      result[grant.dot, default: []].append(Revocation(dot: dot, limit: last))
    }
    return result
  }

  /// Gathers by key the tenures that `tenures` sees in each grant.
  private func makeStandings(
    _ tenures: (Dot, (key: DeviceKey, roles: RoleSet)) -> [Tenure]
  ) -> [DeviceKey: KeyStanding] {
    var gathered: [DeviceKey: [Tenure]] = [:]
    for dot in grants {
      guard case .grantAdded(let key, let roles)? = controls[dot]?.content else { continue }
      let found = tenures(dot, (key, roles))
      if !found.isEmpty { gathered[key, default: []].append(contentsOf: found) }
    }
    return gathered.mapValues(KeyStanding.init)
  }
}
