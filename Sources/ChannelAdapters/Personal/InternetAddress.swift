/// Recognises addresses of the internet protocol.
enum InternetAddress {
  /// The fewest digits of an address of version 4; four single digits are the version of a program.
  static let digitCountMin = 5

  /// Whether a text holds four numbers up to 255 with points between, such as `192.0.2.1`.
  static func isVersion4(in text: Span<UInt8>) -> Bool {
    text.indices.contains { index in
      text.isDigit(at: index) && !text.isLetterOrDigit(at: index - 1)
        && !text.isByte(UInt8(ascii: "."), at: index - 1) && isVersion4(text, from: index)
    }
  }

  private static func isVersion4(_ text: Span<UInt8>, from start: Int) -> Bool {
    var index = start
    for part in 0..<4 {
      if part > 0 {
        guard text.isByte(UInt8(ascii: "."), at: index) else { return false }
        index += 1
      }
      var number = DigitRun()
      let first = index
      while text.isDigit(at: index), number.count < 4 {
        number.append(text[index])
        index += 1
      }
      let hasSuperfluousZero = number.count > 1 && text[first] == UInt8(ascii: "0")
      guard 1...3 ~= number.count, number.value <= 255, !hasSuperfluousZero else { return false }
    }
    let isLonger =
      text.isLetterOrDigit(at: index)
      || text.isByte(UInt8(ascii: "."), at: index) && text.isDigit(at: index + 1)
    // Three points stand among the digits.
    return !isLonger && index - start - 3 >= digitCountMin
  }

  /// Whether a text holds eight groups of hexadecimal digits with colons between, or at least three
  /// with one double colon for those left out, such as `2001:db8::7`.
  static func isVersion6(in text: Span<UInt8>) -> Bool {
    var index = 0
    while index < text.count {
      let start = index
      while index < text.count, isPart(text[index]) { index += 1 }
      let isApart = !text.isLetterOrDigit(at: start - 1) && !text.isLetterOrDigit(at: index)
      if isApart, isVersion6(text.extracting(start..<index)) { return true }
      index += 1
    }
    return false
  }

  private static func isPart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ":") || byte &- UInt8(ascii: "0") < 10
      || (byte | 0x20) &- UInt8(ascii: "a") < 6
  }

  private static func isVersion6(_ text: Span<UInt8>) -> Bool {
    var (groupCount, digitCount, doubleCount) = (0, 0, 0)
    for index in text.indices {
      guard text[index] == UInt8(ascii: ":") else {
        digitCount += 1
        groupCount += digitCount == 1 ? 1 : 0
        guard digitCount <= 4 else { return false }
        continue
      }
      digitCount = 0
      doubleCount += text.isByte(UInt8(ascii: ":"), at: index + 1) ? 1 : 0
    }
    return doubleCount == 0 ? groupCount == 8 : doubleCount == 1 && 3...7 ~= groupCount
  }
}
