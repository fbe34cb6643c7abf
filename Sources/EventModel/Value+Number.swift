extension Value {
  /// Whether `text` is a number by the grammar of JSON, RFC 8259 §6.
  ///
  /// A number that fits neither integer nor decimal is kept as its text, and that text reaches JSON
  /// output as it is; so it is checked wherever one comes in.
  public static func isJSONNumber(_ text: Span<UInt8>) -> Bool {
    var index = 0
    if index < text.count, text[index] == UInt8(ascii: "-") { index += 1 }
    let integerStart = index
    guard skipDigits(of: text, from: &index) else { return false }
    let hasLeadingZero = text[integerStart] == UInt8(ascii: "0") && index - integerStart > 1
    if hasLeadingZero { return false }
    if index < text.count, text[index] == UInt8(ascii: ".") {
      index += 1
      guard skipDigits(of: text, from: &index) else { return false }
    }
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      let isSigned = index < text.count && [0x2b, 0x2d].contains(text[index])
      if isSigned { index += 1 }
      guard skipDigits(of: text, from: &index) else { return false }
    }
    return index == text.count
  }

  /// Steps over decimal digits; false when there is none.
  private static func skipDigits(of text: Span<UInt8>, from index: inout Int) -> Bool {
    let start = index
    while index < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) {
      index += 1
    }
    return index > start
  }
}
