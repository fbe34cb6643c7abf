/// Checking UTF-8 as the Unicode Standard defines it: no overlong forms, no surrogates, nothing
/// above U+10FFFF.
///
/// Source: *The Unicode Standard 16.0*, table 3-7.
extension Span<UInt8> {
  /// The length of the well-formed sequence that starts at `index`, 1 to 4, or nil if there is
  /// none.
  func utf8SequenceLength(at index: Int) -> Int? {
    let lead = self[index]
    switch lead {
    case 0..<0x80: return 1
    case 0xc2...0xdf: return hasContinuation(at: index + 1) ? 2 : nil
    case 0xe0...0xef:
      let second: ClosedRange<UInt8> =
        lead == 0xe0 ? 0xa0...0xbf : lead == 0xed ? 0x80...0x9f : 0x80...0xbf
      return hasContinuation(at: index + 1, in: second) && hasContinuation(at: index + 2) ? 3 : nil
    case 0xf0...0xf4:
      let second: ClosedRange<UInt8> =
        lead == 0xf0 ? 0x90...0xbf : lead == 0xf4 ? 0x80...0x8f : 0x80...0xbf
      return hasContinuation(at: index + 1, in: second) && hasContinuation(at: index + 2)
        && hasContinuation(at: index + 3) ? 4 : nil
    default: return nil
    }
  }

  private func hasContinuation(
    at index: Int, in range: ClosedRange<UInt8> = 0x80...0xbf
  ) -> Bool {
    index < count && range.contains(self[index])
  }

  /// The offset of the first byte that belongs to no well-formed sequence, or nil if all do.
  ///
  /// - Complexity: O(count).
  func firstInvalidUTF8() -> Int? {
    var index = 0
    while index < count {
      if self[index] < 0x80 {
        index &+= 1
        continue
      }
      guard let length = utf8SequenceLength(at: index) else { return index }
      index &+= length
    }
    return nil
  }
}

extension [UInt8] {
  /// Appends the UTF-8 form of a Unicode scalar value.
  mutating func appendUTF8(_ scalar: UInt32) {
    switch scalar {
    case 0..<0x80:
      append(UInt8(truncatingIfNeeded: scalar))
    case 0x80..<0x800:
      append(0xc0 | UInt8(truncatingIfNeeded: scalar &>> 6))
      append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3f))
    case 0x800..<0x1_0000:
      append(0xe0 | UInt8(truncatingIfNeeded: scalar &>> 12))
      append(0x80 | UInt8(truncatingIfNeeded: (scalar &>> 6) & 0x3f))
      append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3f))
    default:
      append(0xf0 | UInt8(truncatingIfNeeded: scalar &>> 18))
      append(0x80 | UInt8(truncatingIfNeeded: (scalar &>> 12) & 0x3f))
      append(0x80 | UInt8(truncatingIfNeeded: (scalar &>> 6) & 0x3f))
      append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3f))
    }
  }
}
