internal import EventModel
internal import EventStorage

extension FileDescription {
  /// `{"kind","bytes","parts":[{"name","value"}],"problems":[…]}`.
  var value: Value {
    .object([
      Value.Field("kind", .text(kind.rawValue)),
      Value.Field("bytes", .integer(Int64(clamping: byteCount))),
      Value.Field(
        "parts",
        .array(
          lines.map { line in
            .object([
              Value.Field("name", .text(line.name)), Value.Field("value", .text(line.value)),
            ])
          })),
      Value.Field("problems", .array(problems.map(Value.text))),
    ])
  }

  /// The description for people.
  var text: [String] {
    let width = min(28, lines.map(\.name.count).max() ?? 0)
    return ["\(kind.rawValue), \(Amounts.bytes(byteCount))"]
      + lines.map { "  \($0.name.padded(to: width))  \($0.value)" }
      + problems.map { "problem: \($0)" }
  }
}
