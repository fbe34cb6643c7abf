package import BinaryCoding
internal import EventModel

/// Writes JSON from texts and from canonical values.
package struct JSONText: Sendable {
  /// The JSON so far, in UTF-8.
  package var writer = ByteWriter()

  /// Nothing yet.
  package init() {}

  /// Writes `text` as it is.
  package mutating func writeRaw(_ text: StaticString) {
    writer.bytes.append(contentsOf: text.description.utf8)
  }

  /// Writes a string, quoted and escaped.
  package mutating func writeString(_ text: String) { writeString(Array(text.utf8).span) }

  /// Writes a string, quoted and escaped.
  ///
  /// - Parameter utf8: Valid UTF-8.
  package mutating func writeString(_ utf8: Span<UInt8>) {
    writer.write(UInt8(ascii: "\""))
    var plainStart = 0
    for index in utf8.indices {
      let byte = utf8[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        continue
      }
      writer.write(utf8.extracting(plainStart..<index))
      writeEscape(byte)
      plainStart = index + 1
    }
    writer.write(utf8.extracting(plainStart..<utf8.count))
    writer.write(UInt8(ascii: "\""))
  }

  private mutating func writeEscape(_ byte: UInt8) {
    writer.write(UInt8(ascii: "\\"))
    switch byte {
    case 0x0a: writer.write(UInt8(ascii: "n"))
    case 0x0d: writer.write(UInt8(ascii: "r"))
    case 0x09: writer.write(UInt8(ascii: "t"))
    case 0x20...: writer.write(byte)
    default:
      let digits = Array("0123456789abcdef".utf8)
      writer.write(Array("u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
  }

  /// Writes a value from its canonical encoding.
  ///
  /// - Parameter reader: Stands at the value's tag, afterwards just behind the value.
  /// - Throws: ``DecodingFault`` if the encoding is damaged.
  package mutating func writeValue(from reader: inout ByteReader) throws(DecodingFault) {
    let start = reader.offset
    let tag = try reader.readByte()
    switch tag {
    case ValueTag.null: writeRaw("null")
    case ValueTag.no: writeRaw("false")
    case ValueTag.yes: writeRaw("true")
    case ValueTag.integer: writer.bytes.append(contentsOf: "\(try reader.readSignedVarint())".utf8)
    case ValueTag.decimal:
      let coefficient = try reader.readSignedVarint()
      let scale = UInt8(try reader.readCount(max: Int(Decimal64.scaleMax)))
      let text = Decimal64(coefficient: coefficient, scale: scale)?.description ?? "null"
      writer.bytes.append(contentsOf: text.utf8)
    case ValueTag.number:
      writer.write(try reader.readLengthPrefixedBytes(max: EventLimits.eventByteCountMax))
    case ValueTag.text:
      let text = try reader.readLengthPrefixedBytes(max: EventLimits.eventByteCountMax)
      writeString(text.span)
    case ValueTag.array: try writeArray(from: &reader)
    case ValueTag.object: try writeObject(from: &reader)
    default: throw .unknownValue(field: "value tag", value: UInt64(tag), at: start)
    }
  }

  private mutating func writeArray(from reader: inout ByteReader) throws(DecodingFault) {
    let count = try reader.readCount(max: reader.remaining)
    writeRaw("[")
    for index in 0..<count {
      if index > 0 { writeRaw(",") }
      try writeValue(from: &reader)
    }
    writeRaw("]")
  }

  /// Writes an object from its encoding behind the tag, as a section has it.
  private mutating func writeObject(from reader: inout ByteReader) throws(DecodingFault) {
    let count = try reader.readCount(max: reader.remaining)
    writeRaw("{")
    for index in 0..<count {
      if index > 0 { writeRaw(",") }
      let name = try reader.readLengthPrefixedBytes(max: EventLimits.eventByteCountMax)
      writeString(name.span)
      writeRaw(":")
      try writeValue(from: &reader)
    }
    writeRaw("}")
  }
}
