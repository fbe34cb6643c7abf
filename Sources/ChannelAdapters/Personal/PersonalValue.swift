/// What a value looks like that names a person, wherever it stands.
///
/// Facts outlive a person's erasure, so a value that looks like one of these does not become a fact
/// by itself. The recognisers look at a form and know no meaning: names and addresses pass, and a
/// number that only looks like a telephone's is held back.
package enum PersonalValue: String, CaseIterable, Sendable {
  /// Anything with an at sign, as e-mail addresses and many handles have one; also written `%40`.
  case email = "e-mail"
  /// An international telephone number; in fields that are no codes, a national one, too.
  case phone
  /// The number of a payment card.
  case card
  /// An address of the internet protocol, version 4 or 6.
  case internetAddress = "internet address"

  /// Looks at a text.
  ///
  /// - Parameters:
  ///   - text: UTF-8.
  ///   - isCode: Whether the field holds codes such as order numbers, so that mere digits are no
  ///     telephone number.
  /// - Complexity: O(bytes); one pass over most texts.
  package init?(_ text: Span<UInt8>, isCode: Bool) {
    var (digitCount, colonCount, hasAtSign) = (0, 0, false)
    for index in text.indices {
      switch text[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digitCount += 1
      case UInt8(ascii: ":"): colonCount += 1
      case UInt8(ascii: "@"): hasAtSign = true
      case UInt8(ascii: "%"): hasAtSign = hasAtSign || text.isEscapedAtSign(at: index)
      default: break
      }
    }
    if hasAtSign {
      self = .email
    } else if digitCount >= InternetAddress.digitCountMin && InternetAddress.isVersion4(in: text)
      || colonCount >= 2 && InternetAddress.isVersion6(in: text)
    {
      self = .internetAddress
    } else if digitCount >= CardNumber.digitCountMin, CardNumber.isIn(text) {
      self = .card
    } else if digitCount >= PhoneNumber.digitCounts.lowerBound,
      PhoneNumber.isInternational(in: text) || !isCode && PhoneNumber.isNational(text)
    {
      self = .phone
    } else {
      return nil
    }
  }

  /// Looks at a whole number that is no amount of money and no time.
  package init?(_ number: Int64) {
    guard number > 0 else { return nil }
    let digits = DigitRun(number.magnitude)
    if PhoneNumber.nationalDigitCounts ~= digits.count {
      self = .phone
    } else if CardNumber.isCard(digits) {
      self = .card
    } else {
      return nil
    }
  }

  /// Whether a field of this name holds codes: its name ends in `_id`, or it is one of the
  /// catalogue's names for numbers of things.
  package static func isCode(fieldName: String) -> Bool {
    fieldName.hasSuffix("_id")
      || ["coupon", "in_reply_to", "receipt", "sku", "variant"].contains(fieldName)
  }
}

/// Digits read from left to right, at most 19.
struct DigitRun {
  /// Their value.
  private(set) var value: UInt64 = 0
  /// How many there are.
  private(set) var count = 0

  /// The most digits whose value 64 bits hold whatever they are.
  static let countMax = 19

  init() {}

  init(_ value: UInt64) {
    self.value = value
    var rest = value
    while rest > 0 {
      rest /= 10
      count += 1
    }
  }

  /// Adds a digit, unless the run is full.
  mutating func append(_ byte: UInt8) {
    count += 1
    if count <= Self.countMax { value = value * 10 + UInt64(byte &- UInt8(ascii: "0")) }
  }

  /// The value of the first four digits of at least as many.
  var firstFour: UInt64 {
    var value = value
    for _ in 4..<max(4, count) { value /= 10 }
    return value
  }
}

extension Span<UInt8> {
  func isDigit(at index: Int) -> Bool {
    indices.contains(index) && self[index] &- UInt8(ascii: "0") < 10
  }

  func isLetterOrDigit(at index: Int) -> Bool {
    guard indices.contains(index) else { return false }
    return isDigit(at: index) || (self[index] | 0x20) &- UInt8(ascii: "a") < 26
  }

  func isByte(_ byte: UInt8, at index: Int) -> Bool {
    indices.contains(index) && self[index] == byte
  }

  fileprivate func isEscapedAtSign(at index: Int) -> Bool {
    isByte(UInt8(ascii: "4"), at: index + 1) && isByte(UInt8(ascii: "0"), at: index + 2)
  }
}
