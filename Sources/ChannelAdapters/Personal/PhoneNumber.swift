/// Recognises telephone numbers.
///
/// Source: ITU-T E.164: at most 15 digits with the country's, none of which begins with 0.
enum PhoneNumber {
  /// How many digits an international number has.
  static let digitCounts = 8...15

  /// How many digits make a number without a plus sign; eight are a date as often as a telephone.
  static let nationalDigitCounts = 9...12

  /// Whether a text holds a plus sign and an international number behind it.
  static func isInternational(in text: Span<UInt8>) -> Bool {
    text.indices.contains { index in
      guard text[index] == UInt8(ascii: "+"), !text.isLetterOrDigit(at: index - 1),
        text.isDigit(at: index + 1), text[index + 1] != UInt8(ascii: "0")
      else { return false }
      let (count, end) = digits(of: text, from: index + 1)
      return digitCounts ~= count && !text.isLetterOrDigit(at: end)
    }
  }

  /// Whether a whole text is a number as people write it in their own country, or with 00 before
  /// that of another: digits, with spaces, hyphens, points, slashes and brackets among them.
  static func isNational(_ text: Span<UInt8>) -> Bool {
    let start = text.isByte(UInt8(ascii: "("), at: 0) ? 1 : 0
    guard text.isDigit(at: start) else { return false }
    let (count, end) = digits(of: text, from: start)
    guard end == text.count else { return false }
    let isForeign =
      text.isByte(UInt8(ascii: "0"), at: start) && text.isByte(UInt8(ascii: "0"), at: start + 1)
      && digitCounts ~= count - 2
    return (isForeign || nationalDigitCounts ~= count) && !isDecimal(text) && !isDate(text)
  }

  /// Counts digits up to the first byte that neither is one nor stands between them; what is between
  /// the last digit and that byte is not part of them.
  private static func digits(of text: Span<UInt8>, from start: Int) -> (count: Int, end: Int) {
    var (index, count, end) = (start, 0, start)
    while index < text.count {
      if text.isDigit(at: index) {
        count += 1
        end = index + 1
      } else if !isSeparator(text[index]) {
        break
      }
      index += 1
    }
    return (count, end)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"),
      UInt8(ascii: "("), UInt8(ascii: ")"):
      true
    default: false
    }
  }

  /// Whether the only separator is one point, as in an amount.
  private static func isDecimal(_ text: Span<UInt8>) -> Bool {
    var pointCount = 0
    for index in text.indices where !text.isDigit(at: index) {
      guard text[index] == UInt8(ascii: ".") else { return false }
      pointCount += 1
    }
    return pointCount == 1
  }

  /// Whether the text begins with year, month, day or day, month, year.
  private static func isDate(_ text: Span<UInt8>) -> Bool {
    var (pieces, piece): ([Int], Int) = ([], 0)
    for index in text.indices where pieces.count < 3 {
      if text.isDigit(at: index) {
        piece += 1
      } else {
        pieces.append(piece)
        piece = 0
      }
    }
    pieces.append(piece)
    guard pieces.count >= 3 else { return false }
    let year = pieces[0] == 4 ? 0 : pieces[0] + pieces[1] + 2
    guard text.isByte(UInt8(ascii: "1"), at: year) || text.isByte(UInt8(ascii: "2"), at: year)
    else { return false }
    return pieces[0] == 4
      ? 1...2 ~= pieces[1] && 1...2 ~= pieces[2]
      : 1...2 ~= pieces[0] && 1...2 ~= pieces[1] && pieces[2] == 4
  }
}
