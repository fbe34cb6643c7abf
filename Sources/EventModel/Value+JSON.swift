public import BinaryCoding

extension Value {
  /// Writes the value as JSON, without spaces, fields in the order given.
  ///
  /// Decimals and numbers keep their digits; control characters are escaped; all other text is
  /// UTF-8 as it is.
  public func writeJSON(to writer: inout ByteWriter) {
    switch self {
    case .null: writer.bytes.append(contentsOf: "null".utf8)
    case .boolean(let value): writer.bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): writer.bytes.append(contentsOf: String(value).utf8)
    case .decimal(let value): writer.bytes.append(contentsOf: value.description.utf8)
    case .number(let text): writer.bytes.append(contentsOf: text.utf8)
    case .text(let text): Self.writeJSONString(text, to: &writer)
    case .array(let values):
      writer.write(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { writer.write(UInt8(ascii: ",")) }
        value.writeJSON(to: &writer)
      }
      writer.write(UInt8(ascii: "]"))
    case .object(let fields):
      writer.write(UInt8(ascii: "{"))
      for (index, field) in fields.enumerated() {
        if index > 0 { writer.write(UInt8(ascii: ",")) }
        Self.writeJSONString(field.name, to: &writer)
        writer.write(UInt8(ascii: ":"))
        field.value.writeJSON(to: &writer)
      }
      writer.write(UInt8(ascii: "}"))
    }
  }

  /// The value as one line of JSON.
  public var json: String {
    var writer = ByteWriter()
    writeJSON(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func writeJSONString(_ text: String, to writer: inout ByteWriter) {
    let digits = Array("0123456789abcdef".utf8)
    writer.write(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        writer.write(UInt8(ascii: "\\"))
        writer.write(byte)
      case 0x0a: writer.bytes.append(contentsOf: "\\n".utf8)
      case 0x0d: writer.bytes.append(contentsOf: "\\r".utf8)
      case 0x09: writer.bytes.append(contentsOf: "\\t".utf8)
      case 0x00..<0x20, 0x7f:
        writer.bytes.append(contentsOf: "\\u00".utf8)
        writer.write(digits[Int(byte >> 4)])
        writer.write(digits[Int(byte & 15)])
      default: writer.write(byte)
      }
    }
    writer.write(UInt8(ascii: "\""))
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// An integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// Nothing.
  public init(nilLiteral: ()) { self = .null }
}
