public import EventModel

/// Reads CloudEvents 1.0 in structured JSON: one event, or an array of events, a message.
///
/// Where each attribute goes is written in `docs/protocol/cloudevents.md`. An event that
/// ``CloudEventsWriter`` wrote comes out with the same content, times and key.
///
/// Source: CNCF, *CloudEvents 1.0.2* and its *JSON Event Format*.
public struct CloudEventsAdapter: MessageAdapter {
  private var document = JSONDocument()
  private var builder = DraftBuilder()
  private var types: TypeTable

  /// An adapter that knows the types of `catalogue`.
  ///
  /// - Parameter catalogue: The event types with their facts.
  public init(catalogue: EventCatalogue = .builtIn) { types = TypeTable(catalogue: catalogue) }

  /// Adapts one message.
  ///
  /// - Parameters:
  ///   - message: One event, or an array of events; one bad event refuses the array.
  ///   - context: Source and channel for events that do not say theirs.
  ///   - drafts: Gets one draft an event.
  /// - Throws: ``AdapterRefusal``.
  public mutating func adapt(
    _ message: Span<UInt8>, context: inout AdapterContext, into drafts: inout [EventDraft]
  ) throws(AdapterRefusal) {
    do { try document.parse(message) } catch { throw AdapterRefusal(error) }
    guard document.kind(of: .root) == .array else {
      return drafts.append(try draft(of: .root, part: "", message, &context))
    }
    var made: [EventDraft] = []
    for (index, event) in document.elements(of: .root).enumerated() {
      made.append(try draft(of: event, part: ".\(index + 1)", message, &context))
    }
    drafts += made
  }

  private mutating func draft(
    of event: JSONDocument.Node, part: String, _ message: Span<UInt8>,
    _ context: inout AdapterContext
  ) throws(AdapterRefusal) -> EventDraft {
    guard document.kind(of: event) == .object else {
      throw AdapterRefusal(
        .malformed, reason: "the message is not a JSON object",
        remedy: "send one CloudEvent a line, or an array of them")
    }
    let attributes = CloudEventAttributes(event, document)
    let meaning = try type(of: attributes)
    builder.begin()
    try addTimes(attributes)
    try addSource(attributes, context)
    if !addText(attributes[.id], as: ReservedName.sourceID) {
      builder.addSourceID(ofRow: message, context: &context, part: part)
    }
    addTouchpoint(attributes)
    addSubject(attributes)
    if !meaning.isExact, let key = attributes.key(of: .type), let type = attributes[.type] {
      addOwn(key, type, attributes)
    }
    try addData(attributes, type: meaning.type)
    return try builder.finish(
      type: meaning.type, channel: channel(of: attributes) ?? context.channel ?? .other,
      counting: &context)
  }

  /// A touchpoint that looks like a person's stays an attribute of the context.
  private mutating func addTouchpoint(_ attributes: CloudEventAttributes) {
    guard let touchpoint = attributes[.touchpoint], document.kind(of: touchpoint) == .string
    else { return }
    let likeness = PersonalValue(document.textSpan(of: touchpoint), isCode: false)
    if let likeness {
      builder.keepBack("@touchpoint", looksLike: likeness)
    } else {
      builder.addFact(ReservedName.touchpoint, textOf: touchpoint, document)
    }
  }

  private mutating func type(
    of attributes: CloudEventAttributes
  ) throws(AdapterRefusal) -> TypeTable.Meaning {
    guard let version = attributes[.specversion] else {
      throw .missing("specversion", remedy: "send CloudEvents 1.0")
    }
    guard document.isString(version, "1.0") else {
      throw AdapterRefusal(
        .invalid, reason: "specversion is not 1.0", remedy: "send CloudEvents 1.0")
    }
    guard let type = attributes[.type], document.kind(of: type) == .string,
      !document.textRange(of: type).isEmpty
    else { throw .missing("type", remedy: "name the event, such as order.completed") }
    guard let meaning = types.dotted(type, of: document) else {
      throw AdapterRefusal(
        .reserved, reason: "type is one that only the book itself may write",
        remedy: "give the event another type")
    }
    return meaning
  }

  private func channel(of attributes: CloudEventAttributes) -> Channel? {
    attributes[.channel].flatMap(document.string).flatMap(ChannelNames.channel(named:))
  }

  private mutating func addTimes(
    _ attributes: CloudEventAttributes
  ) throws(AdapterRefusal) {
    for (attribute, name) in [
      (CloudEventAttributes.Name.time, ReservedName.occurred),
      (.senttime, ReservedName.sent), (.receivedtime, ReservedName.received),
    ] {
      guard let node = attributes[attribute] else { continue }
      do throws(TimeFault) {
        let time = try WrittenTime.parseISO8601(document.textSpan(of: node)).storedTime()
        builder.addFact(name, integer: time.milliseconds)
        if attribute == .time, !time.isExact { builder.addPersonal("timestamp", node, document) }
      } catch {
        throw AdapterRefusal(error, field: attribute.rawValue)
      }
    }
    if let node = attributes[.skewms],
      let skew = CloudEventAttributes.milliseconds(node, document)
    {
      builder.addFact(ReservedName.skew, integer: skew)
    }
  }

  private mutating func addSource(
    _ attributes: CloudEventAttributes, _ context: AdapterContext
  ) throws(AdapterRefusal) {
    if addText(attributes[.source], as: ReservedName.source) { return }
    guard let source = context.source else {
      throw .missing("source", remedy: "send it, or name it with --source")
    }
    builder.addPersonal(ReservedName.source, text: Array(source.utf8).span)
  }

  private mutating func addText(_ node: JSONDocument.Node?, as name: StaticString) -> Bool {
    guard let node, !document.textRange(of: node).isEmpty else { return false }
    builder.addPersonal(name, textOf: node, document)
    return true
  }

  /// A subject of the form `KIND:VALUE` is an identifier; another stays what it is.
  private mutating func addSubject(_ attributes: CloudEventAttributes) {
    guard let subject = attributes[.subject], let key = attributes.key(of: .subject) else { return }
    let isURI = document.string(of: subject)?.contains("://") ?? false
    if !isURI, builder.addIdentifier(written: subject, document) { return }
    addOwn(key, subject, attributes)
  }

  /// Adds an attribute as a field of the person, under a name that the data does not use.
  private mutating func addOwn(
    _ key: JSONDocument.Node, _ node: JSONDocument.Node, _ attributes: CloudEventAttributes
  ) {
    let isTaken = attributes.hasDataField(named: document.textBytes(of: key), in: document)
    builder.addPersonal(key, node, document, prefix: isTaken ? "message_" : "")
  }

  private mutating func addData(
    _ attributes: CloudEventAttributes, type: PreparedType
  ) throws(AdapterRefusal) {
    var parts = DataParts()
    if let data = attributes[.data], document.kind(of: data) == .object {
      var read: [JSONDocument.Node] = []
      for (key, value) in attributes.dataParts {
        if readPart(key, value, into: &parts) { read.append(key) }
      }
      builder.addProperties(of: data, document, type: type, skipping: read)
    } else if let data = attributes[.data] {
      builder.addPersonal("data", data, document)
    }
    if let binary = attributes[.dataBase64] { builder.addPersonal("data_base64", binary, document) }
    guard builder.addContext(parts.context, and: attributes.extensions, document) else {
      throw AdapterRefusal(
        .ambiguous, reason: "an extension attribute and data.context have one name",
        remedy: "give them different names")
    }
    for person in parts.persons {
      try builder.endPerson()
      addPerson(person)
    }
  }

  /// What is found in data and added when all that belongs to the first person is known.
  private struct DataParts {
    var context: JSONDocument.Node?
    var persons: [JSONDocument.Node] = []
  }

  /// Reads one of the members of data that have a meaning, unless its value has another form.
  private mutating func readPart(
    _ key: JSONDocument.Node, _ value: JSONDocument.Node, into parts: inout DataParts
  ) -> Bool {
    if document.isString(key, "persons") {
      guard let persons = furtherPersons(value) else { return false }
      parts.persons = persons
      return true
    }
    if document.isString(key, "context"), document.kind(of: value) == .object {
      parts.context = value
      return true
    }
    return readPersonPart(key, value)
  }

  /// The persons after the first: 1 to 14 objects, or nothing when the value is none of ours.
  private func furtherPersons(_ value: JSONDocument.Node) -> [JSONDocument.Node]? {
    guard document.kind(of: value) == .array else { return nil }
    let persons = Array(document.elements(of: value))
    guard (1...EventLimits.sectionCountMax - 2).contains(persons.count),
      persons.allSatisfy({ document.kind(of: $0) == .object })
    else { return nil }
    return persons
  }

  /// Adds a further person: its members are those of data, and none of them is a fact.
  private mutating func addPerson(_ person: JSONDocument.Node) {
    for place in 0..<document.memberCount(of: person) {
      let (key, value) = document.member(at: place, of: person)
      if !readPersonPart(key, value) { builder.addPersonal(key, value, document) }
    }
  }

  /// Reads one of the members of a person that have a meaning, unless its value has another form.
  private mutating func readPersonPart(
    _ key: JSONDocument.Node, _ value: JSONDocument.Node
  ) -> Bool {
    if document.isString(key, "identifiers") { return addIdentifiers(value) }
    guard document.kind(of: value) == .object else { return false }
    if document.isString(key, "context") {
      builder.addPersonal(ReservedName.context, value, document)
    } else if document.isString(key, "traits") {
      builder.addPersonal(ReservedName.traits, value, document)
    } else if document.isString(key, "personal") {
      for place in 0..<document.memberCount(of: value) {
        let (name, node) = document.member(at: place, of: value)
        builder.addPersonal(name, node, document)
      }
    } else {
      return false
    }
    return true
  }

  /// Reads `["email:a@b.c"]` or `{"email":"a@b.c"}`.
  private mutating func addIdentifiers(_ node: JSONDocument.Node) -> Bool {
    switch document.kind(of: node) {
    case .array:
      var isRead = true
      for element in document.elements(of: node) {
        isRead = builder.addIdentifier(written: element, document) && isRead
      }
      return isRead
    case .object:
      var isRead = true
      for place in 0..<document.memberCount(of: node) {
        let (key, value) = document.member(at: place, of: node)
        guard let kind = document.string(of: key), Identifier.isKind(kind),
          !document.textRange(of: value).isEmpty
        else {
          isRead = false
          continue
        }
        builder.addIdentifier(kind, value, document)
      }
      return isRead
    default: return false
    }
  }
}
