internal import ArgumentParser
internal import BookRules
internal import EventModel
internal import InteractionLog

/// `daybook replicas invite`.
struct ReplicasInviteCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite",
    abstract: "Make a code by which one more device joins the book, with these roles.",
    discussion: """
      The code is used once, in time, and here: 'daybook init --join THIS-STORE --invitation \\
      CODE'. It is printed once and not kept, so hand it over as you would a password; what this \\
      store keeps of it cannot be turned back into the code.

      Examples:
        daybook replicas invite --expires 2h
        daybook replicas invite --roles append,identity --json
        daybook replicas invite --list
        daybook replicas invite --withdraw 5be1a4c7
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "What the device will be granted; see 'daybook help replicas'.", valueName: "ROLES"))
  var roles = RolesArgument(RoleSet(.append))

  @Option(
    help: ArgumentHelp(
      "How long the code can be used: a number and one of m h d w.", valueName: "TIME"))
  var expires = DurationArgument.week

  @Flag(help: "Show the invitations that this store gave, instead of giving one.")
  var list = false

  @Option(
    help: ArgumentHelp("Withdraw an invitation, as far as it was not used.", valueName: "NAME"))
  var withdraw: String?

  func validate() throws {
    guard !list || withdraw == nil else {
      throw ValidationError("--list and --withdraw do not go together; choose one")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.open(on: console)
    if list {
      show(try replica.invitations(), on: console)
    } else if let withdraw {
      let invitation = try replica.withdrawInvitation(named: withdraw.lowercased())
      if output.isForPrograms {
        console.output.line(.object([Value.Field("withdrawn", invitation.value)]))
      } else {
        console.output.line("Withdrew the invitation \(invitation.name).")
      }
    } else {
      try invite(from: replica, on: console)
    }
    try replica.close()
    return .done
  }

  private func invite(from replica: ReplicaCore, on console: Console) throws {
    let (code, invitation) = try replica.invite(
      roles.roles, lifetimeMilliseconds: expires.milliseconds)
    let expiry = CivilTime.text(milliseconds: invitation.expiresMilliseconds)
    guard !output.isForPrograms else {
      return console.output.line(
        .object([
          Value.Field("code", .text(code.description)),
          Value.Field("book", .text(code.book.description)),
          Value.Field("invitation", .text(invitation.name)),
          Value.Field("roles", .array(invitation.roles.roles.map { .text($0.name) })),
          Value.Field("expires", .text(expiry)),
        ]))
    }
    console.output.line(code.description)
    console.remark(
      "One device joins with it, as \(invitation.roles), until \(expiry):\n"
        + "  daybook init --store DIR --join \(replica.directory) --invitation CODE")
  }

  private func show(_ invitations: [Invitation], on console: Console) {
    if output.ndjson {
      for invitation in invitations { console.output.line(invitation.value) }
    } else if output.json {
      console.output.line(
        .object([Value.Field("invitations", .array(invitations.map(\.value)))]))
    } else {
      var table = TextTable("INVITATION", "ROLES", "EXPIRES", "")
      for invitation in invitations {
        table.add([
          invitation.name, invitation.roles.description,
          CivilTime.text(milliseconds: invitation.expiresMilliseconds),
          invitation.isUsed ? "used" : "",
        ])
      }
      table.write(to: console)
    }
  }
}
