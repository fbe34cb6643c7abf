internal import BinaryCoding
internal import EventModel
internal import EventStorage
internal import HybridTime

/// Writes events as JSON objects:
///
///     {"event","position","recorded","occurred","channel","type","source","id","touchpoint"?,
///      "sent"?,"received"?,"identifiers":[…],"facts":{…},"fields":{…},"traits"?,"context"?,
///      "others"?}
///
/// `others` lists the further persons of an event about several, each with its identifiers and
/// fields. The origin's text is kept from one event to the next, since they come in long runs.
struct EventJSONWriter {
  private var origin: OriginID?
  private var originText: [UInt8] = []

  /// Writes the object without a line end.
  ///
  /// - Parameters:
  ///   - listed: The event and its place.
  ///   - extra: Further fields, put at the end.
  ///   - writer: Gets the JSON.
  mutating func write(
    _ listed: ListedEvent, extra: [Value.Field] = [], to writer: inout ByteWriter
  ) {
    let event = listed.event
    writer.writeText("{\"event\":\"")
    writeDot(event.dot, to: &writer)
    writer.writeText("\",\"position\":")
    writer.writeDigits(listed.position.rawValue, width: 1)
    writer.writeText(",\"recorded\":\"")
    writer.writeTime(milliseconds: event.recorded.milliseconds)
    writer.writeText("\",\"occurred\":\"")
    writer.writeTime(milliseconds: event.occurredMilliseconds)
    writer.writeText("\",\"channel\":\"")
    writer.bytes.append(contentsOf: event.channel.description.utf8)
    writer.writeText("\",\"type\":\"")
    writer.bytes.append(contentsOf: event.type.name.utf8)
    writer.writeText("\"")
    writePerson(of: event, to: &writer)
    for field in extra {
      writer.writeText(",\"")
      writer.bytes.append(contentsOf: field.name.utf8)
      writer.writeText("\":")
      field.value.writeJSON(to: &writer)
    }
    writer.writeText("}")
  }

  /// Writes `ORIGIN/SEQUENCE`.
  mutating func writeDot(_ dot: Dot, to writer: inout ByteWriter) {
    if dot.origin != origin {
      origin = dot.origin
      originText = Array(dot.origin.description.utf8)
    }
    writer.write(originText)
    writer.write(UInt8(ascii: "/"))
    writer.writeDigits(dot.sequence, width: 1)
  }

  private func writePerson(of event: Event, to writer: inout ByteWriter) {
    let person = ListedEvent.Person(event.personal)
    write(person.source, of: person.section, after: ",\"source\":", to: &writer)
    write(person.sourceID, of: person.section, after: ",\"id\":", to: &writer)
    writeReservedFacts(event.facts, to: &writer)
    writer.writeText(",\"identifiers\":")
    if let identifiers = person.identifiers {
      CanonicalJSON.write(person.section.bytes.span.extracting(identifiers), to: &writer)
    } else {
      writer.writeText("[]")
    }
    writer.writeText(",\"facts\":{")
    event.facts.writeFields(to: &writer)
    writer.writeText("},\"fields\":{")
    person.section.writeFields(to: &writer)
    writer.writeText("}")
    write(person.traits, of: person.section, after: ",\"traits\":", to: &writer)
    write(person.context, of: person.section, after: ",\"context\":", to: &writer)
    if event.persons.count > 1 { writeOthers(event.persons.dropFirst(), to: &writer) }
  }

  private func write(
    _ range: Range<Int>?, of section: Section, after name: StaticString,
    to writer: inout ByteWriter
  ) {
    guard let range else { return }
    writer.writeText(name)
    CanonicalJSON.write(section.bytes.span.extracting(range), to: &writer)
  }

  private func writeReservedFacts(_ facts: Section, to writer: inout ByteWriter) {
    write(
      facts.range(of: ReservedName.touchpoint), of: facts, after: ",\"touchpoint\":", to: &writer)
    for (name, label) in Self.reservedTimes {
      guard let milliseconds = facts.integer(name) else { continue }
      writer.writeText(label)
      writer.writeTime(milliseconds: milliseconds)
      writer.writeText("\"")
    }
  }

  private static let reservedTimes: [(StaticString, StaticString)] = [
    (ReservedName.sent, ",\"sent\":\""), (ReservedName.received, ",\"received\":\""),
  ]

  private func writeOthers(_ others: ArraySlice<Section>, to writer: inout ByteWriter) {
    writer.writeText(",\"others\":[")
    for (index, section) in others.enumerated() {
      writer.writeText(index > 0 ? ",{\"identifiers\":" : "{\"identifiers\":")
      if let range = section.range(of: ReservedName.identifiers) {
        CanonicalJSON.write(section.bytes.span.extracting(range), to: &writer)
      } else {
        writer.writeText("[]")
      }
      writer.writeText(",\"fields\":{")
      section.writeFields(to: &writer)
      writer.writeText("}}")
    }
    writer.writeText("]")
  }
}

extension Section {
  /// Writes the fields that are not reserved as `"name":value`, separated by commas.
  func writeFields(to writer: inout ByteWriter) {
    var isFirst = true
    forEachRange { name, value in
      guard let name = sourceName(name) else { return true }
      if !isFirst { writer.write(UInt8(ascii: ",")) }
      isFirst = false
      writer.writeJSONString(bytes.span.extracting(name))
      writer.write(UInt8(ascii: ":"))
      CanonicalJSON.write(bytes.span.extracting(value), to: &writer)
      return true
    }
  }
}
