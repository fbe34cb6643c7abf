/// A field's value, decoded.
///
/// Everything JSON can say is kept exactly: integers of 64 bits, decimals as coefficient and scale,
/// any other number as its text. There is no floating point.
public indirect enum Value: Hashable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  /// A decimal fraction as it was written: 12.50 keeps its two places.
  case decimal(Decimal64)
  /// A JSON number that fits neither, such as one of 30 digits, as it was written.
  case number(String)
  case text(String)
  case array([Value])
  /// Fields in byte order of their names, each name once.
  case object([Field])

  /// A name and its value.
  public struct Field: Hashable, Sendable {
    /// The name, unique within its object.
    public let name: String
    /// The value.
    public let value: Value

    /// Joins a name and a value.
    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// The value of the field `name`, when this is an object that has it.
  public subscript(name: String) -> Value? {
    guard case .object(let fields) = self else { return nil }
    return fields.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// The text, when this is text.
  public var text: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  /// The integer, when this is one.
  public var integer: Int64? {
    guard case .integer(let integer) = self else { return nil }
    return integer
  }
}

// Text and names are equal if their bytes are: Swift's own equality of strings takes texts for equal
// that differ in bytes, such as the two ways to write é.

extension Value {
  /// Whether both have the same encoding.
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.boolean(let one), .boolean(let other)): one == other
    case (.integer(let one), .integer(let other)): one == other
    case (.decimal(let one), .decimal(let other)): one == other
    case (.number(let one), .number(let other)), (.text(let one), .text(let other)):
      one.utf8.elementsEqual(other.utf8)
    case (.array(let one), .array(let other)): one == other
    case (.object(let one), .object(let other)): one == other
    default: false
    }
  }

  /// Feeds what ``==(_:_:)`` compares.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .boolean(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .decimal(let value): hasher.combine(value)
    case .number(let text), .text(let text):
      for byte in text.utf8 { hasher.combine(byte) }
    case .array(let values): hasher.combine(values)
    case .object(let fields): hasher.combine(fields)
    }
  }
}

extension Value.Field {
  /// Whether name and value have the same encoding.
  public static func == (left: Value.Field, right: Value.Field) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8) && left.value == right.value
  }

  /// Feeds what ``==(_:_:)`` compares.
  public func hash(into hasher: inout Hasher) {
    for byte in name.utf8 { hasher.combine(byte) }
    hasher.combine(value)
  }
}

/// An exact decimal fraction: `coefficient / 10^scale`.
public struct Decimal64: Hashable, Sendable, CustomStringConvertible {
  /// The digits without the point.
  public let coefficient: Int64
  /// How many digits stand after the point, 0 to 18.
  public let scale: UInt8

  /// The largest ``scale``.
  public static let scaleMax: UInt8 = 18

  /// A fraction from its parts, or nothing when `scale` exceeds 18.
  public init?(coefficient: Int64, scale: UInt8) {
    guard scale <= Self.scaleMax else { return nil }
    self.coefficient = coefficient
    self.scale = scale
  }

  /// A whole number.
  public init(_ integer: Int64) {
    coefficient = integer
    scale = 0
  }

  /// The same amount with exactly `places` digits after the point, or nothing when digits would be
  /// lost or the coefficient would overflow.
  public func rescaled(to places: UInt8) -> Decimal64? {
    guard places <= Self.scaleMax else { return nil }
    var value = coefficient
    var at = scale
    while at < places {
      let (next, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = next
      at += 1
    }
    while at > places {
      guard value % 10 == 0 else { return nil }
      value /= 10
      at -= 1
    }
    return Decimal64(coefficient: value, scale: places)
  }

  /// The sum, or nothing when it does not fit.
  public func adding(_ other: Decimal64) -> Decimal64? {
    let places = max(scale, other.scale)
    guard let left = rescaled(to: places), let right = other.rescaled(to: places) else {
      return nil
    }
    let (sum, overflow) = left.coefficient.addingReportingOverflow(right.coefficient)
    return overflow ? nil : Decimal64(coefficient: sum, scale: places)
  }

  /// The fraction in decimal digits, such as `-12.50`.
  public var description: String {
    guard scale > 0 else { return String(coefficient) }
    let digits = String(coefficient.magnitude)
    let places = Int(scale)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
    return (coefficient < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
  }
}
