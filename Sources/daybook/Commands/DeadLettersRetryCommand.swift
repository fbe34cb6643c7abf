internal import ArgumentParser
struct DeadLettersRetryCommand: DaybookCommand {
  static let configuration = CommandConfiguration(commandName: "retry")
  mutating func perform(on console: Console) throws -> ExitStatus { .done }
}
