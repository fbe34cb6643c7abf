internal import BinaryCoding

/// Finds the forms that many texts of a column follow.
struct FormFinder {
  private var counts: [TextForm: Int] = [:]
  private var order: [TextForm] = []
  private var total = 0

  /// Takes one of the column's different texts into account.
  mutating func add(_ text: Span<UInt8>) {
    total += 1
    guard let form = Self.form(of: text) else { return }
    if let count = counts[form] {
      counts[form] = count + 1
    } else if counts.count < 4096 {
      counts[form] = 1
      order.append(form)
    }
  }

  /// The forms worth their name, those that most texts follow first.
  func forms() -> [TextForm] {
    let least = max(16, total / 256)
    let ranked = order.enumerated().filter { counts[$1, default: 0] >= least }
      .sorted { left, right in
        let (one, other) = (counts[left.element, default: 0], counts[right.element, default: 0])
        return one != other ? one > other : left.offset < right.offset
      }
    return ranked.prefix(ColumnLimits.formsMax).map(\.element)
  }

  private static func form(of text: Span<UInt8>) -> TextForm? {
    guard 1...160 ~= text.count else { return nil }
    for letter in [TextForm.uuid4, TextForm.uuid, TextForm.plainUUID4] {
      let form = TextForm(letter: letter)
      if form.value(of: text) != nil { return form }
    }
    return time(text) ?? hex(text) ?? integer(text)
  }

  /// A time with at most 8 bytes behind it, in the layout that shows most of it.
  private static func time(_ text: Span<UInt8>) -> TextForm? {
    guard text.count >= 8, text[0] &- UInt8(ascii: "0") < 10 else { return nil }
    var best: (layout: UInt8, byteCount: Int) = (0, 0)
    for layout in CalendarForm.layouts {
      guard let found = CalendarForm(layout: layout)?.value(of: text) else { continue }
      if found.byteCount > best.byteCount { best = (layout, found.byteCount) }
    }
    guard best.byteCount > 0, text.count - best.byteCount <= 8 else { return nil }
    return TextForm(
      letter: TextForm.time, suffix: [UInt8](copying: text, best.byteCount..<text.count),
      width: best.layout)
  }

  /// A prefix and an even number of hexadecimal digits, at least 8, not all decimal.
  private static func hex(_ text: Span<UInt8>) -> TextForm? {
    var start = text.count
    var isDecimal = true
    while start > 0, TextForm.digit(text[start - 1]) < 16, text.count - start < 128 {
      start -= 1
      if text[start] > UInt8(ascii: "9") { isDecimal = false }
    }
    let count = text.count - start
    guard count >= 8, count.isMultiple(of: 2), !isDecimal, start <= 32 else { return nil }
    return TextForm(
      letter: TextForm.hex, prefix: [UInt8](copying: text, 0..<start), width: UInt8(count / 2))
  }

  /// The last run of digits, with at most 32 bytes before it and 8 behind.
  private static func integer(_ text: Span<UInt8>) -> TextForm? {
    var end = text.count
    while end > 0, !isDigit(text[end - 1]) { end -= 1 }
    var start = end
    while start > 0, isDigit(text[start - 1]), end - start < 18 { start -= 1 }
    guard start < end, start <= 32, text.count - end <= 8 else { return nil }
    let isPadded = text[start] == UInt8(ascii: "0") && end - start > 1
    return TextForm(
      letter: isPadded ? TextForm.padded : TextForm.integer,
      prefix: [UInt8](copying: text, 0..<start), suffix: [UInt8](copying: text, end..<text.count),
      width: isPadded ? UInt8(end - start) : 0)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
