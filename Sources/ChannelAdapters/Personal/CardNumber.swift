/// Recognises numbers of payment cards.
///
/// A number counts if its first digits and its length are a network's and its check digit is right,
/// so that of other long numbers one in some hundred is taken for a card. Article numbers (EAN) have
/// 8, 12 or 13 digits and are none: cards of 13 digits are no longer issued.
///
/// Source: ISO/IEC 7812-1, annex B, for the check digit; the networks' published ranges.
enum CardNumber {
  /// The fewest digits of a card.
  static let digitCountMin = 14

  /// First four digits and lengths of the networks.
  private static let networks: [(first: ClosedRange<UInt64>, counts: ClosedRange<Int>)] = [
    (4000...4999, 16...16), (4000...4999, 19...19),  // Visa
    (5100...5599, 16...16), (2221...2720, 16...16),  // Mastercard
    (3400...3499, 15...15), (3700...3799, 15...15),  // American Express
    (3000...3059, 14...14), (3600...3699, 14...14), (3800...3999, 14...14),  // Diners Club
    (6011...6011, 16...19), (6440...6599, 16...19),  // Discover
    (3528...3589, 16...19),  // JCB
    (6200...6299, 16...19),  // UnionPay
    (2200...2204, 16...19),  // Mir
    (5018...5018, 16...16), (5020...5020, 16...16), (5038...5038, 16...16),  // Maestro
    (5893...5893, 16...16), (6304...6304, 16...16), (6759...6763, 16...16),
  ]

  /// Whether these are a card's digits.
  static func isCard(_ digits: DigitRun) -> Bool {
    guard digitCountMin...DigitRun.countMax ~= digits.count else { return false }
    let first = digits.firstFour
    return networks.contains { $0.first ~= first && $0.counts ~= digits.count }
      && hasCheckDigit(digits.value)
  }

  /// Whether the sum of the digits, every second from the right doubled, is a multiple of ten.
  private static func hasCheckDigit(_ number: UInt64) -> Bool {
    var (rest, sum, isDoubled): (UInt64, UInt64, Bool) = (number, 0, false)
    while rest > 0 {
      let digit = rest % 10
      // The digits of a doubled digit are added, too.
      sum += isDoubled ? digit * 2 - (digit > 4 ? 9 : 0) : digit
      isDoubled.toggle()
      rest /= 10
    }
    return sum % 10 == 0
  }

  /// Whether a text holds a card's number, by itself or between other signs than letters and digits.
  static func isIn(_ text: Span<UInt8>) -> Bool {
    text.indices.contains { index in
      text.isDigit(at: index) && !text.isLetterOrDigit(at: index - 1)
        && !text.isByte(UInt8(ascii: "."), at: index - 1) && isCard(in: text, from: index)
    }
  }

  /// Whether a card's number begins here, in one piece or in pieces of which the first has four
  /// digits, with single spaces or hyphens between.
  private static func isCard(in text: Span<UInt8>, from start: Int) -> Bool {
    var (index, digits) = (start, DigitRun())
    while digits.count <= DigitRun.countMax {
      while text.isDigit(at: index) {
        digits.append(text[index])
        index += 1
      }
      guard !text.isLetterOrDigit(at: index) else { return false }
      if isCard(digits) { return true }
      let isInPieces = index - start == 4 || digits.count < index - start
      let isSeparator =
        text.isByte(UInt8(ascii: " "), at: index) || text.isByte(UInt8(ascii: "-"), at: index)
      guard isInPieces, isSeparator, text.isDigit(at: index + 1) else { return false }
      index += 1
    }
    return false
  }
}
