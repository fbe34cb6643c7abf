public import BinaryCoding

// The canonical encoding of a value, version 0:
//
//   value  := tag u8, payload
//   0 null     1 false     2 true
//   3 integer  zigzag varint
//   4 decimal  coefficient zigzag varint, scale varint 1…18
//   5 number   length varint, ASCII as written, a number by JSON's grammar
//   6 text     length varint, UTF-8
//   7 array    count varint, values
//   8 object   count varint, (name length varint, name UTF-8, value)* in byte order of the names
//
// Valid: at most 64 levels deep, names of one object strictly ascending, text valid UTF-8, nothing
// longer than 1 MiB. One value has one encoding, except that 12.5 and 12.50 stay apart.

/// The tag that begins a value's canonical encoding.
public enum ValueTag {
  /// Nothing.
  public static let null: UInt8 = 0
  /// The boolean false.
  public static let no: UInt8 = 1
  /// The boolean true.
  public static let yes: UInt8 = 2
  /// A 64-bit integer.
  public static let integer: UInt8 = 3
  /// A decimal fraction.
  public static let decimal: UInt8 = 4
  /// A number as text.
  public static let number: UInt8 = 5
  /// UTF-8 text.
  public static let text: UInt8 = 6
  /// An array.
  public static let array: UInt8 = 7
  /// An object.
  public static let object: UInt8 = 8
}

/// Limits of an event, checked when one is made and when one is read.
public enum EventLimits {
  /// Levels of nesting in a value.
  public static let depthMax = 64
  /// Bytes of an encoded event: 1 MiB.
  public static let eventByteCountMax = 1 << 20
  /// Sections of an event, facts included.
  public static let sectionCountMax = 16
  /// No origin counts further: 2⁵⁶.
  public static let sequenceMax: UInt64 = 1 << 56
}

extension Value {
  /// Writes the canonical encoding; fields of objects are put in order.
  public func write(to writer: inout ByteWriter) {
    switch self {
    case .null: writer.write(ValueTag.null)
    case .boolean(let value): writer.write(value ? ValueTag.yes : ValueTag.no)
    case .integer(let value):
      writer.write(ValueTag.integer)
      writer.writeSignedVarint(value)
    case .decimal(let value):
      guard value.scale > 0 else { return Value.integer(value.coefficient).write(to: &writer) }
      writer.write(ValueTag.decimal)
      writer.writeSignedVarint(value.coefficient)
      writer.writeVarint(UInt64(value.scale))
    case .number(let text):
      writer.write(ValueTag.number)
      writer.writeLengthPrefixed(text)
    case .text(let text):
      writer.write(ValueTag.text)
      writer.writeLengthPrefixed(text)
    case .array(let values):
      writer.write(ValueTag.array)
      writer.writeVarint(UInt64(values.count))
      for value in values { value.write(to: &writer) }
    case .object(let fields):
      writer.write(ValueTag.object)
      Self.write(fields, to: &writer)
    }
  }

  static func write(_ fields: [Field], to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(fields.count))
    for field in fields.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      writer.writeLengthPrefixed(field.name)
      field.value.write(to: &writer)
    }
  }

  /// The canonical encoding.
  public var encoded: [UInt8] {
    var writer = ByteWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// Reads one value and checks every rule of the encoding.
  ///
  /// - Parameter reader: Stands at the value's tag.
  /// - Throws: ``DecodingFault``.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    try self.init(from: &reader, depth: 0)
  }

  private init(from reader: inout ByteReader, depth: Int) throws(DecodingFault) {
    let start = reader.offset
    guard depth <= EventLimits.depthMax else {
      throw .tooLarge(value: UInt64(depth), max: UInt64(EventLimits.depthMax), at: start)
    }
    let tag = try reader.readByte()
    switch tag {
    case ValueTag.null: self = .null
    case ValueTag.no: self = .boolean(false)
    case ValueTag.yes: self = .boolean(true)
    case ValueTag.integer: self = .integer(try reader.readSignedVarint())
    case ValueTag.decimal:
      let coefficient = try reader.readSignedVarint()
      let scale = try reader.readCount(max: Int(Decimal64.scaleMax))
      guard scale > 0, let decimal = Decimal64(coefficient: coefficient, scale: UInt8(scale)) else {
        throw .notCanonical(field: "scale", at: start)
      }
      self = .decimal(decimal)
    case ValueTag.number:
      let text = try reader.readLengthPrefixedBytes(max: EventLimits.eventByteCountMax)
      guard Self.isJSONNumber(text.span) else { throw .notCanonical(field: "number", at: start) }
      self = .number(String(decoding: text, as: UTF8.self))
    case ValueTag.text: self = .text(try reader.readText())
    case ValueTag.array:
      // Each element takes a byte at least, so the count is bounded by what is left.
      let count = try reader.readCount(max: reader.remaining)
      var values: [Value] = []
      for _ in 0..<count { values.append(try Value(from: &reader, depth: depth + 1)) }
      self = .array(values)
    case ValueTag.object: self = .object(try Self.readFields(from: &reader, depth: depth + 1))
    default: throw .unknownValue(field: "value tag", value: UInt64(tag), at: start)
    }
  }

  static func readFields(
    from reader: inout ByteReader, depth: Int
  ) throws(DecodingFault) -> [Field] {
    let count = try reader.readCount(max: reader.remaining)
    var fields: [Field] = []
    for _ in 0..<count {
      let start = reader.offset
      let name = try reader.readText()
      if let last = fields.last, !last.name.utf8.lexicographicallyPrecedes(name.utf8) {
        throw .notCanonical(field: "name order", at: start)
      }
      fields.append(Field(name, try Value(from: &reader, depth: depth)))
    }
    return fields
  }

  /// Steps over one value without making it.
  ///
  /// - Parameter reader: Stands at the value's tag, afterwards just behind the value.
  /// - Throws: ``DecodingFault``.
  public static func skip(from reader: inout ByteReader) throws(DecodingFault) {
    try skip(from: &reader, depth: 0)
  }

  private static func skip(from reader: inout ByteReader, depth: Int) throws(DecodingFault) {
    let start = reader.offset
    guard depth <= EventLimits.depthMax else {
      throw .tooLarge(value: UInt64(depth), max: UInt64(EventLimits.depthMax), at: start)
    }
    let tag = try reader.readByte()
    switch tag {
    case ValueTag.null, ValueTag.no, ValueTag.yes: break
    case ValueTag.integer: _ = try reader.readVarint()
    case ValueTag.decimal:
      _ = try reader.readVarint()
      _ = try reader.readVarint()
    case ValueTag.number, ValueTag.text:
      _ = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
    case ValueTag.array:
      for _ in 0..<(try reader.readCount(max: reader.remaining)) {
        try skip(from: &reader, depth: depth + 1)
      }
    case ValueTag.object:
      for _ in 0..<(try reader.readCount(max: reader.remaining)) {
        _ = try reader.readLengthPrefixedRange(max: EventLimits.eventByteCountMax)
        try skip(from: &reader, depth: depth + 1)
      }
    default: throw .unknownValue(field: "value tag", value: UInt64(tag), at: start)
    }
  }
}

extension ByteReader {
  /// Reads a length-prefixed run of UTF-8.
  @_lifetime(self: copy self)
  mutating func readText() throws(DecodingFault) -> String {
    let start = offset
    let bytes = try readLengthPrefixedBytes(max: EventLimits.eventByteCountMax)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .invalidUTF8(at: start)
    }
    return text
  }
}
