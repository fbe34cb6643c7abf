internal import EventModel

/// A profile as a card for people, made from its JSON form.
struct ProfileCard {
  private let profile: Value
  private let showsInteractions: Bool

  /// A card of `profile`, whose fields are those of `profile --json`.
  init(_ profile: Value, showsInteractions: Bool = true) {
    self.profile = profile
    self.showsInteractions = showsInteractions
  }

  /// Writes the card.
  func write(to console: Console) {
    let output = console.output
    output.line(
      console.styled(title.singleLine, .bold) + "  "
        + console.styled("profile \(profile["profile"]?.brief ?? "-")", .dim))
    if let stage = profile["stage"]?.text { output.line("  stage: \(stage)") }
    section("Known as", identifiers, on: console)
    section("Attributes", attributes, on: console)
    section("Channels", channels, on: console)
    section("Figures", metrics, on: console)
    if showsInteractions { section("Last interactions", interactions, on: console) }
  }

  /// The customer's name, when an attribute states one.
  private var title: String {
    let attributes = profile["attributes"]
    if let name = attributes?["name"]?["value"]?.text { return name }
    let parts = ["first_name", "firstName", "last_name", "lastName"]
      .compactMap { attributes?[$0]?["value"]?.text }
    return parts.isEmpty ? "A customer" : parts.joined(separator: " ")
  }

  private func section(_ title: String, _ lines: [String], on console: Console) {
    guard !lines.isEmpty else { return }
    console.output.line("  " + console.styled(title, .cyan))
    for line in lines { console.output.line("    " + line.singleLine) }
  }

  private var identifiers: [String] {
    (profile["identifiers"]?.elements ?? []).map { entry in
      let kind = entry["kind"]?.brief ?? ""
      let sources = (entry["sources"]?.elements ?? []).map(\.brief).joined(separator: ", ")
      return kind.padded(to: 11) + (entry["value"]?.brief ?? "").padded(to: 30)
        + "  \(day(entry["first_seen"])) to \(day(entry["last_seen"]))"
        + (sources.isEmpty ? "" : "  \(sources)")
    }
  }

  private var attributes: [String] {
    (profile["attributes"]?.fields ?? []).map { attribute in
      let conflicts = (attribute.value["conflicts"]?.elements ?? []).map { conflict in
        "\(conflict["value"]?.brief ?? "") by \(conflict["source"]?.brief ?? "another source")"
      }
      return attribute.name.padded(to: 15) + " " + (attribute.value["value"]?.brief ?? "")
        + (conflicts.isEmpty ? "" : "  (also: \(conflicts.joined(separator: "; ")))")
    }
  }

  private var channels: [String] {
    (profile["channels"]?.fields ?? []).map { channel in
      let count = channel.value["events"]?.integer ?? 0
      return channel.name.padded(to: 11) + Amounts.count(count).padded(to: 6, .right)
        + "  \(day(channel.value["first"])) to \(day(channel.value["last"]))"
    }
  }

  private var metrics: [String] {
    (profile["metrics"]?.fields ?? []).compactMap { metric in
      let text = Self.amount(metric.value)
      return text.isEmpty
        ? nil : metric.name.replacingUnderscores.padded(to: 15) + " " + text
    }
  }

  private var interactions: [String] {
    (profile["last_interactions"]?.elements ?? []).map { entry in
      time(entry["occurred"]).padded(to: 20) + (entry["channel"]?.brief ?? "").padded(to: 9)
        + (entry["type"]?.brief ?? "")
    }
  }

  /// A figure for people: money as `59.90 EUR`, nothing for null and empty lists.
  static func amount(_ value: Value) -> String {
    switch value {
    case .null: ""
    case .array(let values): values.map(amount).joined(separator: ", ")
    case .object:
      if let amount = value["amount"]?.brief {
        "\(amount) \(value["currency"]?.brief ?? "")"
      } else {
        value["value"].map(amount) ?? value["score"].map(amount) ?? value.json
      }
    default: value.brief
    }
  }

  private func day(_ time: Value?) -> String { String((time?.text ?? "-").prefix(10)) }

  private func time(_ time: Value?) -> String {
    guard let text = time?.text else { return "-" }
    return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
  }
}

extension Value {
  /// The elements of an array; none of anything else.
  var elements: [Value] {
    guard case .array(let values) = self else { return [] }
    return values
  }

  /// The fields of an object; none of anything else.
  var fields: [Field] {
    guard case .object(let fields) = self else { return [] }
    return fields
  }
}

extension String {
  /// A field's name as words.
  var replacingUnderscores: String { String(map { $0 == "_" ? " " : $0 }) }
}
