internal import ArgumentParser

/// `daybook completions`.
struct CompletionsCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print a completion script for a shell.",
    discussion: """
      Examples:
        daybook completions bash > /etc/bash_completion.d/daybook
        daybook completions zsh > ~/.zsh/completions/_daybook
        daybook completions fish > ~/.config/fish/completions/daybook.fish
      """)

  @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "SHELL"))
  var shell: Shell

  /// A shell that completions are written for.
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash
    case zsh
    case fish

    /// The parser's name for it.
    var completionShell: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    console.output.line(Daybook.completionScript(for: shell.completionShell))
    return .done
  }
}
