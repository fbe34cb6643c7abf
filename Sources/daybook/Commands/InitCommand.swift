internal import ArgumentParser
internal import BookRules
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog
internal import SyncProtocol
internal import SyncTransport

/// `daybook init`.
struct InitCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a book and its first replica, or another replica of a book.",
    discussion: """
      A book is one company's log. Its replicas write while they are apart and merge with \
      'daybook sync' without conflict. A replica made with --join begins with a first sync, so \
      that it holds what its peer holds and what it writes counts at once.

      What it may do is granted by the peer, if the peer may; or by an invitation, a code that a \
      replica that may grant gives away with 'daybook replicas invite'. With neither, the \
      replica copies what is there, and what it writes has no effect until it is granted.

      Examples:
        daybook init --store hub --label hub
        daybook init --store till --label till-7 --join hub
        daybook init --store till --join hub --invitation 4G7K29QD-…
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "A name for the replica, for people. (default: the store's directory name)",
      valueName: "NAME"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "Make another replica of the book in this store directory.", valueName: "PEER"))
  var join: String?

  @Option(
    help: ArgumentHelp(
      """
      With --join: what the new replica may do; see 'daybook help replicas'. (default: append)
      """, valueName: "ROLES"))
  var roles: RolesArgument?

  @Option(
    help: ArgumentHelp(
      "With --join: the code that PEER gave away; it says what the new replica may do.",
      valueName: "CODE"))
  var invitation: String?

  func validate() throws {
    guard join != nil || (roles == nil && invitation == nil) else {
      throw ValidationError("--roles and --invitation go with --join; name the peer")
    }
    guard roles == nil || invitation == nil else {
      throw ValidationError("the invitation says the roles; leave --roles out")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let directory = store.directory
    let label = label ?? Self.name(of: directory)
    guard let join else {
      let replica = try ReplicaCore.create(at: directory, label: label, environment: .thisMachine)
      show(replica.identity, at: directory, firstSync: nil, on: console)
      try replica.close()
      return .done
    }
    let peer = try ReplicaCore.open(at: join.withoutTrailingSlashes, on: console)
    let replica = try makeReplica(at: directory, label: label, joining: peer)
    let firstSync = try sync(replica, with: peer, on: console)
    show(replica.identity, at: directory, firstSync: firstSync, on: console)
    try replica.close()
    try peer.close()
    return .done
  }

  private func makeReplica(
    at directory: String, label: String, joining peer: ReplicaCore
  ) throws -> ReplicaCore {
    guard let invitation else {
      return try ReplicaCore.join(
        at: directory, label: label, peer: peer, roles: roles?.roles ?? RoleSet(.append),
        environment: .thisMachine)
    }
    guard let code = InvitationCode(text: invitation) else {
      throw ReplicaError(
        .badInvitation,
        "the code is damaged: it has 56 letters and digits, and one is wrong, missing or too many")
    }
    return try ReplicaCore.join(
      at: directory, label: label, peer: peer, invitation: code,
      environment: .thisMachine)
  }

  /// What the first sync brought.
  private struct FirstSync {
    let receivedCount: UInt64
    let isGranted: Bool
  }

  private func sync(
    _ replica: ReplicaCore, with peer: ReplicaCore, on console: Console
  ) throws -> FirstSync {
    try peer.catchUp(on: console)
    var link = InProcessLink(local: replica, remote: peer)
    do {
      let report = try link.run()
      return FirstSync(
        receivedCount: report.result.receivedCount,
        isGranted: try replica.ownRoles().contains(.append))
    } catch let fault as SyncFault {
      let cause = CommandError(fault)
      throw CommandError(
        code: cause.code,
        "the replica is made, but its first sync failed (\(cause.message)); run 'daybook sync"
          + " \(peer.directory) --store \(replica.directory)'",
        at: cause.location, status: cause.status)
    }
  }

  private func show(
    _ identity: LogIdentity, at directory: String, firstSync: FirstSync?, on console: Console
  ) {
    if output.isForPrograms {
      console.output.line(value(of: identity, at: directory, firstSync: firstSync))
    } else {
      describe(identity, at: directory, firstSync: firstSync, on: console)
    }
    guard firstSync?.isGranted == false else { return }
    console.remark(
      "Not granted yet: what it writes has no effect until a replica that may runs 'daybook"
        + " replicas grant \(identity.origin.key) --roles \(roles?.roles ?? RoleSet(.append))'.")
  }

  private func value(
    of identity: LogIdentity, at directory: String, firstSync: FirstSync?
  ) -> Value {
    var fields = [
      Value.Field("store", .text(directory)), Value.Field("book", .text("\(identity.book)")),
      Value.Field("origin", .text("\(identity.origin)")),
      Value.Field("label", .text(identity.label)),
    ]
    if let firstSync {
      fields.append(Value.Field("received", .integer(Int64(clamping: firstSync.receivedCount))))
      fields.append(Value.Field("granted", .boolean(firstSync.isGranted)))
    }
    return .object(fields)
  }

  private func describe(
    _ identity: LogIdentity, at directory: String, firstSync: FirstSync?, on console: Console
  ) {
    let what = join.map { "a replica of the book in \($0)" } ?? "a new book"
    console.output.line("Made \(what) in \(directory).")
    console.output.line("  book    \(identity.book)")
    console.output.line("  origin  \(identity.origin)")
    console.output.line("  label   \(identity.label)")
    if let firstSync {
      console.output.line("  holds   \(Amounts.count(firstSync.receivedCount, "event"))")
    }
    console.remark("Next: daybook import FILE --format segment --store \(directory)")
  }

  /// The last part of a path, as a label.
  private static func name(of directory: String) -> String {
    directory.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? "replica"
  }
}
