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
  private var mistakable: [EventType: Set<String>] = [:]

  /// A writer that knows the types of `catalogue`.
  ///
  /// - Parameter catalogue: The event types with their facts.
  public init(catalogue: EventCatalogue = .builtIn) { self.catalogue = catalogue }

  /// The line of an event of the log, without a line end.
  ///
  /// - Parameter event: Any interaction; of a section whose content is gone nothing is written.
  /// - Returns: JSON in UTF-8; an event without a key of its own gets its dot as id.
  public mutating func encode(_ event: Event) -> [UInt8] {
    encode(event.draft, occurred: event.occurredMilliseconds, id: "\(event.dot)")
  }

  /// The line of an interaction that is not in a log yet.
  ///
  /// - Parameters:
  ///   - draft: What happened.
  ///   - occurred: When it happened, in milliseconds since 1970; nil for no time.
  ///   - id: The id to write if the draft has no key.
  /// - Returns: JSON in UTF-8.
  public mutating func encode(_ draft: EventDraft, occurred: Int64?, id: String) -> [UInt8] {
    json.writer.removeAll()
    let (facts, persons) = (draft.sections[0], draft.sections.dropFirst())
    let person = draft.sections[1]
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
    writeData(facts: facts, persons: persons, type: draft.type)
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

  private mutating func writeData(facts: Section, persons: ArraySlice<Section>, type: EventType) {
    var isFirst = true
    json.writeRaw("{")
    forEachField(of: facts) { writer, name, value in
      guard !name.hasPrefix("@") else { return }
      writer.writeMember(Array(name.utf8), value, of: facts, isFirst: &isFirst)
    }
    for person in persons.prefix(1) {
      writePerson(person, mistakable: mistakableNames(of: type), isFirst: &isFirst)
    }
    writeFurther(persons.dropFirst(), isFirst: isFirst)
    json.writeRaw("}")
  }

  /// The persons after the first, each an object of its own.
  private mutating func writeFurther(_ persons: ArraySlice<Section>, isFirst: Bool) {
    guard !persons.isEmpty else { return }
    json.writeRaw(isFirst ? "\"persons\":[" : ",\"persons\":[")
    for (place, person) in persons.enumerated() {
      json.writeRaw(place == 0 ? "{" : ",{")
      var isFirstMember = true
      writePerson(person, mistakable: Self.personPartNames, isFirst: &isFirstMember)
      json.writeRaw("}")
    }
    json.writeRaw("]")
  }

  /// A person's members; those whose names would be mistaken stand in an object of their own.
  private mutating func writePerson(
    _ person: Section, mistakable: Set<String>, isFirst: inout Bool
  ) {
    var kept: [(name: [UInt8], value: Range<Int>)] = []
    forEachField(of: person) { writer, name, value in
      if let member = Self.memberNames[name] {
        writer.writeMember(Array(member.utf8), value, of: person, isFirst: &isFirst)
      } else if let own = Self.ownName(name) {
        if mistakable.contains(own) {
          kept.append((Array(own.utf8), value))
        } else {
          writer.writeMember(Array(own.utf8), value, of: person, isFirst: &isFirst)
        }
      }
    }
    guard !kept.isEmpty else { return }
    json.writeRaw(isFirst ? "\"personal\":{" : ",\"personal\":{")
    isFirst = false
    var isFirstKept = true
    for (name, value) in kept { writeMember(name, value, of: person, isFirst: &isFirstKept) }
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

  private static let personPartNames = Set(CloudEventAttributes.personPartNames)

  /// The members of data that the adapter takes for facts, or that have a meaning.
  private mutating func mistakableNames(of type: EventType) -> Set<String> {
    if let names = mistakable[type] { return names }
    let names = Set(
      catalogue.entry(for: type).schema.facts.map(\.name) + CloudEventAttributes.dataPartNames)
    if mistakable.count >= TypeTable.rememberedMax { mistakable.removeAll() }
    mistakable[type] = names
    return names
  }
}
