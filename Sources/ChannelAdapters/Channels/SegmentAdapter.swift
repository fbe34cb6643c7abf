internal import BinaryCoding
public import EventModel

/// Reads messages of Segment's HTTP API, which RudderStack and others send too.
///
/// One JSON object a message: `track`, `identify`, `page`, `screen`, `group` or `alias`. Where each
/// field goes is written in `docs/protocol/segment.md`; nothing is dropped but `writeKey`, and what
/// the header or an identifier already says.
///
/// Source: Segment, *HTTP Tracking API* and *Spec*.
public struct SegmentAdapter: MessageAdapter {
  private var document = JSONDocument()
  private var message = SegmentMessage()
  private var builder = DraftBuilder()
  private var types: TypeTable
  private var clocks = DeviceClocks()
  private let identified, page, screen, grouped, aliased: PreparedType

  /// An adapter that knows the types of `catalogue`.
  ///
  /// - Parameter catalogue: The event types with their facts.
  public init(catalogue: EventCatalogue = .builtIn) {
    var types = TypeTable(catalogue: catalogue)
    func prepared(_ name: String) -> PreparedType {
      guard let type = EventType(name) else { preconditionFailure("\(name) is a valid type") }
      return types.prepared(type)
    }
    identified = prepared("identity.identified")
    page = prepared("page.viewed")
    screen = prepared("screen.viewed")
    grouped = prepared("identity.grouped")
    aliased = prepared("identity.aliased")
    self.types = types
  }

  /// Adapts one message.
  ///
  /// - Parameters:
  ///   - message: One JSON object.
  ///   - context: Source and channel for messages that do not say theirs.
  ///   - drafts: Gets one draft.
  /// - Throws: ``AdapterRefusal``.
  public mutating func adapt(
    _ message: Span<UInt8>, context: inout AdapterContext, into drafts: inout [EventDraft]
  ) throws(AdapterRefusal) {
    do { try document.parse(message) } catch { throw AdapterRefusal(error) }
    guard document.kind(of: .root) == .object else {
      throw AdapterRefusal(
        .malformed, reason: "the message is not a JSON object", remedy: "send one object a line")
    }
    self.message.read(document)
    let parts = self.message
    let (type, keepsName) = try type(of: parts)
    builder.begin()
    try addTimes(parts, context)
    addIdentifiers(parts)
    guard !builder.identifiers.isEmpty else {
      throw .missing("an identifier", remedy: "send userId, anonymousId or an external id")
    }
    addFields(parts, type: type, keepsName: keepsName)
    addSource(parts, context: context)
    if !addText(parts[.messageID], as: ReservedName.sourceID) {
      builder.addSourceID(ofRow: message, context: &context)
    }
    let channel = parts.channel ?? context.channel ?? .other
    drafts.append(try builder.finish(type: type, channel: channel, counting: &context))
  }

  private mutating func type(
    of parts: SegmentMessage
  ) throws(AdapterRefusal) -> (type: PreparedType, keepsName: Bool) {
    guard let call = parts[.type] else {
      throw .missing("type", remedy: "send track, identify, page, screen, group or alias")
    }
    if document.isString(call, "track") { return try trackedType(parts) }
    if document.isString(call, "identify") { return (identified, true) }
    if document.isString(call, "page") { return (page, true) }
    if document.isString(call, "screen") { return (screen, true) }
    if document.isString(call, "group") { return (grouped, true) }
    if document.isString(call, "alias") { return (aliased, true) }
    throw AdapterRefusal(
      .invalid, reason: "type is not a call of Segment's API",
      remedy: "send track, identify, page, screen, group or alias")
  }

  private mutating func trackedType(
    _ parts: SegmentMessage
  ) throws(AdapterRefusal) -> (type: PreparedType, keepsName: Bool) {
    guard let name = parts[.event], document.kind(of: name) == .string,
      !document.textRange(of: name).isEmpty
    else { throw .missing("event", remedy: "name the event that is tracked") }
    guard let meaning = types.track(name, of: document) else {
      throw AdapterRefusal(
        .reserved, reason: "event is a type that only the book itself may write",
        remedy: "give the event another name")
    }
    return (meaning.type, !meaning.isExact)
  }
}

/// Times, source and the fields.
extension SegmentAdapter {
  /// `timestamp` says when it happened, else `originalTimestamp`; one that milliseconds of UTC do
  /// not tell in full is kept as it was written, too.
  private mutating func addTimes(
    _ parts: SegmentMessage, _ context: AdapterContext
  ) throws(AdapterRefusal) {
    let sent = addTransportTime(parts[.sentAt], as: ReservedName.sent, name: "sentAt")
    var received = addTransportTime(
      parts[.receivedAt], as: ReservedName.received, name: "receivedAt")
    if parts[.receivedAt] == nil, let milliseconds = context.receivedMilliseconds {
      builder.addFact(ReservedName.received, integer: milliseconds)
      received = milliseconds
    }
    let source = parts[.timestamp] != nil ? SegmentMessage.Part.timestamp : .originalTimestamp
    guard let node = parts[source] else { return }
    let stated = try time(node, field: source.name)
    if !stated.isExact { builder.addPersonal("timestamp", node, document) }
    var original: Int64?
    if source == .timestamp, let node = parts[.originalTimestamp] {
      original = try? time(node, field: "originalTimestamp").milliseconds
      addOriginalTime(node, beside: parts[.timestamp])
    }
    var skew: Int64 = 0
    if let sent, let received {
      skew = clocks.correction(
        of: DeviceClocks.MessageTimes(
          stated: stated.milliseconds, original: original, sent: sent, received: received),
        device: parts.deviceFingerprint(document, source: context.source))
    }
    builder.addFact(ReservedName.occurred, integer: stated.milliseconds + skew)
    if skew != 0 { builder.addFact(ReservedName.skew, integer: skew) }
  }

  /// Keeps a second time that is written differently from the first.
  private mutating func addOriginalTime(
    _ original: JSONDocument.Node, beside node: JSONDocument.Node?
  ) {
    if let node, document.textSpan(of: original).isEqual(to: document.textSpan(of: node)) { return }
    builder.addPersonal("originalTimestamp", original, document)
  }

  private func time(
    _ node: JSONDocument.Node, field: String
  ) throws(AdapterRefusal) -> (milliseconds: Int64, isExact: Bool) {
    do throws(TimeFault) {
      return try WrittenTime.parseISO8601(document.textSpan(of: node)).storedTime()
    } catch {
      throw AdapterRefusal(error, field: field)
    }
  }

  /// Adds a time of transport, and returns it if it is one.
  ///
  /// They differ between one sending and the next, so they are no content.
  private mutating func addTransportTime(
    _ node: JSONDocument.Node?, as name: StaticString, name own: StaticString
  ) -> Int64? {
    guard let node else { return nil }
    guard let time = try? time(node, field: own.description) else {
      builder.addPersonal(own, node, document)
      return nil
    }
    builder.addFact(name, integer: time.milliseconds)
    return time.milliseconds
  }

  private mutating func addSource(_ parts: SegmentMessage, context: AdapterContext) {
    if let source = context.source {
      builder.addPersonal(ReservedName.source, text: source.utf8Span.span)
    } else if !addText(parts.libraryName, as: ReservedName.source) {
      builder.addPersonal(ReservedName.source, text: "segment".utf8Span.span)
    }
  }

  /// Adds a text or number as text, and says whether there was one.
  private mutating func addText(_ node: JSONDocument.Node?, as name: StaticString) -> Bool {
    guard let node, !document.textRange(of: node).isEmpty else { return false }
    builder.addPersonal(name, textOf: node, document)
    return true
  }

  private mutating func addFields(
    _ parts: SegmentMessage, type: PreparedType, keepsName: Bool
  ) {
    if let properties = parts[.properties] {
      builder.addProperties(of: properties, document, type: type)
    }
    if keepsName, let event = parts[.event] { addOwn(.event, event, parts) }
    for part in SegmentMessage.Part.kept {
      if let node = parts[part] { addOwn(part, node, parts) }
    }
    for (key, node) in parts.unknown { addUnknown(key, node, parts) }
    for part in [SegmentMessage.Part.properties, .traits, .context] {
      guard let node = parts[part] else { continue }
      let isRead = part == .traits ? node == parts.traits : document.kind(of: node) == .object
      if !isRead { addOwn(part, node, parts) }
    }
    if let traits = parts.traits {
      builder.addPersonal(ReservedName.traits, traits, document)
    }
    if let context = parts[.context] { addContext(context, parts) }
  }

  /// Adds a part of the message itself; `message_` before its name tells it from a property.
  private mutating func addOwn(
    _ part: SegmentMessage.Part, _ node: JSONDocument.Node, _ parts: SegmentMessage
  ) {
    guard let key = parts.key(of: part) else { return }
    addUnknown(key, node, parts)
  }

  private mutating func addUnknown(
    _ key: JSONDocument.Node, _ node: JSONDocument.Node, _ parts: SegmentMessage
  ) {
    let isTaken = parts.hasProperty(withKeyOf: key, in: document)
    builder.addPersonal(key, node, document, prefix: isTaken ? "message_" : "")
  }

  /// The context without what channel, traits and identifiers already tell.
  private mutating func addContext(_ context: JSONDocument.Node, _ parts: SegmentMessage) {
    // Each of them is a member of the context.
    guard document.memberCount(of: context) > parts.told.count else { return }
    builder.addPersonal(ReservedName.context, context, document, skipping: parts.told)
  }
}

/// Who it is about.
extension SegmentAdapter {
  private mutating func addIdentifiers(_ parts: SegmentMessage) {
    add("user", parts[.userID])
    add("anonymous", parts[.anonymousID])
    add("user", parts[.previousID])
    add("device", parts.deviceID)
    for traits in parts.personTraits {
      for (key, kind) in Self.traitKinds { add(kind, document.member(key, of: traits)) }
    }
    guard let externalIDs = parts.externalIDs else { return }
    for external in document.elements(of: externalIDs) {
      guard let value = document.member(Self.idKey, of: external),
        let type = document.member(Self.typeKey, of: external).flatMap(document.string)
      else { continue }
      add(Self.kind(ofExternalType: type), value)
    }
  }

  private mutating func add(_ kind: String, _ node: JSONDocument.Node?) {
    guard let node else { return }
    builder.addIdentifier(kind, node, document)
  }

  private static let idKey = JSONDocument.Key("id")
  private static let typeKey = JSONDocument.Key("type")
  private static let traitKinds: [(JSONDocument.Key, String)] = [
    (JSONDocument.Key("email"), "email"), (JSONDocument.Key("phone"), "phone"),
    (JSONDocument.Key("loyaltyId"), "loyalty"), (JSONDocument.Key("loyalty_id"), "loyalty"),
    (JSONDocument.Key("username"), "handle"), (JSONDocument.Key("handle"), "handle"),
  ]

  /// The kind that a type of external id means: its slug, or the kind it is another word for.
  static func kind(ofExternalType type: String) -> String {
    let slug = String(
      type.lowercased().unicodeScalars.prefix(32).map { scalar in
        switch scalar {
        case "a"..."z", "0"..."9": Character(scalar)
        default: "_"
        }
      })
    switch slug {
    case "user_id", "userid": return "user"
    case "anonymous_id", "anonymousid": return "anonymous"
    case "phone_number": return "phone"
    case "email_address": return "email"
    case "device_id": return "device"
    case "": return "external"
    default: return slug
    }
  }
}
