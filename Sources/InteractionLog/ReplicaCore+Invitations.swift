package import BookRules
internal import DurableFiles
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import MerkleProofs

// Invitations: single-use codes that this replica gives away, and by which a device that it does not
// know yet is granted its roles. Source: `docs/format/invitations.md`.

extension ReplicaCore {
  /// Invites one device.
  ///
  /// The code is returned and kept nowhere: this replica keeps the digest of its secret.
  ///
  /// - Parameters:
  ///   - roles: What the device will be granted; at least one.
  ///   - lifetimeMilliseconds: How long the code can be used: up to 366 days.
  /// - Returns: The code, which is a secret, and what is kept of it.
  /// - Throws: ``ReplicaError``: this replica may not grant these roles, the lifetime is out of bounds,
  ///   too many invitations are open.
  package func invite(
    _ roles: RoleSet, lifetimeMilliseconds: Int64
  ) throws(ReplicaError) -> (code: InvitationCode, invitation: Invitation) {
    try requireGranting(roles)
    guard (1...Self.lifetimeMillisecondsMax).contains(lifetimeMilliseconds) else {
      throw ReplicaError(.badRequest, "an invitation lasts up to 366 days; choose a shorter time")
    }
    let code = InvitationCode(book: identity.book, seed: environment.makeSeed())
    let now = environment.wallMilliseconds()
    let invitation = Invitation(
      secretDigest: code.secretDigest, roles: roles,
      expiresMilliseconds: now + lifetimeMilliseconds)
    var table = try invitationTable()
    guard table.add(invitation, nowMilliseconds: now) else {
      throw ReplicaError(
        .badRequest, "\(InvitationTable.countMax) invitations are kept already; withdraw some")
    }
    try save(table)
    return (code, invitation)
  }

  private static var lifetimeMillisecondsMax: Int64 { 366 * 86_400_000 }

  /// The invitations that this replica gave and that had not expired when the last one was given.
  ///
  /// - Returns: The invitations, by name.
  /// - Throws: ``ReplicaError``.
  package func invitations() throws(ReplicaError) -> [Invitation] {
    try invitationTable().invitations
  }

  /// Withdraws an invitation: its code is unknown from now on. What it granted already stays granted.
  ///
  /// - Parameter name: The beginning of its name.
  /// - Returns: The invitation.
  /// - Throws: ``ReplicaError`` when none or several begin so.
  package func withdrawInvitation(named name: String) throws(ReplicaError) -> Invitation {
    var table = try invitationTable()
    let found = table.invitations.filter { $0.secretDigest.description.hasPrefix(name) }
    guard let invitation = found.first, found.count == 1 else {
      throw ReplicaError(
        found.isEmpty ? .notFound : .badRequest,
        found.isEmpty
          ? "no invitation has this name; 'daybook replicas invite --list' shows them"
          : "several invitations begin so; give more of the name")
    }
    table.remove(invitation.secretDigest)
    try save(table)
    return invitation
  }

  /// Whether a code can be used here and now.
  ///
  /// - Parameter code: What the device that wants to join was given.
  /// - Throws: ``ReplicaError/Code/badInvitation``, ``ReplicaError/Code/notGranted``.
  func check(_ code: InvitationCode) throws(ReplicaError) {
    _ = try openInvitation(code)
  }

  /// Grants a device the roles of an invitation, which is used up first: whatever fails in between, no
  /// code counts twice.
  ///
  /// - Parameters:
  ///   - code: What the device was given.
  ///   - key: The device.
  ///   - label: What people call it.
  /// - Throws: ``ReplicaError``.
  func accept(
    _ code: InvitationCode, from key: DeviceKey, label: String
  ) throws(ReplicaError) {
    let invitation = try openInvitation(code)
    var table = try invitationTable()
    table.use(invitation.secretDigest)
    try save(table)
    try grant(invitation.roles, to: key, label: label)
  }

  private func openInvitation(_ code: InvitationCode) throws(ReplicaError) -> Invitation {
    guard code.book == identity.book else {
      throw ReplicaError(
        .badInvitation, "the invitation is to another book; join a replica of that one")
    }
    guard let invitation = try invitationTable()[code.secretDigest] else {
      throw ReplicaError(
        .badInvitation,
        "this replica does not know the invitation, or withdrew it; join the replica that gave it")
    }
    guard !invitation.isUsed else {
      throw ReplicaError(
        .badInvitation,
        "the invitation was used already; if not by you, look at 'daybook replicas' and revoke")
    }
    guard environment.wallMilliseconds() < invitation.expiresMilliseconds else {
      throw ReplicaError(.badInvitation, "the invitation has expired; ask for a new one")
    }
    try requireGranting(invitation.roles)
    return invitation
  }

  private var invitationsPath: String { directory + "/keys/invitations" }

  private func invitationTable() throws(ReplicaError) -> InvitationTable {
    try ReplicaError.translating {
      let files = environment.fileSystem
      guard try files.exists(invitationsPath) else { return InvitationTable() }
      let bytes = try files.readFile(
        invitationsPath, byteCountMax: InvitationTable.byteCountMax)
      guard let table = try? InvitationTable(bytes) else {
        throw ReplicaError(
          .storeDamaged, "the invitations cannot be read; remove the file and invite again",
          location: "keys/invitations")
      }
      return table
    }
  }

  private func save(_ table: InvitationTable) throws(ReplicaError) {
    try ReplicaError.translating {
      try environment.fileSystem.replaceFile(invitationsPath, with: table.encoded)
    }
  }
}
