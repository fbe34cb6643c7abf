internal import BinaryCoding

/// Strings: most are ranges of the input; those with escapes are unescaped behind it.
extension JSONDocument {
  /// Reads the string whose opening quote is at `position` and returns where its text lies.
  mutating func scanString(_ input: Span<UInt8>) throws(JSONFault) -> Range<Int> {
    let start = position + 1
    let end = try scanPlainText(input, from: start)
    if input[end] == UInt8(ascii: "\"") {
      position = end + 1
      return start..<end
    }
    return try scanEscapedString(input, from: start, firstEscape: end)
  }

  /// Returns where the plain text from `start` ends: at a quote or a backslash.
  private func scanPlainText(
    _ input: Span<UInt8>, from start: Int
  ) throws(JSONFault) -> Int {
    var index = input.endOfOrdinaryText(from: start)
    while index < input.count {
      let byte = input[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
      if byte < 0x20 { throw JSONFault(.controlCharacter, at: index) }
      if byte < 0x80 {
        index &+= 1
        continue
      }
      guard let length = input.utf8SequenceLength(at: index) else {
        throw JSONFault(.invalidUTF8, at: index)
      }
      index &+= length
    }
    throw JSONFault(.truncated, at: index)
  }

  private mutating func scanEscapedString(
    _ input: Span<UInt8>, from start: Int, firstEscape: Int
  ) throws(JSONFault) -> Range<Int> {
    let textStart = text.count
    text.write(input.extracting(start..<firstEscape))
    position = firstEscape
    while input[position] == UInt8(ascii: "\\") {
      try scanEscape(input)
      let end = try scanPlainText(input, from: position)
      text.write(input.extracting(position..<end))
      position = end
    }
    position += 1
    return textStart..<text.count
  }

  /// Reads the escape whose backslash is at `position` and appends what it stands for.
  private mutating func scanEscape(_ input: Span<UInt8>) throws(JSONFault) {
    guard position + 1 < input.count else { throw JSONFault(.truncated, at: input.count) }
    let letter = input[position + 1]
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.write(letter)
    case UInt8(ascii: "b"): text.write(0x08 as UInt8)
    case UInt8(ascii: "f"): text.write(0x0c as UInt8)
    case UInt8(ascii: "n"): text.write(0x0a as UInt8)
    case UInt8(ascii: "r"): text.write(0x0d as UInt8)
    case UInt8(ascii: "t"): text.write(0x09 as UInt8)
    case UInt8(ascii: "u"): return try scanUnicodeEscape(input)
    default: throw JSONFault(.malformedEscape, at: position)
    }
    position += 2
  }

  private mutating func scanUnicodeEscape(_ input: Span<UInt8>) throws(JSONFault) {
    let start = position
    let unit = try scanCodeUnit(input)
    switch unit {
    case 0xd800..<0xdc00:
      guard position + 1 < input.count, input[position] == UInt8(ascii: "\\"),
        input[position + 1] == UInt8(ascii: "u")
      else { throw JSONFault(.loneSurrogate, at: start) }
      let low = try scanCodeUnit(input)
      guard 0xdc00..<0xe000 ~= low else { throw JSONFault(.loneSurrogate, at: start) }
      text.bytes.appendUTF8(0x1_0000 + ((unit & 0x3ff) << 10 | (low & 0x3ff)))
    case 0xdc00..<0xe000: throw JSONFault(.loneSurrogate, at: start)
    default: text.bytes.appendUTF8(unit)
    }
  }

  /// Reads `\uXXXX` at `position`.
  private mutating func scanCodeUnit(_ input: Span<UInt8>) throws(JSONFault) -> UInt32 {
    guard position + 6 <= input.count else { throw JSONFault(.truncated, at: input.count) }
    var unit: UInt32 = 0
    for index in (position + 2)..<(position + 6) {
      let digit: UInt8
      switch input[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = input[index] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = input[index] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = input[index] - UInt8(ascii: "A") + 10
      default: throw JSONFault(.malformedEscape, at: position)
      }
      unit = unit << 4 | UInt32(digit)
    }
    position += 6
    return unit
  }
}

extension Span<UInt8> {
  /// Where the run of ASCII text ends that needs no look at single bytes: at most seven bytes before
  /// the first quote, backslash, control character or byte beyond ASCII, or before the end.
  ///
  /// Source: the "haszero" and "hasless" tests of S. E. Anderson, *Bit Twiddling Hacks*.
  fileprivate func endOfOrdinaryText(from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highBits: UInt64 = 0x8080_8080_8080_8080
    var index = start
    while index &+ 8 <= count {
      let word = word(at: index)
      let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      let special =
        (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
        | (word &- ones &* 0x20) & ~word | word
      if special & highBits != 0 { return index }
      index &+= 8
    }
    return index
  }
}
