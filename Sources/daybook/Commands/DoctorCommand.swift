internal import ArgumentParser
internal import EventModel
internal import Foundation
internal import InteractionLog

/// `daybook doctor`.
struct DoctorCommand: DaybookCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the installation and, if there is one, the store.",
    discussion: """
      Prints the versions of the libraries in use and whether the store can be opened, written \
      and has room. Exits 1 if something needs attention. 'daybook verify' checks every byte.

      Facts stay when a person is erased, so up to 10,000 events spread over the log are looked \
      at for facts like e-mail addresses, telephone and card numbers. Such fields are listed \
      with counts, never with values, and do not change the exit code.

      Example:
        daybook doctor --store ./hub
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  mutating func perform(on console: Console) throws -> ExitStatus {
    let checks = Diagnosis(directory: store.directory).checks
    if output.ndjson {
      for check in checks { console.output.line(check.value) }
    } else if output.json {
      console.output.line(.object([Value.Field("checks", .array(checks.map(\.value)))]))
    } else {
      for check in checks { show(check, on: console) }
    }
    return checks.allSatisfy(\.isFine) ? .done : .negative
  }

  private func show(_ check: Diagnosis.Check, on console: Console) {
    let mark =
      !check.isFine
      ? console.styled("FAIL", .red)
      : check.warnings.isEmpty ? console.styled("ok  ", .green) : console.styled("warn", .yellow)
    console.output.line("\(mark)  \(check.name.padded(to: 12))\(check.detail)")
    for warning in check.warnings { console.output.line("      - \(warning.text)") }
  }
}
