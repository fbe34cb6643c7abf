internal import BinaryCoding
internal import EventModel

/// Collects a person's identifiers as `kind:value` in UTF-8, normalised, and puts them in order.
struct IdentifierList: Sendable {
  private var text = ByteWriter()
  private var ranges: [Range<Int>] = []

  var isEmpty: Bool { ranges.isEmpty }

  mutating func removeAll() {
    text.removeAll()
    ranges.removeAll(keepingCapacity: true)
  }

  /// Adds an identifier unless its normalised value is empty.
  ///
  /// - Parameters:
  ///   - kind: A kind in lower case, which ``Identifier/isKind(_:)`` accepts.
  ///   - value: The value as sent.
  /// - Returns: Whether there was a value, and whether normalising left it as it was.
  @discardableResult
  mutating func add(kind: String, value: Span<UInt8>) -> (isAdded: Bool, isVerbatim: Bool) {
    let start = text.count
    text.bytes.append(contentsOf: kind.utf8)
    text.write(UInt8(ascii: ":"))
    let valueStart = text.count
    switch kind {
    case "email": addEmail(value)
    case "phone": addPhone(value)
    default: text.write(value)
    }
    guard text.count > valueStart else {
      text.bytes.removeSubrange(start...)
      return (false, false)
    }
    ranges.append(start..<text.count)
    return (true, text.bytes.span.extracting(valueStart..<text.count).isEqual(to: value))
  }

  /// Adds `KIND:VALUE` if it has that form, and says whether it does.
  mutating func add(_ identifier: Span<UInt8>) -> Bool {
    var colon = 0
    while colon < identifier.count, identifier[colon] != UInt8(ascii: ":") { colon += 1 }
    guard colon < identifier.count, colon <= 32 else { return false }
    let kind = String(
      decoding: [UInt8](copying: identifier, 0..<colon), as: UTF8.self)
    guard Identifier.isKind(kind) else { return false }
    return add(kind: kind, value: identifier.extracting((colon + 1)..<identifier.count)).isAdded
  }

  /// Without white space around it, ASCII letters small.
  private mutating func addEmail(_ value: Span<UInt8>) {
    var range = value.indices
    while let first = range.first, isSpace(value[first]) { range.removeFirst() }
    while let last = range.last, isSpace(value[last]) { range.removeLast() }
    for index in range {
      let isCapital = value[index] &- UInt8(ascii: "A") < 26
      text.write(isCapital ? value[index] | 0x20 : value[index])
    }
  }

  /// Digits, and a plus sign before them.
  private mutating func addPhone(_ value: Span<UInt8>) {
    let start = text.count
    for index in value.indices {
      let isPlus = value[index] == UInt8(ascii: "+") && text.count == start
      if isPlus || value[index] &- UInt8(ascii: "0") < 10 { text.write(value[index]) }
    }
    if text.count == start + 1, text.bytes[start] == UInt8(ascii: "+") { text.bytes.removeLast() }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }

  /// Writes the identifiers as a canonical array of texts, each once.
  mutating func write(to writer: inout ByteWriter) {
    let bytes = text.bytes
    if ranges.count > 1 {
      ranges.sort { compareBytes(bytes.span.extracting($0), bytes.span.extracting($1)) < 0 }
      var count = 1
      for range in ranges.dropFirst()
      where !bytes.span.extracting(range).isEqual(to: bytes.span.extracting(ranges[count - 1])) {
        ranges[count] = range
        count += 1
      }
      ranges.removeLast(ranges.count - count)
    }
    writer.write(ValueTag.array)
    writer.writeVarint(UInt64(ranges.count))
    for range in ranges {
      writer.write(ValueTag.text)
      writer.writeVarint(UInt64(range.count))
      writer.write(text.bytes.span.extracting(range))
    }
  }
}
