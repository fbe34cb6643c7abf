internal import EventModel
internal import HybridTime

extension ListedEvent {
  /// The heading above ``row``.
  static let heading =
    "OCCURRED".padded(to: 20) + "CHANNEL".padded(to: 9) + "TYPE".padded(to: 26)
    + "WHO".padded(to: 30) + "WHAT"

  /// The event as one aligned line for people: when, where, what kind, who, and its first facts.
  var row: String {
    let who = event.personal.identifiers.first?.description ?? "-"
    return CivilTime.seconds(milliseconds: event.occurredMilliseconds).padded(to: 20)
      + event.channel.description.padded(to: 9) + event.type.name.padded(to: 25) + " "
      + who.singleLine.shortened(to: 29).padded(to: 29) + " " + summary
  }

  /// The fields that tell most about an event, the most telling first.
  private static let tellingNames = [
    "order_id", "case_id", "call_id", "receipt", "sku", "survey", "score", "rating", "quantity",
    "total", "price", "topic", "duration_seconds", "points", "tier", "purpose",
  ]

  /// The most telling facts, such as `order_id=A-7 total=59.90`, or the first texts when there are
  /// none.
  var summary: String {
    let facts = event.facts.fields.filter { !$0.name.hasPrefix("@") }
    let fields = facts.isEmpty ? event.personal.fields.filter { !$0.name.hasPrefix("@") } : facts
    let telling = Self.tellingNames.compactMap { name in fields.first { $0.name == name } }
    return (telling.isEmpty ? fields : telling).prefix(4).map { "\($0.name)=\($0.value.brief)" }
      .joined(separator: " ")
      .singleLine.shortened(to: 72)
  }
}

extension Value {
  /// The value as a person reads it in passing: text without quotes, everything else as JSON.
  var brief: String { text ?? json }
}

extension CivilTime {
  /// A time to the second without its zone, such as `2026-11-22 09:30:00`; always UTC.
  static func seconds(milliseconds: Int64) -> String {
    let text = text(milliseconds: milliseconds)
    return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
  }
}
