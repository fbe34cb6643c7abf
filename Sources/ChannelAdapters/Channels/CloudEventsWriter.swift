internal import BinaryCoding
public import EventModel

/// Writes events as CloudEvents 1.0 in structured JSON, one line each.
///
/// What ``CloudEventsAdapter`` makes of a line has the same content, times and key as the event.
/// Fields go into `data` under their own names; those that the adapter would take for something
/// else go into `data.personal`.
public struct CloudEventsWriter: Sendable {
  private let catalogue: EventCatalogue
  private var json = JSONText()
  private var factNames: [EventType: Set<String>] = [:]

  /// A writer that knows the types of `catalogue`.
  ///
  /// - Parameter catalogue: The event types with their facts.
  public init(catalogue: EventCatalogue = .builtIn) { self.catalogue = catalogue }

  /// The line of an event of the log, without a line end.
  ///
  /// - Parameter event: An event with one person's section.
  /// - Returns: JSON in UTF-8; an event without a key of its own gets its dot as id.
  public mutating func encode(_ event: Event) -> [UInt8] {
    encode(event.draft, occurred: event.occurredMilliseconds, id: "\(event.dot)")
  }

  /// The line of an interaction that is not in a log yet.
  ///
  /// - Parameters:
  ///   - draft: A draft with one person's section.
  ///   - occurred: When it happened, in milliseconds since 1970; nil for no time.
  ///   - id: The id to write if the draft has no key.
  /// - Returns: JSON in UTF-8.
  public mutating func encode(_ draft: EventDraft, occurred: Int64?, id: String) -> [UInt8] {
    json.writer.removeAll()
    let (facts, person) = (draft.sections[0], draft.sections[1])
    json.writeRaw("{\"specversion\":\"1.0\",\"id\":")
    writeText(of: ReservedName.sourceID, in: person, else: id)
    json.writeRaw(",\"source\":")
    writeText(of: ReservedName.source, in: person, else: "daybook")
    json.writeRaw(",\"type\":")
    json.writeString(draft.type.name)
    writeTime("time", occurred)
    json.writeRaw(",\"channel\":")
    json.writeString(draft.channel.description)
    writeTime("senttime", facts.integer(ReservedName.sent))
    writeTime("receivedtime", facts.integer(ReservedName.received))
    if let skew = facts.integer(ReservedName.skew) { writeSkew(skew) }
    if let touchpoint = facts.text(ReservedName.touchpoint) {
      json.writeRaw(",\"touchpoint\":")
      json.writeString(touchpoint)
    }
    json.writeRaw(",\"datacontenttype\":\"application/json\",\"data\":")
    writeData(facts: facts, person: person, type: draft.type)
    json.writeRaw("}")
    return json.writer.bytes
  }

  private mutating func writeText(of name: StaticString, in section: Section, else text: String) {
    if let range = section.textRange(name) {
      json.writeString(section.bytes.span.extracting(range))
    } else {
      json.writeString(text)
    }
  }

  private mutating func writeTime(_ name: StaticString, _ milliseconds: Int64?) {
    guard let milliseconds else { return }
    json.writeRaw(",\"")
    json.writeRaw(name)
    json.writeRaw("\":\"")
    WrittenTime.write(milliseconds: milliseconds, to: &json.writer.bytes)
    json.writeRaw("\"")
  }

  /// Integers of CloudEvents have 32 bits; a clock that is a month off needs more, and a text.
  private mutating func writeSkew(_ milliseconds: Int64) {
    let quote = Int32(exactly: milliseconds) == nil ? "\"" : ""
    json.writer.write(Array(",\"skewms\":\(quote)\(milliseconds)\(quote)".utf8))
  }

  /// Reserved fields have attributes or names of their own; an interaction has at most these.
  private static let memberNames: [String: String] = [
    "@identifiers": "identifiers", "@traits": "traits", "@context": "context",
  ]

  private mutating func writeData(facts: Section, person: Section, type: EventType) {
    let declared = declaredNames(of: type)
    var kept: [(name: [UInt8], value: Range<Int>)] = []
    var isFirst = true
    json.writeRaw("{")
    forEachField(of: facts) { writer, name, value in
      guard !name.hasPrefix("@") else { return }
      writer.writeMember(Array(name.utf8), value, of: facts, isFirst: &isFirst)
    }
    forEachField(of: person) { writer, name, value in
      if let member = Self.memberNames[name] {
        writer.writeMember(Array(member.utf8), value, of: person, isFirst: &isFirst)
      } else if let own = Self.ownName(name) {
        let isMistakable =
          declared.contains(own) || CloudEventAttributes.dataPartNames.contains(own)
        if isMistakable {
          kept.append((Array(own.utf8), value))
        } else {
          writer.writeMember(Array(own.utf8), value, of: person, isFirst: &isFirst)
        }
      }
    }
    if !kept.isEmpty { writeKept(kept, of: person, isFirst: isFirst) }
    json.writeRaw("}")
  }

  private mutating func writeKept(
    _ kept: [(name: [UInt8], value: Range<Int>)], of section: Section, isFirst: Bool
  ) {
    json.writeRaw(isFirst ? "\"personal\":{" : ",\"personal\":{")
    var isFirstKept = true
    for (name, value) in kept { writeMember(name, value, of: section, isFirst: &isFirstKept) }
    json.writeRaw("}")
  }

  private mutating func forEachField(
    of section: Section, _ body: (inout CloudEventsWriter, String, Range<Int>) -> Void
  ) {
    var fields: [(String, Range<Int>)] = []
    section.forEachRange { name, value in
      fields.append((String(decoding: section.bytes[name], as: UTF8.self), value))
      return true
    }
    for (name, value) in fields { body(&self, name, value) }
  }

  /// The name under which the source sent a field; nil for reserved fields.
  private static func ownName(_ name: String) -> String? {
    guard name.hasPrefix("@") else { return name }
    return name.hasPrefix("@@") ? String(name.dropFirst()) : nil
  }

  private mutating func writeMember(
    _ name: [UInt8], _ value: Range<Int>, of section: Section, isFirst: inout Bool
  ) {
    if !isFirst { json.writeRaw(",") }
    isFirst = false
    json.writeString(name.span)
    json.writeRaw(":")
    var reader = ByteReader(section.bytes.span.extracting(value))
    do {
      try json.writeValue(from: &reader)
    } catch {
      preconditionFailure("sections are checked before they are stored")
    }
  }

  private mutating func declaredNames(of type: EventType) -> Set<String> {
    if let names = factNames[type] { return names }
    let names = Set(catalogue.entry(for: type).schema.facts.map(\.name))
    if factNames.count >= TypeTable.rememberedMax { factNames.removeAll() }
    factNames[type] = names
    return names
  }
}
