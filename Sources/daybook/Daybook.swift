internal import ArgumentParser

/// The root command.
struct Daybook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "daybook",
    abstract: "Records what happens between a company and its customers, and answers from it.",
    discussion: """
      Every contact of every channel goes into one append-only log. Profiles, timelines and \
      metrics are computed from the log, so they can be thrown away and rebuilt, and come out \
      the same on every replica.

      Start with 'daybook demo', then:

        daybook init
        daybook import clicks.ndjson --format segment
        daybook profile email:lena@example.com

      The options --store, --json and --ndjson may also stand before the command.

      Exit codes: 0 done; 1 the answer is "no"; 2 wrong usage; 3 some input was refused, the \
      rest is in; 4 the store is damaged; 5 peer or network; 70 a fault of ours.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Writing",
        subcommands: [
          InitCommand.self, AppendCommand.self, ImportCommand.self, RetractCommand.self,
          CorrectCommand.self, RedactCommand.self, EraseCommand.self, DocumentsCommand.self,
          DeadLettersCommand.self,
          FormatsCommand.self,
        ]),
      CommandGroup(
        name: "Reading",
        subcommands: [
          EventsCommand.self, EventCommand.self, ProfileCommand.self, TimelineCommand.self,
          MetricsCommand.self, StatsCommand.self, DigestCommand.self,
        ]),
      CommandGroup(
        name: "Replicating",
        subcommands: [
          SyncCommand.self, ReplicasCommand.self, BackupCommand.self, RestoreCommand.self,
        ]),
      CommandGroup(
        name: "Proving",
        subcommands: [
          ReplayCommand.self, VerifyCommand.self, InspectCommand.self, CompactCommand.self,
          RepairCommand.self, UpgradeCommand.self,
        ]),
      CommandGroup(
        name: "Helping",
        subcommands: [
          DemoCommand.self, GenerateCommand.self, DoctorCommand.self, CompletionsCommand.self,
        ]),
    ])
}
