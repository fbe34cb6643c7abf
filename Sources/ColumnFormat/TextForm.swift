internal import BinaryCoding

// form := letter u8, prefix length varint, prefix, suffix length varint, suffix, width u8
//
//   i  prefix, decimal digits without leading zeros, at most 18, suffix
//   w  the same with `width` digits, zeros leading
//   u  a UUID of version 4 with dashes, lower case         122 bits
//   U  the same as 32 digits                               122 bits
//   q  any UUID with dashes, lower case                    128 bits
//   h  prefix and 2 × width lower-case hexadecimal digits
//   t  time in the layout `width`, suffix                  see CalendarForm

/// A pattern that texts of a column follow, so that only what varies is stored.
struct TextForm: Hashable {
  var letter: UInt8
  var prefix: [UInt8] = []
  var suffix: [UInt8] = []
  /// Digits of `w`, bytes of `h`, layout of `t`.
  var width: UInt8 = 0

  static let integer = UInt8(ascii: "i")
  static let padded = UInt8(ascii: "w")
  static let uuid4 = UInt8(ascii: "u")
  static let plainUUID4 = UInt8(ascii: "U")
  static let uuid = UInt8(ascii: "q")
  static let hex = UInt8(ascii: "h")
  static let time = UInt8(ascii: "t")
  /// Most bytes of prefix and of suffix.
  static let affixBytesMax = 255
  /// Most bytes of `h`.
  static let hexBytesMax = 64

  /// Whether the values are integers.
  var isInteger: Bool { letter == Self.integer || letter == Self.padded || letter == Self.time }
  /// Whether the values are two words of together 122 or 128 bits.
  var isWide: Bool {
    letter == Self.uuid4 || letter == Self.plainUUID4 || letter == Self.uuid
  }

  /// How many bits the upper and the lower word of a wide value have.
  var wideBits: (upper: Int, lower: Int) { letter == Self.uuid ? (64, 64) : (60, 62) }

  /// The value of a text, if printing that gives the text again.
  ///
  /// - Parameter text: The text.
  /// - Returns: An integer in `lower`; both words of a wide value; of `h` nothing to go by.
  func value(of text: Span<UInt8>) -> (upper: UInt64, lower: UInt64)? {
    switch letter {
    case Self.integer, Self.padded: return integer(of: text)
    case Self.time:
      guard let form = CalendarForm(layout: width), let (value, byteCount) = form.value(of: text),
        text.extracting(byteCount..<text.count).isEqual(to: suffix.span)
      else { return nil }
      return (0, UInt64(bitPattern: value))
    case Self.uuid4, Self.uuid: return Self.uuid(text, isVersion4: letter == Self.uuid4)
    case Self.plainUUID4:
      guard text.count == 32, let upper = Self.hex(text, 0..<16),
        let lower = Self.hex(text, 16..<32)
      else { return nil }
      return Self.version4(upper, lower)
    case Self.hex:
      let count = prefix.count + 2 * Int(width)
      guard text.count == count, text.extracting(0..<prefix.count).isEqual(to: prefix.span) else {
        return nil
      }
      for index in prefix.count..<count where Self.digit(text[index]) > 15 { return nil }
      return (0, 0)
    default: return nil
    }
  }

  private func integer(of text: Span<UInt8>) -> (upper: UInt64, lower: UInt64)? {
    let end = text.count - suffix.count
    let digits = end - prefix.count
    guard 1...18 ~= digits, letter == Self.integer || digits == Int(width) else { return nil }
    var value: UInt64 = 0
    for index in prefix.count..<end {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value &* 10 &+ UInt64(digit)
    }
    if letter == Self.integer, digits > 1, text[prefix.count] == UInt8(ascii: "0") { return nil }
    guard text.extracting(0..<prefix.count).isEqual(to: prefix.span),
      text.extracting(end..<text.count).isEqual(to: suffix.span)
    else { return nil }
    return (0, value)
  }

  /// The value of a hexadecimal digit in lower case, or more than 15.
  @inline(__always)
  static func digit(_ byte: UInt8) -> UInt8 { digits[Int(byte)] }

  private static let digits: [UInt8] = {
    var digits = [UInt8](repeating: 255, count: 256)
    for (value, byte) in "0123456789abcdef".utf8.enumerated() {
      digits[Int(byte)] = UInt8(value)
    }
    return digits
  }()

  private static func hex(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
    var value: UInt64 = 0
    var seen: UInt8 = 0
    let digits = digits.span
    for index in range {
      let digit = digits[Int(text[index])]
      seen |= digit
      value = value &<< 4 | UInt64(digit & 15)
    }
    return seen > 15 ? nil : value
  }

  private static func version4(_ upper: UInt64, _ lower: UInt64)
    -> (upper: UInt64, lower: UInt64)?
  {
    guard upper >> 12 & 15 == 4, lower >> 62 == 2 else { return nil }
    return ((upper >> 16) << 12 | upper & 0xfff, lower & (1 << 62 - 1))
  }

  private static func uuid(_ text: Span<UInt8>, isVersion4: Bool)
    -> (upper: UInt64, lower: UInt64)?
  {
    let dash = UInt8(ascii: "-")
    guard text.count == 36, text[8] == dash, text[13] == dash, text[18] == dash,
      text[23] == dash, let a = hex(text, 0..<8), let b = hex(text, 9..<13),
      let c = hex(text, 14..<18), let d = hex(text, 19..<23), let e = hex(text, 24..<36)
    else { return nil }
    let upper = a << 32 | b << 16 | c
    let lower = d << 48 | e
    return isVersion4 ? version4(upper, lower) : (upper, lower)
  }

  /// How many bytes the text of an integer has.
  func byteCount(_ value: Int64) -> Int {
    switch letter {
    case Self.integer: prefix.count + Self.digitCount(value.magnitude) + suffix.count
    case Self.padded: prefix.count + Int(width) + suffix.count
    case Self.time: (CalendarForm(layout: width)?.byteCount(value) ?? 0) + suffix.count
    default: 0
    }
  }

  /// Whether an integer read from a stream can be printed.
  func holds(_ value: Int64) -> Bool {
    switch letter {
    case Self.integer: 0..<1_000_000_000_000_000_000 ~= value
    case Self.padded: value >= 0 && Self.digitCount(value.magnitude) <= Int(width)
    case Self.time: CalendarForm(layout: width)?.holds(value) ?? false
    default: false
    }
  }

  private static func digitCount(_ value: UInt64) -> Int {
    var count = 1
    var rest = value
    while rest > 9 {
      rest /= 10
      count &+= 1
    }
    return count
  }

  /// Prints an integer that ``holds(_:)``.
  func print(_ value: Int64, to writer: inout ByteWriter) {
    if letter == Self.time {
      CalendarForm(layout: width)?.print(value, to: &writer)
      return writer.write(suffix)
    }
    writer.write(prefix)
    let count = byteCount(value) - prefix.count - suffix.count
    let start = writer.count
    for _ in 0..<count { writer.write(UInt8(ascii: "0")) }
    var rest = value.magnitude
    var index = start + count
    while rest > 0, index > start {
      index -= 1
      writer.bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    writer.write(suffix)
  }

  /// Prints a wide value.
  func print(upper: UInt64, lower: UInt64, to writer: inout ByteWriter) {
    var (upper, lower) = (upper, lower)
    if letter != Self.uuid {
      upper = (upper >> 12) << 16 | 4 << 12 | upper & 0xfff
      lower |= 2 << 62
    }
    // Eight digits a word, the first in the lowest byte: hence "big-endian" of swapped words.
    let (a, b) = (Self.hexText(upper >> 32), Self.hexText(upper & 0xffff_ffff))
    let (c, d) = (Self.hexText(lower >> 32), Self.hexText(lower & 0xffff_ffff))
    guard letter != Self.plainUUID4 else {
      return writer.writeBigEndian(a.byteSwapped, b.byteSwapped, c.byteSwapped, d.byteSwapped)
    }
    let dash = UInt64(UInt8(ascii: "-"))
    let second = dash | (b & 0xffff_ffff) << 8 | dash << 40 | (b >> 32 & 0xffff) << 48
    let third = b >> 48 | dash << 16 | (c & 0xffff_ffff) << 24 | dash << 56
    writer.writeBigEndian(
      a.byteSwapped, second.byteSwapped, third.byteSwapped, (c >> 32 | d << 32).byteSwapped)
    writer.write(UInt32(truncatingIfNeeded: d >> 32))
  }

  /// The eight digits of 32 bits, the first in the lowest byte.
  @inline(__always)
  static func hexText(_ value: UInt64) -> UInt64 {
    var spread = value.byteSwapped &>> 32
    spread = (spread | spread &<< 16) & 0x0000_ffff_0000_ffff
    spread = (spread | spread &<< 8) & 0x00ff_00ff_00ff_00ff
    let nibbles = (spread &>> 4 & 0x000f_000f_000f_000f) | (spread & 0x000f_000f_000f_000f) &<< 8
    let letters = (nibbles &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39
  }

  func write(to writer: inout ByteWriter) {
    writer.write(letter)
    writer.writeLengthPrefixed(prefix)
    writer.writeLengthPrefixed(suffix)
    writer.write(width)
  }

  init(letter: UInt8, prefix: [UInt8] = [], suffix: [UInt8] = [], width: UInt8 = 0) {
    self.letter = letter
    self.prefix = prefix
    self.suffix = suffix
    self.width = width
  }

  /// Reads a form and checks that it is one that texts can be printed by.
  init(from reader: inout SpanReader) throws(ColumnFault) {
    letter = try reader.byte()
    prefix = try reader.lengthPrefixed(max: Self.affixBytesMax)
    suffix = try reader.lengthPrefixed(max: Self.affixBytesMax)
    width = try reader.byte()
    switch letter {
    case Self.integer, Self.uuid, Self.uuid4, Self.plainUUID4: break
    case Self.padded: try require(1...18 ~= width, "digits of a form")
    case Self.time: try require(CalendarForm(layout: width) != nil, "layout of a form")
    case Self.hex: try require(1...Self.hexBytesMax ~= Int(width), "bytes of a form")
    default: throw .bounds("letter of a form")
    }
  }
}
