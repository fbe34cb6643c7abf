internal import ArgumentParser
internal import CustomerProfiles
internal import EventModel
internal import InteractionLog

/// `daybook profile`.
struct ProfileCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Show all that is known of one customer.",
    discussion: """
      The customer is named by any identifier, or by the id a profile carries. Where channels \
      disagree about an attribute, the newest value counts and the others are shown beside it.

      Examples:
        daybook profile email:lena@example.com
        daybook profile loyalty:card-9 --as-of -30d --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var moment: MomentOptions

  @Argument(help: ArgumentHelp("KIND:VALUE or profile:ID.", valueName: "ID"))
  var customer: CustomerArgument

  mutating func perform(on console: Console) throws -> ExitStatus {
    let replica = try store.openForAnswers(on: console)
    let moment = try moment.resolve(in: replica)
    guard let profile = try replica.profile(of: customer.name, at: moment.moment)
    else { throw CommandError.unknownCustomer }
    try replica.close()
    let value = profile.value(nowMilliseconds: moment.nowMilliseconds, asOf: moment.asOf)
    if output.isForPrograms {
      console.output.line(value)
    } else {
      ProfileCard(value).write(to: console)
    }
    return .done
  }
}

extension CommandError {
  /// Nobody is known by the identifier that was asked for, which is not repeated here.
  static let unknownCustomer = CommandError(
    code: "not_found",
    "nobody is known by this identifier here; check its spelling, or sync with a replica that "
      + "may know more",
    status: .negative)
}
