internal import ArgumentParser
internal import BinaryCoding
internal import ChannelAdapters
internal import EventModel
internal import SyntheticWorkload

/// `daybook generate`.
struct GenerateCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Write made-up interactions as CloudEvents, one a line.",
    discussion: """
      Customers, products and texts are invented. The same seed gives the same bytes on every \
      machine, so a test or a measurement can be repeated.

      Example:
        daybook generate --events 100000 --seed 7 | daybook append
      """)

  @Option(help: ArgumentHelp("How many.", valueName: "N"))
  var events = 1000

  @Option(help: ArgumentHelp("Decides everything that is made up.", valueName: "S"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("How many customers there are.", valueName: "N"))
  var customers = 200

  func validate() throws {
    guard events >= 0 else { throw ValidationError("--events needs a number of 0 or more") }
    guard (1...1_000_000).contains(customers) else {
      throw ValidationError("--customers needs a number from 1 to 1000000")
    }
  }

  mutating func perform(on console: Console) throws -> ExitStatus {
    var workload = CustomerWorkload(seed: seed, customerCount: customers)
    var writer = CloudEventsWriter()
    let progress = ProgressLine("generate", on: console)
    defer { progress.end() }
    for index in 0..<UInt64(events) {
      let draft = workload.next()
      let occurred = draft.sections[0].integer(ReservedName.occurred)
      console.output.buffer.write(writer.encode(draft, occurred: occurred, id: "\(index + 1)"))
      console.output.buffer.write(UInt8(ascii: "\n"))
      try console.output.flushIfFull()
      if index % 4096 == 0 { progress.update(done: index, of: UInt64(events)) }
    }
    return .done
  }
}
