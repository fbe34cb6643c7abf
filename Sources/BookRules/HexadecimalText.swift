internal import HybridTime

// Names in control events are lowercase hexadecimal digits of fixed length, so one thing has one
// text. Upper case, signs and other lengths name nothing.

/// The bytes that `text` spells, or nothing unless it is `2 * byteCount` lowercase digits.
func hexadecimalBytes(_ text: some StringProtocol, byteCount: Int) -> [UInt8]? {
  let digits = text.utf8
  guard digits.count == 2 * byteCount else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(byteCount)
  var high: UInt8?
  for digit in digits {
    guard let value = hexadecimalValue(digit) else { return nil }
    if let first = high {
      bytes.append(first << 4 | value)
      high = nil
    } else {
      high = value
    }
  }
  return bytes
}

private func hexadecimalValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  default: nil
  }
}

/// The integer that 16 lowercase digits spell, or nothing.
func hexadecimalWord(_ text: some StringProtocol) -> UInt64? {
  hexadecimalBytes(text, byteCount: 8)?.reduce(0) { $0 << 8 | UInt64($1) }
}

extension DeviceKey {
  /// The key that 64 lowercase digits spell, or nothing.
  init?(hexadecimal text: some StringProtocol) {
    guard let bytes = hexadecimalBytes(text, byteCount: 32) else { return nil }
    self.init(bytes: bytes)
  }
}

extension OriginID {
  /// The origin that 80 lowercase digits spell, or nothing.
  init?(hexadecimal text: some StringProtocol) {
    guard text.utf8.count == 80 else { return nil }
    guard let incarnation = hexadecimalWord(text.prefix(16)),
      let key = DeviceKey(hexadecimal: text.dropFirst(16))
    else { return nil }
    self.init(incarnation: incarnation, key: key)
  }
}
