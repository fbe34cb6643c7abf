internal import HybridTime

extension BookState {
  /// Whether the author of a held control event has the role the table asks for; any role, where the
  /// table does not know the event.
  package func hasAuthority(_ control: HeldControl) -> Bool {
    let author = control.dot
    switch control.content {
    case .grantAdded(_, let roles, _): return !grantedRoles(roles, by: author).isEmpty
    case .grantRevoked: return counts(author, for: .admin)
    case .retracted(let event), .corrected(let event, _):
      return mayUndo(author, eventsOf: event.dot.origin.key)
    case .runRetracted(let origin, _): return mayUndo(author, eventsOf: origin.key)
    case .extended:
      return [.configure, .erase, .append].contains { counts(author, for: $0) }
    case .redacted, .erasureRequested: return counts(author, for: .erase)
    case .erasureExtended:
      return counts(author, for: .erase) || counts(author, for: .append)
    case .erasureAcknowledged: return counts(author, for: .append)
    case .arrivalAttested: return counts(author, for: .attest)
    case .documentDeclared, .documentActivated: return counts(author, for: .configure)
    case .notUnderstood: return !roles(of: author).isEmpty
    }
  }

  /// Which of `roles` the author can give away: the owner all, an admin all but `admin`.
  private func grantedRoles(_ roles: RoleSet, by author: Dot) -> RoleSet {
    if author.origin.key == ownerKey { return roles }
    return counts(author, for: .admin) ? roles.subtracting(RoleSet(.admin)) : []
  }
}
