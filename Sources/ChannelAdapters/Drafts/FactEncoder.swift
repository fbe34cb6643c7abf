internal import BinaryCoding
internal import EventModel

/// Decides whether a value of a message can be a fact, and writes it as one.
///
/// A value fits a kind if it says exactly that; nothing is rounded or guessed. What does not fit
/// stays personal, as it was sent.
struct FactEncoder {
  /// The digits after the point of the message's currency.
  var currencyDigits: UInt8 = 2

  private static let textByteCountMax = 256
  private static let lineKeys = JSONDocument.KeyTable(EventSchema.lineFields.sorted())

  /// Writes `node` as a fact of `kind`, or writes nothing and returns false if it does not fit.
  func encode(
    _ node: JSONDocument.Node, as kind: FactKind, of document: JSONDocument,
    to writer: inout ByteWriter
  ) -> Bool {
    switch kind {
    case .text: return encodeText(node, of: document, to: &writer)
    case .integer: return encodeInteger(node, of: document, to: &writer)
    case .decimal:
      guard let amount = amount(node, of: document) else { return false }
      write(amount, to: &writer)
    case .money:
      guard let amount = amount(node, of: document) else { return false }
      write(amount.rescaled(to: currencyDigits) ?? amount, to: &writer)
    case .boolean: return encodeBoolean(node, of: document, to: &writer)
    case .time: return encodeTime(node, of: document, to: &writer)
    case .lines:
      guard areLines(node, of: document) else { return false }
      document.transcode(node, to: &writer)
    }
    return true
  }

  private func encodeText(
    _ node: JSONDocument.Node, of document: JSONDocument, to writer: inout ByteWriter
  ) -> Bool {
    switch document.kind(of: node) {
    case .string where isPlain(node, of: document): break
    case .number:
      guard case .integer = document.number(of: node) else { return false }
    default: return false
    }
    let range = document.textRange(of: node)
    writer.write(ValueTag.text)
    writer.writeVarint(UInt64(range.count))
    writer.write(document.text.bytes.span.extracting(range))
    return true
  }

  /// Whether a text is short and holds no at sign.
  private func isPlain(_ node: JSONDocument.Node, of document: JSONDocument) -> Bool {
    let range = document.textRange(of: node)
    guard range.count <= Self.textByteCountMax else { return false }
    let bytes = document.text.bytes.span
    for index in range where bytes[index] == UInt8(ascii: "@") { return false }
    return true
  }

  private func encodeInteger(
    _ node: JSONDocument.Node, of document: JSONDocument, to writer: inout ByteWriter
  ) -> Bool {
    guard let whole = amount(node, of: document)?.rescaled(to: 0) else { return false }
    write(whole, to: &writer)
    return true
  }

  /// The exact value of a number, or of a text that is a number.
  private func amount(_ node: JSONDocument.Node, of document: JSONDocument) -> Decimal64? {
    let number: JSONNumber?
    switch document.kind(of: node) {
    case .number: number = document.number(of: node)
    case .string:
      number = JSONNumber(
        checking: document.text.bytes.span.extracting(document.textRange(of: node)))
    default: number = nil
    }
    switch number {
    case .integer(let value): return Decimal64(value)
    case .decimal(let coefficient, let scale):
      return Decimal64(coefficient: coefficient, scale: UInt8(truncatingIfNeeded: scale))
    case .text, nil: return nil
    }
  }

  private func write(_ amount: Decimal64, to writer: inout ByteWriter) {
    guard amount.scale > 0 else {
      writer.write(ValueTag.integer)
      return writer.writeSignedVarint(amount.coefficient)
    }
    writer.write(ValueTag.decimal)
    writer.writeSignedVarint(amount.coefficient)
    writer.writeVarint(UInt64(amount.scale))
  }

  private func encodeBoolean(
    _ node: JSONDocument.Node, of document: JSONDocument, to writer: inout ByteWriter
  ) -> Bool {
    if document.kind(of: node) == .true || document.isString(node, "true") {
      writer.write(ValueTag.yes)
    } else if document.kind(of: node) == .false || document.isString(node, "false") {
      writer.write(ValueTag.no)
    } else {
      return false
    }
    return true
  }

  private func encodeTime(
    _ node: JSONDocument.Node, of document: JSONDocument, to writer: inout ByteWriter
  ) -> Bool {
    if document.kind(of: node) == .number {
      return encodeInteger(node, of: document, to: &writer)
    }
    let text = document.text.bytes.span.extracting(document.textRange(of: node))
    guard let time = try? WrittenTime.parseISO8601(text), time.isExact,
      let milliseconds = time.milliseconds
    else { return false }
    write(Decimal64(milliseconds), to: &writer)
    return true
  }

  private func areLines(_ node: JSONDocument.Node, of document: JSONDocument) -> Bool {
    guard document.kind(of: node) == .array else { return false }
    return document.elements(of: node).allSatisfy { line in
      var fits = document.kind(of: line) == .object
      document.forEachMember(of: line, matching: Self.lineKeys) { known, _, value in
        let isPlainValue: Bool
        switch document.kind(of: value) {
        case .array, .object: isPlainValue = false
        case .string: isPlainValue = isPlain(value, of: document)
        case .null, .false, .true, .number: isPlainValue = true
        }
        fits = fits && known != nil && isPlainValue
      }
      return fits
    }
  }
}

extension JSONNumber {
  /// Reads a number after checking that the text keeps to the JSON grammar, or returns nil.
  ///
  /// - Parameter text: Anything.
  package init?(checking text: Span<UInt8>) {
    var index = text.count > 0 && text[0] == UInt8(ascii: "-") ? 1 : 0
    let wholeStart = index
    while index < text.count, text[index] &- UInt8(ascii: "0") < 10 { index += 1 }
    let wholeDigits = index - wholeStart
    guard wholeDigits > 0, wholeDigits == 1 || text[wholeStart] != UInt8(ascii: "0") else {
      return nil
    }
    // A point needs digits behind it; other signs are refused below.
    guard text[text.count - 1] &- UInt8(ascii: "0") < 10 else { return nil }
    self.init(text)
  }
}
