import ImportFiles
import Testing

@Suite("Mapping files")
struct MappingFileTests {
  private func message(_ text: String) -> String? {
    do throws(MappingFault) {
      _ = try MappingFile.parse(text)
    } catch {
      return error.description
    }
    return nil
  }

  private func event(_ lines: String) -> String {
    "source: s\nevents:\n  - type: order.completed\n" + lines
  }

  @Test(
    "Mistakes are said with their line",
    arguments: [
      ("", "line 1: the file is empty"), ("a: [", "line 2: this is not YAML"),
      ("events: []", "line 1: 'source' is missing"), ("source: s", "line 1: 'events' is missing"),
      ("source: s\nevent: []", "line 2: 'event' is unknown here"),
      ("source: s\nevents:\n  - when: {}", "line 3: 'type' is missing"),
      ("source: s\nevents:\n  - type: Sale", "line 3: this is no event type"),
      ("source: s\nevents:\n  - type: grant.given", "line 3: this is no event type"),
      ("source: s\nseparator: xx\nevents: []", "line 2: a separator is one character"),
      ("source: &a s\nevents: *a", "line 2: aliases are not read"),
      ("source: '&a'\nevents: '* a'", "line 2: names and values are expected here"),
    ])
  func structure(text: String, expected: String) {
    #expect(message(text)?.hasPrefix(expected) == true, "\(message(text) ?? "no fault")")
  }

  @Test(
    "Mistakes within an event are said with their line",
    arguments: [
      ("    id: '{x'", "the braces of this text"),
      ("    facts: {mood: x}", "'mood' is not declared"),
      ("    identifiers: {E-mail: x}", "'E-mail' is no kind"),
      ("    when: {column: x}", "a condition has one of"),
      ("    when: {column: x, below: y}", "a number is expected"),
      ("    channel: radio", "this is no channel"),
      ("    occurred: {column: x, format: '%K'}", "the time format is unknown"),
      ("    occurred: {column: x, zone: Mars/Base}", "there is no time zone"),
      ("    fields: {a: {column: x, value: y}}", "a value has one of"),
      ("    rest: maybe", "write 'keep' or 'drop'"),
      ("    fields: {a: {column: x, colour: y}}", "'colour' is unknown here"),
      ("    facts: {status: {column: x, not_personal: true}}", "'not_personal' says in words"),
      ("    facts: {status: {column: x, not_personal: [a, b]}}", "a single text is expected"),
      (
        "    fields: {a: {column: x, not_personal: numbers of seats}}",
        "'not_personal' is unknown here"
      ),
      (
        "    occurred: {column: x, not_personal: numbers of seats}",
        "'not_personal' is unknown here"
      ),
    ])
  func events(line: String, expected: String) {
    let message = message(event(line))
    #expect(message?.hasPrefix("line 4: " + expected) == true, "\(message ?? "no fault")")
  }
}
