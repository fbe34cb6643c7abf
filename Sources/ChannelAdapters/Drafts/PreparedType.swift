internal import BinaryCoding
internal import EventModel

/// An event type with its facts prepared for matching against a message.
///
/// A class, immutable, because it is handed around for each message and holds many references.
final class PreparedType: Sendable {
  let entry: EventCatalogue.Entry
  let factKeys: JSONDocument.KeyTable
  let factKinds: [FactKind]
  let factFields: [FactEncoder.Field]
  let hasMoney: Bool

  init(_ entry: EventCatalogue.Entry) {
    self.entry = entry
    factKeys = JSONDocument.KeyTable(entry.schema.facts.map(\.name))
    factKinds = entry.schema.facts.map(\.kind)
    factFields = entry.schema.facts.map {
      FactEncoder.Field(isCode: PersonalValue.isCode(fieldName: $0.name), bounds: $0.bounds)
    }
    hasMoney = factKinds.contains(.money)
  }
}

/// The types that messages name, found by the bytes of the name.
///
/// Remembers at most ``rememberedMax`` names, so that a hostile source cannot fill memory.
struct TypeTable: Sendable {
  /// What a name in a message means.
  struct Meaning: Sendable {
    let type: PreparedType
    /// Whether the type tells the name exactly; if not, the name is kept in the event.
    let isExact: Bool
  }

  static let rememberedMax = 4_096

  private let catalogue: EventCatalogue
  private var types: [EventType: PreparedType] = [:]
  private var bySegmentName: [[UInt8]: Meaning] = [:]
  private var byTypeName: [[UInt8]: Meaning] = [:]
  private var room = ByteWriter()

  init(catalogue: EventCatalogue) { self.catalogue = catalogue }

  /// The type of an event that a Segment `track` call names: one of Segment's names in any case, a
  /// dotted type of the catalogue, else `custom.` and a slug; nil for types reserved for the book.
  mutating func track(_ node: JSONDocument.Node, of document: JSONDocument) -> Meaning? {
    let name = text(of: node, document)
    if let meaning = bySegmentName[name] { return meaning }
    guard let meaning = meaningOfTrack(name) else { return nil }
    if bySegmentName.count >= Self.rememberedMax { bySegmentName.removeAll() }
    bySegmentName[name] = meaning
    return meaning
  }

  /// The type of a CloudEvent: the dotted name itself, else `custom.` and a slug; nil for types
  /// reserved for the book.
  mutating func dotted(_ node: JSONDocument.Node, of document: JSONDocument) -> Meaning? {
    let name = text(of: node, document)
    if let meaning = byTypeName[name] { return meaning }
    guard let meaning = meaningOfDotted(name) else { return nil }
    if byTypeName.count >= Self.rememberedMax { byTypeName.removeAll() }
    byTypeName[name] = meaning
    return meaning
  }

  /// A text, in memory that serves one after the other unless somebody keeps it.
  private mutating func text(of node: JSONDocument.Node, _ document: JSONDocument) -> [UInt8] {
    room.removeAll()
    room.write(document.textSpan(of: node))
    return room.bytes
  }

  /// The prepared form of a type.
  mutating func prepared(_ type: EventType) -> PreparedType {
    if let known = types[type] { return known }
    let prepared = PreparedType(catalogue.entry(for: type))
    if types.count >= Self.rememberedMax { types.removeAll() }
    types[type] = prepared
    return prepared
  }

  private mutating func meaningOfTrack(_ name: [UInt8]) -> Meaning? {
    let text = String(decoding: name, as: UTF8.self)
    if let entry = catalogue.entry(segmentName: text) {
      let isExact = entry.schema.segmentNames.first == text
      return Meaning(type: prepared(entry.schema.type), isExact: isExact)
    }
    if let type = EventType(text) {
      if type.isControl { return nil }
      if catalogue.contains(type) { return Meaning(type: prepared(type), isExact: true) }
    }
    return Meaning(type: prepared(customType(name)), isExact: false)
  }

  private mutating func meaningOfDotted(_ name: [UInt8]) -> Meaning? {
    guard let type = EventType(String(decoding: name, as: UTF8.self)), !mayNamePerson(name) else {
      return Meaning(type: prepared(customType(name)), isExact: false)
    }
    return type.isControl ? nil : Meaning(type: prepared(type), isExact: true)
  }
}

/// `custom.` and the name in lower case, runs of other characters than letters and digits as one
/// underscore, 48 bytes at most; `custom.event` if the name might name a person.
private func customType(_ name: [UInt8]) -> EventType {
  var slug: [UInt8] = []
  for byte in name where slug.count < 48 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      slug.append(byte)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): slug.append(byte | 0x20)
    default: if let last = slug.last, last != UInt8(ascii: "_") { slug.append(UInt8(ascii: "_")) }
    }
  }
  if slug.last == UInt8(ascii: "_") { slug.removeLast() }
  let name = slug.isEmpty || mayNamePerson(name) ? "event" : String(decoding: slug, as: UTF8.self)
  guard let type = EventType("custom." + name) else {
    preconditionFailure("a slug is a valid part of a type")
  }
  return type
}

/// Whether a name holds an at sign or five digits in a row, as addresses and numbers do: types are
/// permanent and must carry nothing personal.
private func mayNamePerson(_ name: [UInt8]) -> Bool {
  var digits = 0
  for byte in name {
    digits = byte &- UInt8(ascii: "0") < 10 ? digits + 1 : 0
    if digits == 5 || byte == UInt8(ascii: "@") { return true }
  }
  return false
}
