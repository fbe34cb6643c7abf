internal import EventModel

/// One interaction before it has a time and an id.
struct Scene {
  var type: String
  var channel: Channel
  /// The kinds of identifiers that this channel shows.
  var identifierKinds: [String]
  var facts: [Value.Field] = []
  var personal: [Value.Field] = []
  var traits: [Value.Field] = []

  /// The system that reports interactions of the channel.
  var source: String {
    switch channel {
    case .web: "web-sdk"
    case .mobile: "app-sdk"
    case .store: "till"
    case .social: "social-inbox"
    case .email: "mailer"
    case .phone: "call-centre"
    case .chat: "live-chat"
    case .other: "survey-tool"
    }
  }

  func draft(customer: SyntheticCustomer, id: String, milliseconds: Int64) -> EventDraft {
    guard let type = EventType(type) else {
      preconditionFailure("scenes are written with valid types")
    }
    let identifiers = customer.identifiers(identifierKinds).map { Value.text($0.description) }
    let occurred = Value.Field("@occurred", .integer(milliseconds))
    var person = [
      Value.Field("@source", .text(source)), Value.Field("@id", .text(id)),
      Value.Field("@identifiers", .array(identifiers)),
    ]
    if !traits.isEmpty { person.append(Value.Field("@traits", .object(traits))) }
    return EventDraft(
      channel: channel, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
      sections: [Section(facts + [occurred]), Section(person + personal)])
  }
}
