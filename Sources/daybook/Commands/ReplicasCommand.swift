internal import ArgumentParser
internal import BookRules
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

/// `daybook replicas`.
struct ReplicasCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replicas",
    abstract: "See and say who may do what in the book.",
    discussion: """
      A replica writes under an origin, made of its device's key and a number drawn at install. \
      What its events may do is granted to the key: append (interactions), identity (links), \
      erase, attest (arrivals), configure (rules, and corrections of others' events), admin \
      (grants). The replica that made the book owns it and may do everything.

      Events without a grant are kept and synced, and have no effect until they get one.

      A replica that is shown as forked was copied in a way that its store could not notice, and \
      both copies wrote under one origin. Each store keeps the events it has of that origin, all \
      other origins go on, and the copy that finds out writes on under an origin of its own. What \
      it wrote before that reaches the others when its export is appended there: 'daybook events \
      --format cloudevents --store COPY | daybook append --store HUB'.

      Examples:
        daybook replicas
        daybook replicas invite --roles append --expires 7d
        daybook replicas grant 8f3a --roles append,identity
        daybook replicas revoke 8f3a --from 1200 --reason 'stolen'
      """,
    subcommands: [
      ReplicasListCommand.self, ReplicasInviteCommand.self, ReplicasGrantCommand.self,
      ReplicasRevokeCommand.self,
    ],
    defaultSubcommand: ReplicasListCommand.self)
}

/// `daybook replicas list`.
struct ReplicasListCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the replicas that wrote, and what their next event would count for.",
    discussion: """
      Example:
        daybook replicas list --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let standings = try replica.replicas()
    try replica.close()
    if output.ndjson {
      for standing in standings { console.output.line(standing.value) }
    } else if output.json {
      console.output.line(
        .object([Value.Field("replicas", .array(standings.map(\.value)))]))
    } else {
      show(standings, on: console)
    }
    return .done
  }

  private func show(_ standings: [ReplicaStanding], on console: Console) {
    var table = TextTable("ORIGIN", "LABEL", ">EVENTS", "MAY", "")
    for standing in standings {
      let notes = [
        standing.isOwn ? "this replica" : nil, standing.isOwner ? "owner" : nil,
        standing.fork.map { "forked: heads of \($0.smallerSize) and \($0.largerSize)" },
      ]
      table.add([
        standing.origin.description, standing.label?.singleLine ?? "-",
        "\(standing.eventCount)", standing.roles.isEmpty ? "nothing" : standing.roles.description,
        notes.compactMap(\.self).joined(separator: ", "),
      ])
    }
    table.write(to: console)
  }
}

/// `daybook replicas grant`.
struct ReplicasGrantCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant",
    abstract: "Let a replica do something; what it wrote before counts from now on, too.",
    discussion: """
      Examples:
        daybook replicas grant 8f3a --roles append
        daybook replicas grant 8f3a --roles append,erase --label 'service desk'
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: ArgumentHelp(
      "The replica's origin, as far as it is unambiguous, or its device key of 64 digits.",
      valueName: "ORIGIN"))
  var origin: String

  @Option(
    help: ArgumentHelp(
      "Roles, joined by commas: admin, append, attest, configure, erase, identity.",
      valueName: "ROLES"))
  var roles: RolesArgument

  @Option(help: ArgumentHelp("What people call the device.", valueName: "NAME"))
  var label: String?

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    let key = try deviceKey(in: replica)
    let dot = try replica.grant(roles.roles, to: key, label: label)
    try replica.close()
    if output.isForPrograms {
      console.output.line(
        .object([
          Value.Field("event", .text("\(dot)")), Value.Field("key", .text("\(key)")),
          Value.Field("roles", .array(roles.roles.roles.map { .text($0.name) })),
        ]))
    } else {
      console.output.line("Granted \(roles.roles) to the device \(key).")
      console.remark("The grant reaches other replicas with the next sync.")
    }
    return .done
  }

  private func deviceKey(in replica: ReplicaCore) throws -> DeviceKey {
    if let key = DeviceKey(text: origin.lowercased()) { return key }
    if let found = try replica.origin(named: origin.lowercased()) { return found.key }
    throw CommandError(
      code: "not_found",
      "no origin held here begins with \(origin); sync with the replica, or name its device key",
      status: .negative)
  }
}

/// `daybook replicas revoke`.
struct ReplicasRevokeCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Take a replica's roles from a sequence on: its later events have no effect.",
    discussion: """
      Name the first event that shall not count. What the device writes under new origins does \
      not count either; of its other origins what is held here goes on counting.

      Example:
        daybook replicas revoke 8f3a --from 1200 --reason 'stolen on 3 May'
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("The replica's origin.", valueName: "ORIGIN"))
  var origin: String

  @Option(help: ArgumentHelp("The first sequence that counts no more.", valueName: "SEQUENCE"))
  var from: UInt64

  @Option(help: ArgumentHelp("Why.", valueName: "R"))
  var reason: String?

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    guard let found = try replica.origin(named: origin.lowercased()) else {
      throw CommandError(
        code: "not_found", "no origin held here begins with \(origin); see 'daybook replicas'",
        status: .negative)
    }
    let count = try replica.revoke(found, from: from, reason: reason)
    try replica.close()
    if output.isForPrograms {
      console.output.line(
        .object([
          Value.Field("origin", .text("\(found)")),
          Value.Field("from", .integer(Int64(clamping: from))),
          Value.Field("grants_revoked", .integer(Int64(count))),
        ]))
    } else {
      console.output.line(
        "Revoked \(Amounts.count(count, "grant")) of \(found) from sequence \(from) on.")
      console.remark("The revocation reaches other replicas with the next sync.")
    }
    return .done
  }
}
