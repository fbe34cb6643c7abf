package import HybridTime

// Who counts, §2 of the specification, in two steps that need no recursion: only the owner's own
// events give and take `admin`, so the admins are known first, and with them every other role.

extension BookState {
  /// For which roles the event counts. O(log), allocates nothing.
  package func roles(of dot: Dot) -> RoleSet {
    if dot.origin.key == ownerKey { return .all }
    return standings[dot.origin.key]?.runs(of: dot.origin.incarnation).roles(at: dot.sequence)
      ?? []
  }

  /// Whether the event counts for `role`. O(log), allocates nothing.
  package func counts(_ dot: Dot, for role: Role) -> Bool {
    if dot.origin.key == ownerKey { return true }
    guard let standing = standings[dot.origin.key] else { return false }
    return standing.runs(of: dot.origin.incarnation).contains(dot.sequence, for: role)
  }

  /// The keys that were ever granted a role by a counting grant, in byte order.
  package var grantedKeys: [DeviceKey] { standings.keys.sorted() }

  /// Whether a counting revocation names a grant of the key.
  package func isRevoked(_ key: DeviceKey) -> Bool {
    revocationsByGrant().contains { grant, revocations in
      guard case .grantAdded(key, _, _)? = controls[grant]?.content else { return false }
      return revocations.contains { counts($0.dot, for: .admin) }
    }
  }

  /// Computes who counts from the grants and revocations held.
  mutating func settleGrants() {
    let revocations = revocationsByGrant()
    standings = [:]
    // An admin's grant or revocation counts by the first pass's result.
    standings = makeStandings { dot, grant in
      guard isOwner(dot), grant.roles.contains(.admin) else { return [] }
      let revoked = limits(revocations[dot], isOwner)
      return [Tenure(roles: RoleSet(.admin), first: grant.first, revocations: revoked)]
    }
    standings = makeStandings { dot, grant in
      guard counts(dot, for: .admin) else { return [] }
      var tenures: [Tenure] = []
      if isOwner(dot), grant.roles.contains(.admin) {
        let revoked = limits(revocations[dot], isOwner)
        tenures.append(
          Tenure(roles: RoleSet(.admin), first: grant.first, revocations: revoked))
      }
      let others = grant.roles.subtracting(RoleSet(.admin))
      if !others.isEmpty {
        let revoked = limits(revocations[dot]) { counts($0, for: .admin) }
        tenures.append(Tenure(roles: others, first: grant.first, revocations: revoked))
      }
      return tenures
    }
  }

  private func isOwner(_ dot: Dot) -> Bool { dot.origin.key == ownerKey }

  private struct Grant {
    let key: DeviceKey
    let roles: RoleSet
    let first: GrantStart?
  }

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
    _ tenures: (Dot, Grant) -> [Tenure]
  ) -> [DeviceKey: KeyStanding] {
    var gathered: [DeviceKey: [Tenure]] = [:]
    for dot in grants {
      guard case .grantAdded(let key, let roles, let first)? = controls[dot]?.content else {
        continue
      }
      let found = tenures(dot, Grant(key: key, roles: roles, first: first))
      if !found.isEmpty { gathered[key, default: []].append(contentsOf: found) }
    }
    return gathered.mapValues(KeyStanding.init)
  }
}
