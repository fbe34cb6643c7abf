/// Reads the parts of a written time from the front of some bytes.
struct TimeScanner: ~Escapable {
  private let text: Span<UInt8>
  private(set) var position = 0

  @_lifetime(copy text)
  init(_ text: Span<UInt8>) { self.text = text }

  var isAtEnd: Bool { position == text.count }

  /// The next byte, or nil at the end.
  var next: UInt8? { position < text.count ? text[position] : nil }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func expect(_ byte: UInt8) throws(TimeFault) {
    guard skip(byte) else { throw .malformed(at: position) }
  }

  func expectEnd() throws(TimeFault) {
    guard isAtEnd else { throw .malformed(at: position) }
  }

  /// Reads a whole number whose count of digits lies in `digits`.
  mutating func readNumber(digits: ClosedRange<Int>) throws(TimeFault) -> Int {
    let start = position
    var value = 0
    while position - start < digits.upperBound, let digit = next, digit &- 0x30 < 10 {
      value = value * 10 + Int(digit &- 0x30)
      position += 1
    }
    guard position - start >= digits.lowerBound else { throw .malformed(at: position) }
    return value
  }

  /// Reads 1 to 18 digits after a decimal sign as milliseconds; further digits than three are cut
  /// off.
  ///
  /// - Returns: The milliseconds, and whether what was cut off was more than zeros.
  mutating func readMilliseconds() throws(TimeFault) -> (value: Int, isCut: Bool) {
    let start = position
    var value = 0
    var weight = 100
    var isCut = false
    while position - start < 18, let digit = next, digit &- 0x30 < 10 {
      value += Int(digit &- 0x30) * weight
      if weight == 0, digit != 0x30 { isCut = true }
      weight /= 10
      position += 1
    }
    guard position > start else { throw .malformed(at: position) }
    return (value, isCut)
  }

  /// Reads `Z`, `UTC`, `GMT`, `+01`, `+0100`, `+01:00` or `+01:00:00` as seconds east of UTC.
  mutating func readOffset() throws(TimeFault) -> Int {
    if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) { return 0 }
    if try readWord(from: ["UTC", "GMT"]) != nil { return 0 }
    let isWest = next == UInt8(ascii: "-")
    guard isWest || next == UInt8(ascii: "+") else { throw .malformed(at: position) }
    position += 1
    let hours = try readNumber(digits: 2...2)
    let hasColon = skip(UInt8(ascii: ":"))
    let hasMinutes = hasColon || next.map { $0 &- 0x30 < 10 } ?? false
    let minutes = hasMinutes ? try readNumber(digits: 2...2) : 0
    let seconds = hasColon && skip(UInt8(ascii: ":")) ? try readNumber(digits: 2...2) : 0
    guard hours < 24, minutes < 60, seconds < 60 else { throw .outOfRange(.offset) }
    let offset = (hours * 60 + minutes) * 60 + seconds
    return isWest ? -offset : offset
  }

  /// Reads the longest of `words` that stands here, in any case of ASCII letters.
  ///
  /// - Returns: The index of the word, or nil if none stands here; then nothing is read.
  mutating func readWord(from words: [StaticString]) throws(TimeFault) -> Int? {
    var found: Int?
    var length = 0
    for (index, word) in words.enumerated() where word.utf8CodeUnitCount > length {
      guard startsWith(word) else { continue }
      found = index
      length = word.utf8CodeUnitCount
    }
    position += length
    return found
  }

  private func startsWith(_ word: StaticString) -> Bool {
    guard text.count - position >= word.utf8CodeUnitCount else { return false }
    for (index, byte) in word.description.utf8.enumerated()
    where text[position + index] | 0x20 != byte | 0x20 { return false }
    return true
  }
}
