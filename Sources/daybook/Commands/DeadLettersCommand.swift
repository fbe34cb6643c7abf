internal import ArgumentParser
struct DeadLettersCommand: DaybookCommand {
  static let configuration = CommandConfiguration(commandName: "deadletters")
  mutating func perform(on console: Console) throws -> ExitStatus { .done }
}
