internal import BinaryCoding
internal import EventModel
internal import EventStorage
internal import HybridTime

/// Writes events as rows of RFC 4180 CSV; facts and fields are JSON objects in a column each.
struct EventCSVWriter {
  /// The first row.
  static let heading =
    "event,position,recorded,occurred,channel,type,source,id,touchpoint,identifiers,facts,fields"

  private var json = EventJSONWriter()
  private var cell = ByteWriter()

  /// Writes one row without its end.
  ///
  /// - Parameters:
  ///   - listed: The event and its place.
  ///   - writer: Gets the row.
  mutating func write(_ listed: ListedEvent, to writer: inout ByteWriter) {
    let event = listed.event
    json.writeDot(event.dot, to: &writer)
    writer.writeText(",")
    writer.writeDigits(listed.position.rawValue, width: 1)
    writer.writeText(",")
    writer.writeTime(milliseconds: event.recorded.milliseconds)
    writer.writeText(",")
    writer.writeTime(milliseconds: event.occurredMilliseconds)
    writer.writeText(",")
    writer.bytes.append(contentsOf: event.channel.description.utf8)
    writer.writeText(",")
    writer.bytes.append(contentsOf: event.type.name.utf8)
    let personal = event.personal
    writeCell(personal.text(ReservedName.source) ?? "", to: &writer)
    writeCell(personal.text(ReservedName.sourceID) ?? "", to: &writer)
    writeCell(event.facts.text(ReservedName.touchpoint) ?? "", to: &writer)
    writeCell(
      personal.identifiers.map(\.description).joined(separator: " "), to: &writer)
    writeObject(event.facts, to: &writer)
    writeObject(personal, to: &writer)
  }

  private mutating func writeObject(_ section: Section, to writer: inout ByteWriter) {
    cell.writeText("{")
    section.writeFields(to: &cell)
    cell.writeText("}")
    flushCell(to: &writer)
  }

  private mutating func writeCell(_ text: String, to writer: inout ByteWriter) {
    cell.bytes.append(contentsOf: text.utf8)
    flushCell(to: &writer)
  }

  /// Moves the cell over, quoted where it must be.
  private mutating func flushCell(to writer: inout ByteWriter) {
    writer.writeText(",")
    let special: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: ","), 0x0a, 0x0d]
    if cell.bytes.contains(where: { special.contains($0) }) {
      writer.writeText("\"")
      for byte in cell.bytes {
        if byte == UInt8(ascii: "\"") { writer.write(byte) }
        writer.write(byte)
      }
      writer.writeText("\"")
    } else {
      writer.write(cell.bytes)
    }
    cell.removeAll()
  }
}
