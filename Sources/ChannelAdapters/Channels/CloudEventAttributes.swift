internal import EventModel

/// The attributes of one CloudEvent, found in its document.
struct CloudEventAttributes {
  /// The attributes with a meaning here; the raw value is the key.
  enum Name: String, CaseIterable {
    case specversion, id, source, type, time, subject, datacontenttype, data
    case dataBase64 = "data_base64"
    case channel, touchpoint, senttime, receivedtime, skewms
  }

  /// The members of data that have a meaning.
  static let dataPartNames = personPartNames + ["persons"]

  /// The members of a person that have a meaning.
  static let personPartNames = ["context", "identifiers", "personal", "traits"]

  private static let keys = JSONDocument.KeyTable(Name.allCases.map(\.rawValue))
  private static let dataKeys = JSONDocument.KeyTable(dataPartNames)

  private var nodes = [JSONDocument.Node?](repeating: nil, count: Name.allCases.count)
  private var keys = [JSONDocument.Node?](repeating: nil, count: Name.allCases.count)

  /// Attributes that have no meaning here.
  private(set) var extensions: [(key: JSONDocument.Node, value: JSONDocument.Node)] = []

  /// The members of data that have a meaning.
  private(set) var dataParts: [(key: JSONDocument.Node, value: JSONDocument.Node)] = []

  init(_ event: JSONDocument.Node, _ document: JSONDocument) {
    document.forEachMember(of: event, matching: Self.keys) { known, key, value in
      guard document.kind(of: value) != .null else { return }
      guard let known else { return extensions.append((key, value)) }
      nodes[known] = value
      keys[known] = key
    }
    keepUnread(.channel) { ChannelNames.exactChannel($0, of: document) != nil }
    keepUnread(.datacontenttype) { document.isString($0, "application/json") }
    keepUnread(.skewms) { Self.milliseconds($0, document) != nil }
    keepUnread(.touchpoint) {
      document.kind(of: $0) == .string
        && PersonalValue(document.textSpan(of: $0), isCode: false) == nil
    }
    guard let data = self[.data] else { return }
    document.forEachMember(of: data, matching: Self.dataKeys) { known, key, value in
      if known != nil { dataParts.append((key, value)) }
    }
  }

  /// The value of an attribute, unless it is absent or null.
  subscript(name: Name) -> JSONDocument.Node? { nodes[Self.place(name)] }

  /// The key of an attribute.
  func key(of name: Name) -> JSONDocument.Node? { keys[Self.place(name)] }

  /// A whole number, or the text of one: integers of CloudEvents end at 32 bits, so that a longer one
  /// travels as text.
  static func milliseconds(_ node: JSONDocument.Node, _ document: JSONDocument) -> Int64? {
    switch document.kind(of: node) {
    case .number, .string: break
    default: return nil
    }
    guard case .integer(let number)? = JSONNumber(checking: document.textSpan(of: node)) else {
      return nil
    }
    return number
  }

  private static func place(_ name: Name) -> Int {
    guard let place = Name.allCases.firstIndex(of: name) else {
      preconditionFailure("every name is among all cases")
    }
    return place
  }

  /// Treats an attribute as an extension, too, unless the event tells its value in full.
  private mutating func keepUnread(_ name: Name, unless isTold: (JSONDocument.Node) -> Bool) {
    guard let value = self[name], let key = key(of: name), !isTold(value) else { return }
    extensions.append((key, value))
  }

  /// Whether the data has a field of this name.
  func hasDataField(named name: [UInt8], in document: JSONDocument) -> Bool {
    guard let data = self[.data] else { return false }
    return document.member(JSONDocument.Key(name), of: data) != nil
  }
}
