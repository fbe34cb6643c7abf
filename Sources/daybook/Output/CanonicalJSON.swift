internal import BinaryCoding
internal import EventModel

/// Writes stored bytes as JSON without making a ``Value`` of them.
///
/// Listing half a million events is mostly this. The bytes were checked when they were stored;
/// where they still do not decode, `null` stands for the rest.
enum CanonicalJSON {
  /// Writes one encoded value.
  ///
  /// - Parameters:
  ///   - encoded: The value in its canonical encoding.
  ///   - writer: Gets its JSON.
  static func write(_ encoded: Span<UInt8>, to writer: inout ByteWriter) {
    var reader = ByteReader(encoded)
    do {
      try writeValue(from: &reader, of: encoded, to: &writer)
    } catch {
      writer.bytes.append(contentsOf: "null".utf8)
    }
  }

  private static func writeValue(
    from reader: inout ByteReader, of bytes: Span<UInt8>, to writer: inout ByteWriter
  ) throws(DecodingFault) {
    switch try reader.readByte() {
    case ValueTag.no: writer.bytes.append(contentsOf: "false".utf8)
    case ValueTag.yes: writer.bytes.append(contentsOf: "true".utf8)
    case ValueTag.integer: writer.writeDigits(try reader.readSignedVarint())
    case ValueTag.decimal:
      let coefficient = try reader.readSignedVarint()
      let scale = UInt8(try reader.readCount(max: Int(Decimal64.scaleMax)))
      let decimal = Decimal64(coefficient: coefficient, scale: scale)
      writer.bytes.append(contentsOf: (decimal?.description ?? "null").utf8)
    case ValueTag.number:
      writer.write(bytes.extracting(try reader.readLengthPrefixedRange(max: bytes.count)))
    case ValueTag.text:
      writer.writeJSONString(bytes.extracting(try reader.readLengthPrefixedRange(max: bytes.count)))
    case ValueTag.array:
      writer.write(UInt8(ascii: "["))
      for index in 0..<(try reader.readCount(max: reader.remaining)) {
        if index > 0 { writer.write(UInt8(ascii: ",")) }
        try writeValue(from: &reader, of: bytes, to: &writer)
      }
      writer.write(UInt8(ascii: "]"))
    case ValueTag.object:
      writer.write(UInt8(ascii: "{"))
      for index in 0..<(try reader.readCount(max: reader.remaining)) {
        if index > 0 { writer.write(UInt8(ascii: ",")) }
        writer.writeJSONString(
          bytes.extracting(try reader.readLengthPrefixedRange(max: bytes.count)))
        writer.write(UInt8(ascii: ":"))
        try writeValue(from: &reader, of: bytes, to: &writer)
      }
      writer.write(UInt8(ascii: "}"))
    default: writer.bytes.append(contentsOf: "null".utf8)
    }
  }
}

extension ByteWriter {
  /// Writes UTF-8 as a JSON string: quoted, with `"`, `\` and control characters escaped.
  mutating func writeJSONString(_ text: Span<UInt8>) {
    write(UInt8(ascii: "\""))
    var start = 0
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != 0x7f {
        continue
      }
      write(text.extracting(start..<index))
      writeEscape(byte)
      start = index + 1
    }
    write(text.extracting(start..<text.count))
    write(UInt8(ascii: "\""))
  }

  private mutating func writeEscape(_ byte: UInt8) {
    switch byte {
    case 0x0a: bytes.append(contentsOf: "\\n".utf8)
    case 0x0d: bytes.append(contentsOf: "\\r".utf8)
    case 0x09: bytes.append(contentsOf: "\\t".utf8)
    case 0x20...0x7e:
      write(UInt8(ascii: "\\"))
      write(byte)
    default:
      bytes.append(contentsOf: "\\u00".utf8)
      for digit in [byte >> 4, byte & 15] {
        write(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }

  /// Writes the bytes of `text`, which needs no escaping.
  mutating func writeText(_ text: StaticString) {
    bytes.append(contentsOf: text.description.utf8)
  }

  /// Writes an integer in decimal digits.
  mutating func writeDigits(_ number: Int64) {
    if number < 0 { write(UInt8(ascii: "-")) }
    writeDigits(number.magnitude, width: 1)
  }

  /// Writes an integer in at least `width` decimal digits.
  mutating func writeDigits(_ number: UInt64, width: Int) {
    var divisor: UInt64 = 1
    var places = 1
    // The divisor never exceeds the number or 10 to the power of the width.
    while number / divisor >= 10 || places < width {
      divisor *= 10
      places += 1
    }
    while divisor > 0 {
      write(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  /// Writes a time as ``CivilTime/text(milliseconds:)`` does, without making a string.
  mutating func writeTime(milliseconds: Int64) {
    let clamped = min(max(milliseconds, CivilTime.millisecondsMin), CivilTime.millisecondsMax)
    let (quotient, remainder) = clamped.quotientAndRemainder(dividingBy: 86_400_000)
    let days = remainder < 0 ? quotient - 1 : quotient
    let rest = UInt64(remainder < 0 ? remainder + 86_400_000 : remainder)
    let date = CivilTime.date(days: days)
    writeDigits(UInt64(date.year), width: 4)
    write(UInt8(ascii: "-"))
    writeDigits(UInt64(date.month), width: 2)
    write(UInt8(ascii: "-"))
    writeDigits(UInt64(date.day), width: 2)
    write(UInt8(ascii: "T"))
    writeDigits(rest / 3_600_000, width: 2)
    write(UInt8(ascii: ":"))
    writeDigits(rest / 60_000 % 60, width: 2)
    write(UInt8(ascii: ":"))
    writeDigits(rest / 1000 % 60, width: 2)
    write(UInt8(ascii: "."))
    writeDigits(rest % 1000, width: 3)
    write(UInt8(ascii: "Z"))
  }
}
