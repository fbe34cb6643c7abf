internal import EventModel

/// The parts of one Segment message, found in its document.
struct SegmentMessage {
  /// The members a message may have; the raw value is the place of the key in ``partNames``.
  enum Part: Int {
    case type, event, properties, traits, context, timestamp, originalTimestamp, sentAt, receivedAt
    case messageID, userID, anonymousID, previousID, groupID
    case writeKey, integrations, version, name, category, channel

    /// The key of the member.
    var name: String { partNames[rawValue] }

    /// Those that become fields under their own names.
    static let kept: [Part] = [.groupID, .integrations, .version, .name, .category, .channel]
  }

  private static let partNames = [
    "type", "event", "properties", "traits", "context", "timestamp", "originalTimestamp", "sentAt",
    "receivedAt", "messageId", "userId", "anonymousId", "previousId", "groupId", "writeKey",
    "integrations", "version", "name", "category", "channel",
  ]

  /// The members of a context that tell who, where and by what; the raw value is the place of the
  /// key in ``contextKeys``.
  private enum ContextPart: Int {
    case channel, library, device, externalIDs, traits
  }

  private static let keys = JSONDocument.KeyTable(partNames)
  private static let contextKeys = JSONDocument.KeyTable([
    "channel", "library", "device", "externalIds", "traits",
  ])
  private static let nameKey = JSONDocument.Key("name")
  private static let idKey = JSONDocument.Key("id")
  private static let typeKey = JSONDocument.Key("type")

  /// The nodes of the parts that are there; the root, which is none of them, stands for the others.
  private var parts: [20 of UInt32] = .init(repeating: 0)

  /// Members that the format does not know, by key.
  private(set) var unknown: [(key: JSONDocument.Node, value: JSONDocument.Node)] = []

  /// What the message says about its channel.
  private(set) var channel: Channel?
  /// The name of the library that sent it.
  private(set) var libraryName: JSONDocument.Node?
  /// The device's id.
  private(set) var deviceID: JSONDocument.Node?
  /// Further ids of the person.
  private(set) var externalIDs: JSONDocument.Node?
  /// What becomes the person's attributes.
  private(set) var traits: JSONDocument.Node?
  /// Where identifiers may be among attributes; the traits of a group are not a person's.
  private(set) var personTraits: [JSONDocument.Node] = []
  /// Keys of the context whose values are told in full elsewhere in the event.
  private(set) var told: [JSONDocument.Node] = []

  /// No message.
  init() {}

  /// Finds the parts of the next message, in the room of the one before.
  mutating func read(_ document: JSONDocument) {
    clear()
    document.forEachMember(of: .root, matching: Self.keys) { known, key, value in
      guard let known else { return unknown.append((key, value)) }
      guard document.kind(of: value) != .null else { return }
      parts[known] = UInt32(value.index)
    }
    readContext(document)
  }

  private mutating func clear() {
    parts = .init(repeating: 0)
    unknown.removeAll(keepingCapacity: true)
    personTraits.removeAll(keepingCapacity: true)
    told.removeAll(keepingCapacity: true)
    channel = nil
    libraryName = nil
    deviceID = nil
    externalIDs = nil
    traits = nil
  }

  /// The value of a part, unless it is absent or null.
  subscript(part: Part) -> JSONDocument.Node? {
    let index = parts[part.rawValue]
    return index == 0 ? nil : JSONDocument.Node(index: Int(index))
  }

  /// The key of a part, which stands before it.
  func key(of part: Part) -> JSONDocument.Node? {
    self[part].map { JSONDocument.Node(index: $0.index - 1) }
  }

  /// Whether the message has a property with the same key as another member.
  func hasProperty(withKeyOf key: JSONDocument.Node, in document: JSONDocument) -> Bool {
    guard let properties = self[.properties] else { return false }
    return document.member(withKeyOf: key, of: properties) != nil
  }

  /// Tells the clock that the message's times were read from: its device's, else that of its
  /// anonymous id, else that of its library and source.
  func deviceFingerprint(_ document: JSONDocument, source: String?) -> UInt64 {
    var name: [UInt8] = []
    if let deviceID, !document.textRange(of: deviceID).isEmpty {
      name = Array("device ".utf8) + document.textBytes(of: deviceID)
    } else if let anonymousID = self[.anonymousID], !document.textRange(of: anonymousID).isEmpty {
      name = Array("anonymous ".utf8) + document.textBytes(of: anonymousID)
    } else {
      let library = libraryName.map(document.textBytes) ?? []
      name = Array("library ".utf8) + library + [0] + Array((source ?? "").utf8)
    }
    return RowFingerprint(of: name.span).indexKey
  }
}

extension SegmentMessage {
  private mutating func readContext(_ document: JSONDocument) {
    var contextTraits: (key: JSONDocument.Node, value: JSONDocument.Node)?
    var word: JSONDocument.Node?
    var device: JSONDocument.Node?
    if let context = self[.context] {
      document.forEachMember(of: context, matching: Self.contextKeys) { known, key, value in
        switch known.flatMap(ContextPart.init(rawValue:)) {
        case .channel:
          word = value
          if ChannelNames.exactChannel(value, of: document) != nil { told.append(key) }
        case .library: libraryName = document.member(Self.nameKey, of: value)
        case .device: device = value
        case .externalIDs:
          externalIDs = value
          if Self.areToldByIdentifiers(value, document) { told.append(key) }
        case .traits: contextTraits = (key, value)
        case nil: break
        }
      }
    }
    deviceID = device.flatMap { document.member(Self.idKey, of: $0) }
    chooseTraits(contextTraits, document)
    channel = Self.channel(
      word, self[.channel], library: libraryName,
      deviceType: device.flatMap { document.member(Self.typeKey, of: $0) }, document)
  }

  /// Attributes are those of the call, else those of its context, which then need no other place.
  private mutating func chooseTraits(
    _ contextTraits: (key: JSONDocument.Node, value: JSONDocument.Node)?, _ document: JSONDocument
  ) {
    let isGroup = self[.type].map { document.isString($0, "group") } ?? false
    if let own = self[.traits], !isGroup, document.kind(of: own) == .object {
      traits = own
      personTraits.append(own)
    }
    guard let contextTraits, document.kind(of: contextTraits.value) == .object else { return }
    personTraits.append(contextTraits.value)
    if traits == nil {
      traits = contextTraits.value
      told.append(contextTraits.key)
    }
  }

  private static func channel(
    _ word: JSONDocument.Node?, _ otherWord: JSONDocument.Node?, library: JSONDocument.Node?,
    deviceType: JSONDocument.Node?, _ document: JSONDocument
  ) -> Channel? {
    channel(named: word, document) ?? channel(named: otherWord, document)
      ?? library.flatMap(document.string).flatMap(ChannelNames.channel(ofLibrary:))
      ?? deviceType.flatMap(document.string).flatMap(ChannelNames.channel(ofDevice:))
  }

  private static func channel(
    named word: JSONDocument.Node?, _ document: JSONDocument
  ) -> Channel? {
    guard let word else { return nil }
    return ChannelNames.exactChannel(word, of: document)
      ?? document.string(of: word).flatMap(ChannelNames.channel(named:))
  }

  /// Whether every external id says no more than the identifier made of it.
  private static func areToldByIdentifiers(
    _ node: JSONDocument.Node, _ document: JSONDocument
  ) -> Bool {
    guard document.kind(of: node) == .array else { return false }
    return document.elements(of: node).allSatisfy { external in
      var isTold = document.kind(of: external) == .object
      var type: String?
      var id: JSONDocument.Node?
      document.forEachMember(of: external, matching: externalKeys) { known, _, value in
        switch known {
        case 0: id = value
        case 1: type = document.string(of: value)
        case 2: isTold = isTold && document.isString(value, "users")
        case 3: isTold = isTold && document.isString(value, "none")
        default: isTold = false
        }
      }
      guard isTold, let type, let id, document.kind(of: id) == .string else { return false }
      guard SegmentAdapter.kind(ofExternalType: type) == type else { return false }
      var probe = IdentifierList()
      return probe.add(kind: type, value: document.textSpan(of: id)).isVerbatim
    }
  }

  private static let externalKeys = JSONDocument.KeyTable(["id", "type", "collection", "encoding"])
}
