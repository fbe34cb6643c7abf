package import BookRules
package import EventModel
package import EventStorage
package import HybridTime
internal import MerkleProofs
internal import ProjectionEngine

/// A replica as the book sees it: who writes under which name, and what counts of it.
package struct ReplicaStanding: Hashable, Sendable {
  /// The name it writes under.
  package let origin: OriginID
  /// Whether it is this replica.
  package let isOwn: Bool
  /// Whether its key owns the book.
  package let isOwner: Bool
  /// What its next event would count for.
  package let roles: RoleSet
  /// How many of its events are held here.
  package let eventCount: UInt64
  /// What people call it, by the grant that named it; nothing when none did.
  package let label: String?
  /// The proof that two histories were written under this name, in numbers; nothing as a rule.
  package let fork: ForkedOrigin?

  /// The standing as the command prints it; `heads`, the sizes of two heads, only of a fork.
  package var value: Value {
    var fields = [
      Value.Field("origin", .text(origin.description)),
      Value.Field("key", .text(origin.key.description)),
      Value.Field("label", label.map { .text($0) } ?? .null),
      Value.Field("this", .boolean(isOwn)),
      Value.Field("owner", .boolean(isOwner)),
      Value.Field("roles", .array(roles.roles.map { .text($0.name) })),
      Value.Field("events", .integer(Int64(clamping: eventCount))),
      Value.Field("forked", .boolean(fork != nil)),
    ]
    if let fork { fields.append(Value.Field("heads", fork.headSizes)) }
    return .object(fields)
  }
}

extension ForkedOrigin {
  /// `[smaller,larger]`: how many events each of the two heads covers.
  package var headSizes: Value {
    .array([.integer(Int64(clamping: smallerSize)), .integer(Int64(clamping: largerSize))])
  }
}

/// Who may do what, and what is taken back.
extension ReplicaCore {
  /// What the book's control events say now.
  ///
  /// - Returns: The state.
  /// - Throws: ``ReplicaError``.
  package func bookState() throws(ReplicaError) -> BookState {
    try ReplicaError.translating {
      try controls.extend(to: snapshot())
      return controls.state
    }
  }

  /// What the next event of this replica would count for.
  ///
  /// - Returns: Its roles.
  /// - Throws: ``ReplicaError``.
  package func ownRoles() throws(ReplicaError) -> RoleSet {
    try bookState().roles(of: nextDot(of: identity.origin))
  }

  func nextDot(of origin: OriginID) -> Dot {
    Dot(origin: origin, sequence: snapshot().held[origin].highest + 1)
  }

  /// All replicas that wrote or were granted something, ascending by origin.
  ///
  /// - Returns: One standing for each origin.
  /// - Throws: ``ReplicaError``.
  package func replicas() throws(ReplicaError) -> [ReplicaStanding] {
    let state = try bookState()
    let snapshot = snapshot()
    let labels = try grantLabels(state)
    let forks = log.forks
    let origins = Set(snapshot.held.origins).union([identity.origin]).sorted()
    return origins.map { origin in
      ReplicaStanding(
        origin: origin, isOwn: origin == identity.origin, isOwner: origin.key == state.ownerKey,
        roles: state.roles(of: nextDot(of: origin)), eventCount: snapshot.held[origin].count,
        label: labels[origin.key] ?? (origin == identity.origin ? identity.label : nil),
        fork: forks[origin].map { ForkedOrigin(origin, $0) })
    }
  }

  private func grantLabels(_ state: BookState) throws(ReplicaError) -> [DeviceKey: String] {
    var labels: [DeviceKey: String] = [:]
    for control in state.heldControls {
      guard case .grantAdded(let key, _, _) = control.content,
        let label = try heldEvent(control.dot)?.grantLabel
      else { continue }
      labels[key] = label
    }
    return labels
  }

  func heldEvent(_ dot: Dot) throws(ReplicaError) -> Event? {
    try ReplicaError.translating {
      let snapshot = snapshot()
      return try snapshot.position(of: dot).flatMap { try snapshot.event(at: $0) }
    }
  }

  /// The event of a name, refused when it is not held.
  func requireEvent(_ dot: Dot) throws(ReplicaError) -> Event {
    guard let event = try heldEvent(dot) else { throw Self.notHeld(dot) }
    return event
  }

  static func notHeld(_ dot: Dot) -> ReplicaError {
    ReplicaError(
      .notFound, "the event is not held here; sync with a replica that holds it",
      location: dot.description)
  }

  /// The text by which control events name an event that is held.
  ///
  /// - Parameter dot: The event.
  /// - Returns: Its name and the beginning of its id.
  /// - Throws: ``ReplicaError`` when it is not held or cannot be proved.
  package func reference(to dot: Dot) throws(ReplicaError) -> EventReference {
    let event = try requireEvent(dot)
    guard let id = snapshot().id(of: event) else { throw Self.notHeld(dot) }
    return EventReference(dot: dot, idPrefix: id.prefix64)
  }

  /// Gives a device key roles. To a key that was revoked they are given from behind what is held of its
  /// incarnations, so that nothing that was voided counts again; another incarnation of it needs a
  /// grant of its own, once an event of it is held.
  ///
  /// - Parameters:
  ///   - roles: At least one; `admin` only the owner gives.
  ///   - key: The device.
  ///   - label: What people call it.
  /// - Returns: The grant's name.
  /// - Throws: ``ReplicaError/Code/notGranted`` when this replica may not;
  ///   ``ReplicaError/Code/notFound`` when the key was revoked and nothing of it is held.
  @discardableResult
  package func grant(
    _ roles: RoleSet, to key: DeviceKey, label: String?
  ) throws(ReplicaError) -> Dot {
    try requireGranting(roles)
    let first = try bookState().isRevoked(key) ? grantStart(of: key) : nil
    guard first?.entries.isEmpty != true else {
      throw ReplicaError(
        .notFound,
        "this device was revoked and no event of it is held, so nobody can tell what would count;"
          + " sync with it, or let it join with a new key", location: key.description)
    }
    return try appendControl(.granting(roles, to: key, first: first, label: label))
  }

  /// Refuses unless this replica may give these roles away.
  ///
  /// - Parameter roles: At least one.
  /// - Throws: ``ReplicaError/Code/notGranted``.
  func requireGranting(_ roles: RoleSet) throws(ReplicaError) {
    try require(.admin, to: "grant roles")
    let isOwner = identity.origin.key == identity.founding.owner
    guard isOwner || !roles.contains(.admin) else {
      throw ReplicaError(
        .notGranted, "only the owner's replica gives the role admin; leave it out, or grant there")
    }
  }

  private func grantStart(of key: DeviceKey) -> GrantStart {
    let held = snapshot().held
    return GrantStart(
      held.origins.filter { $0.key == key }.map { origin in
        GrantStart.Entry(incarnation: origin.incarnation, first: held[origin].highest + 1)
      })
  }

  /// Takes all roles of an origin's device from a sequence on, and of its other incarnations what is
  /// not held here yet.
  ///
  /// - Parameters:
  ///   - origin: Whose events.
  ///   - sequence: The first that counts no more.
  ///   - reason: Why.
  /// - Returns: How many grants were revoked.
  /// - Throws: ``ReplicaError`` when there is nothing to revoke, or this replica may not.
  package func revoke(
    _ origin: OriginID, from sequence: UInt64, reason: String?
  ) throws(ReplicaError) -> Int {
    try require(.admin, to: "revoke roles")
    let state = try bookState()
    let limit = revocationLimit(of: origin, from: sequence)
    var count = 0
    for control in state.heldControls {
      guard case .grantAdded(origin.key, _, _) = control.content else { continue }
      let grant = EventReference(dot: control.dot, idPrefix: control.idPrefix)
      try appendControl(.revoking(grant: grant, last: limit, reason: reason))
      count += 1
    }
    guard count > 0 else {
      throw ReplicaError(
        .notFound, "nothing was granted to this device, so there is nothing to revoke",
        location: origin.description)
    }
    return count
  }

  private func revocationLimit(of origin: OriginID, from sequence: UInt64) -> RevocationLimit {
    let held = snapshot().held
    return RevocationLimit(
      held.origins.filter { $0.key == origin.key }.map { incarnation in
        RevocationLimit.Entry(
          incarnation: incarnation.incarnation,
          last: incarnation == origin ? max(1, sequence) - 1 : held[incarnation].highest)
      })
  }

  /// Withdraws an interaction with its copies, those that are met later too; or a correction or an
  /// attestation.
  ///
  /// - Parameters:
  ///   - dot: The event.
  ///   - reason: Why.
  /// - Returns: The retraction's name.
  /// - Throws: ``ReplicaError`` when it is not held, or this replica may not.
  @discardableResult
  package func retract(_ dot: Dot, reason: String?) throws(ReplicaError) -> Dot {
    let event = try requireEvent(dot)
    guard event.type.isRetractableByName else {
      throw ReplicaError(
        .badRequest,
        "only interactions, corrections and attestations are retracted; another control event is"
          + " undone by a later one", location: dot.description)
    }
    try require(
      dot.origin.key == identity.origin.key ? .append : .configure, to: "retract this event")
    return try appendControl(.retracting(try reference(to: event.dot), reason: reason))
  }

  /// Withdraws what an origin appended from a sequence on.
  ///
  /// - Parameters:
  ///   - origin: Whose events.
  ///   - sequence: The first that is withdrawn.
  ///   - last: The last that is withdrawn; without it all that follow are.
  ///   - reason: Why.
  /// - Returns: The retraction's name.
  /// - Throws: ``ReplicaError`` when this replica may not.
  @discardableResult
  package func retract(
    _ origin: OriginID, from sequence: UInt64, last: UInt64? = nil, reason: String?
  ) throws(ReplicaError) -> Dot {
    try require(
      origin.key == identity.origin.key ? .append : .configure, to: "retract these events")
    let first = max(1, sequence)
    return try appendControl(
      .retracting(
        origin: origin, from: first, last: last.map { max(first, $0) }, reason: reason))
  }

  /// Corrects an interaction with its copies, those that are met later too: folds take these sections in
  /// place of its own.
  ///
  /// - Parameters:
  ///   - dot: The event.
  ///   - facts: Its new facts; without `@occurred` its times stay.
  ///   - persons: Its new persons, or nothing to leave them.
  ///   - reason: Why.
  /// - Returns: The correction's name.
  /// - Throws: ``ReplicaError`` when it is not held, this replica may not, or the facts are nested
  ///   64 levels deep.
  @discardableResult
  package func correct(
    _ dot: Dot, facts: Section, persons: [Section]?, reason: String?
  ) throws(ReplicaError) -> Dot {
    let event = try requireEvent(dot)
    try require(
      dot.origin.key == identity.origin.key ? .append : .configure, to: "correct this event")
    let draft = EventDraft.correcting(
      try reference(to: event.dot), facts: facts, persons: persons, reason: reason)
    // The new facts lie a level deeper than the old.
    guard (try? Section(checking: draft.sections[0].bytes)) != nil else {
      throw ReplicaError(
        .badRequest, "the new facts are nested too deeply for a correction; leave the deepest out",
        location: dot.description)
    }
    return try appendControl(draft)
  }

  func require(_ role: Role, to act: String) throws(ReplicaError) {
    guard try !ownRoles().contains(role) else { return }
    throw ReplicaError(
      .notGranted,
      "this replica may not \(act): it needs the role \(role.name); run it on a replica that may,"
        + " or grant it there with 'daybook replicas grant'")
  }

  @discardableResult
  func appendControl(_ draft: EventDraft) throws(ReplicaError) -> Dot {
    let dots = try appendControls([draft])
    guard let dot = dots.first else { preconditionFailure("one for each draft") }
    return dot
  }

  /// Appends control events as one batch, settles what follows from them, and gives their names in the
  /// order given.
  func appendControls(_ drafts: [EventDraft]) throws(ReplicaError) -> [Dot] {
    var dots: [Dot] = []
    for outcome in try append(drafts) {
      guard case .appended(let dot, _) = outcome else {
        throw ReplicaError(.internalFault, "a control event has no key, so it cannot be a repeat")
      }
      dots.append(dot)
    }
    try ReplicaError.translating {
      if try meetsErasures() { try settleErasures() }
      try settleActs()
    }
    return dots
  }
}
