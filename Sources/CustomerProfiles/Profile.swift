internal import BookRules
package import EventModel
internal import HybridTime
package import IdentityResolution
internal import ProjectionEngine

/// What is known of one customer, as an answer.
package struct Profile: Hashable, Sendable {
  /// An identifier of the customer and when it was seen.
  struct Identifier: Hashable {
    let name: ExactText
    let sightings: IdentifierSightings
  }

  /// In byte order of the names.
  let identifiers: [Identifier]
  let state: CustomerState

  init(identifiers: [Identifier], state: CustomerState) {
    self.identifiers = identifiers
    self.state = state
  }

  init(_ person: PersonFold) {
    identifiers = person.identifiers.map { Identifier(name: $0.key, sightings: $0.value) }
      .sorted { $0.name < $1.name }
    state = person.state
  }

  /// The profile's id: that of the best identifier's node.
  package var id: ProfileID? { state.profileKey.map { ProfileID($0.node) } }

  /// The customer's identifiers, in byte order.
  package var identifierTexts: [String] { identifiers.map(\.name.string) }

  /// The profile as commands print it.
  ///
  /// - Parameters:
  ///   - nowMilliseconds: The moment that `recency_days` counts up to.
  ///   - asOf: What the answer holds as of, as text.
  /// - Returns: An object, its fields in the order of the command's contract.
  package func value(nowMilliseconds: Int64, asOf: String) -> Value {
    .object([
      Value.Field("profile", id.map { .text($0.description) } ?? .null),
      Value.Field("identifiers", .array(identifiers.map(\.value))),
      Value.Field("attributes", .object(state.attributes.map(\.field))),
      Value.Field("channels", .object(state.channels.map(\.field))),
      Value.Field("stage", state.stageValue),
      Value.Field("metrics", .object(state.metricFields(nowMilliseconds: nowMilliseconds))),
      // Known once their projections exist; null says "not known", not "none".
      Value.Field("consent", .null), Value.Field("open_cases", .null),
      Value.Field("loyalty", .null),
      Value.Field("last_interactions", .array(state.lastInteractions.map(\.value))),
      Value.Field("as_of", .text(asOf)),
    ])
  }
}

extension Profile.Identifier {
  fileprivate var value: Value {
    let parts = Self.split(name)
    return .object([
      Value.Field("kind", .text(parts.kind)), Value.Field("value", .text(parts.value)),
      Value.Field("first_seen", .time(sightings.firstMilliseconds)),
      Value.Field("last_seen", .time(sightings.lastMilliseconds)),
      Value.Field("sources", .array(sightings.sources.map { .text($0.string) })),
    ])
  }

  private static func split(_ name: ExactText) -> (kind: String, value: String) {
    let kind = name.bytes.prefix { $0 != UInt8(ascii: ":") }
    return (
      String(decoding: kind, as: UTF8.self),
      String(decoding: name.bytes.dropFirst(kind.count + 1), as: UTF8.self)
    )
  }
}

extension Attribute {
  fileprivate var field: Value.Field { Value.Field(name.string, value) }

  /// The latest word, where it comes from, and what other sources say instead.
  private var value: Value {
    guard let latest = readings.first else { return .null }
    let conflicts = readings.dropFirst().filter { $0.value != latest.value }
    var fields = latest.fields
    if !conflicts.isEmpty {
      fields.append(Value.Field("conflicts", .array(conflicts.map { .object($0.fields) })))
    }
    return .object(fields)
  }
}

extension Attribute.Reading {
  fileprivate var fields: [Value.Field] {
    [
      Value.Field("value", decoded), Value.Field("occurred", .time(key.effectiveMilliseconds)),
      Value.Field("event", .text(key.dot.description)), Value.Field("source", .text(source.string)),
      Value.Field("channel", .text(channel.description)),
    ]
  }
}

extension CustomerState.ChannelActivity {
  fileprivate var field: Value.Field {
    Value.Field(
      channel.description,
      .object([
        Value.Field("events", .integer(Int64(clamping: eventCount))),
        Value.Field("first", .time(firstMilliseconds)),
        Value.Field("last", .time(lastMilliseconds)),
      ]))
  }
}

extension CustomerState.InteractionBrief {
  fileprivate var value: Value {
    .object([
      Value.Field("occurred", .time(key.effectiveMilliseconds)),
      Value.Field("channel", .text(channel.description)), Value.Field("type", .text(type.name)),
      Value.Field("event", .text(key.dot.description)),
    ])
  }
}

extension CustomerState {
  fileprivate var stageValue: Value { stage.map { .text($0.content.rawValue) } ?? .null }

  fileprivate func metricFields(nowMilliseconds: Int64) -> [Value.Field] {
    let recency = lastPurchaseMilliseconds.map { last in
      Value.integer(Int64(Self.day(nowMilliseconds)) - Int64(Self.day(last)))
    }
    return ExperienceMetric.allCases.map { metric in
      let score = scores[Int(metric.rawValue)]
      return Value.Field(metric.name, score.map { .integer($0.content) } ?? .null)
    } + [
      Value.Field("orders", .integer(Int64(clamping: orderCount))),
      Value.Field("lifetime_value", .array(spent.map(\.value))),
      Value.Field("recency_days", recency ?? .null),
      Value.Field("frequency", .integer(Int64(purchaseDays.count))),
    ]
  }
}

extension Value {
  /// A time as RFC 3339 text.
  static func time(_ milliseconds: Int64) -> Value {
    .text(CivilTime.text(milliseconds: milliseconds))
  }
}
