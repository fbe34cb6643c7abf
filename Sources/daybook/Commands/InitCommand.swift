internal import ArgumentParser
internal import BookRules
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import InteractionLog

/// `daybook init`.
struct InitCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a book and its first replica, or another replica of a book.",
    discussion: """
      A book is one company's log. Its replicas write while they are apart and merge with \
      'daybook sync' without conflict. A new replica made with --join is empty until it syncs.

      Examples:
        daybook init --store hub --label hub
        daybook init --store till --label till-7 --join hub
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
      "With --join: what the new replica may do; see 'daybook help replicas'.",
      valueName: "ROLES"))
  var roles = RolesArgument(RoleSet(.append))

  mutating func perform(on console: Console) throws -> ExitStatus {
    let directory = store.directory
    let (replica, isGranted) = try make(at: directory, label: label ?? Self.name(of: directory))
    let identity = replica.identity
    try replica.close()
    if output.isForPrograms {
      console.output.line(
        .object([
          Value.Field("store", .text(directory)),
          Value.Field("book", .text("\(identity.book)")),
          Value.Field("origin", .text("\(identity.origin)")),
          Value.Field("label", .text(identity.label)),
        ]))
    } else {
      describe(identity, at: directory, on: console)
    }
    if !isGranted {
      console.remark(
        "Not granted yet: what it writes has no effect until a replica that may runs 'daybook"
          + " replicas grant \(identity.origin.key) --roles \(roles.roles)'.")
    }
    return .done
  }

  /// The new replica, and whether its events will count.
  private func make(
    at directory: String, label: String
  ) throws -> (replica: ReplicaCore, isGranted: Bool) {
    guard let join else {
      return (
        try ReplicaCore.create(at: directory, label: label, environment: .thisMachine), true
      )
    }
    let peer = try ReplicaCore.open(at: join, environment: .thisMachine)
    defer { try? peer.close() }
    let replica = try ReplicaCore.join(
      at: directory, label: label, peer: peer, roles: roles.roles, environment: .thisMachine)
    let first = Dot(origin: replica.identity.origin, sequence: 1)
    return (replica, try peer.bookState().counts(first, for: .append))
  }

  private func describe(_ identity: LogIdentity, at directory: String, on console: Console) {
    let what = join == nil ? "a new book" : "a replica of the book in \(join ?? "")"
    console.output.line("Made \(what) in \(directory).")
    console.output.line("  book    \(identity.book)")
    console.output.line("  origin  \(identity.origin)")
    console.output.line("  label   \(identity.label)")
    let next =
      join.map { "daybook sync \($0) --store \(directory)" }
      ?? "daybook import FILE --format segment --store \(directory)"
    console.remark("Next: \(next)")
  }

  /// The last part of a path, as a label.
  private static func name(of directory: String) -> String {
    directory.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? "replica"
  }
}
