internal import Foundation

/// Where the process begins and ends.
@main
enum Program {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(Invocation(arguments: arguments, console: Console()).run().rawValue)
  }
}
