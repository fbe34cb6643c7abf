internal import BinaryCoding
internal import EventModel

/// Decides whether a value of a message can be a fact, and writes it as one.
///
/// A value fits a kind if it says exactly that; nothing is rounded or guessed. What does not fit, or
/// looks like a person's, stays personal, as it was sent.
struct FactEncoder {
  /// What became of a value.
  enum Fit: Equatable {
    /// It is written.
    case fact
    /// It does not say exactly what the kind says.
    case misfit
    /// It would fit, and looks like a person's.
    case personal(PersonalValue)
  }

  /// What is said about a field beside its kind.
  struct Field {
    /// Whether it holds codes, so that mere digits are no telephone number.
    var isCode: Bool
    /// Whether the mapping says that its values are not personal, whatever they look like.
    var isVouched = false
    /// What the schema allows beyond the kind.
    var bounds = FactBounds.none
  }

  /// The digits after the point of the message's currency.
  var currencyDigits: UInt8 = 2

  private static let textByteCountMax = 256
  private static let lineNames = EventSchema.lineFields.sorted()
  private static let lineKeys = JSONDocument.KeyTable(lineNames)
  private static let lineCodes = lineNames.map(PersonalValue.isCode)

  /// Writes `node` as a fact of `kind`, or writes nothing if it is not to be one.
  func encode(
    _ node: JSONDocument.Node, as kind: FactKind, _ field: Field, of document: JSONDocument,
    to writer: inout ByteWriter
  ) -> Fit {
    switch kind {
    case .text: return encodeText(node, field, of: document, to: &writer)
    case .integer: return encodeInteger(node, field, of: document, to: &writer)
    case .decimal:
      guard let amount = amount(node, of: document), field.bounds.contains(amount) else {
        return .misfit
      }
      write(amount, to: &writer)
    case .money:
      guard let amount = amount(node, of: document), field.bounds.contains(amount) else {
        return .misfit
      }
      write(amount.rescaled(to: currencyDigits) ?? amount, to: &writer)
    case .boolean: return encodeBoolean(node, of: document, to: &writer) ? .fact : .misfit
    case .time: return encodeTime(node, of: document, to: &writer) ? .fact : .misfit
    case .lines:
      let fit = fitOfLines(node, field, of: document)
      if fit == .fact { document.transcode(node, to: &writer) }
      return fit
    }
    return .fact
  }

  private func encodeText(
    _ node: JSONDocument.Node, _ field: Field, of document: JSONDocument,
    to writer: inout ByteWriter
  ) -> Fit {
    switch document.kind(of: node) {
    case .string: break
    case .number:
      guard case .integer = document.number(of: node) else { return .misfit }
    default: return .misfit
    }
    let fit = fitOfText(node, field, of: document)
    guard fit == .fact else { return fit }
    let range = document.textRange(of: node)
    guard field.bounds.containsText(byteCount: range.count) else { return .misfit }
    writer.write(ValueTag.text)
    writer.writeVarint(UInt64(range.count))
    writer.write(document.text.bytes.span.extracting(range))
    return .fact
  }

  /// Whether a text is short and does not look like a person's. Nothing vouches for an at sign: the
  /// format has none in the texts of facts.
  private func fitOfText(
    _ node: JSONDocument.Node, _ field: Field, of document: JSONDocument
  ) -> Fit {
    let range = document.textRange(of: node)
    guard range.count <= Self.textByteCountMax else { return .misfit }
    let text = document.text.bytes.span.extracting(range)
    guard let likeness = PersonalValue(text, isCode: field.isCode) else { return .fact }
    return field.isVouched && likeness != .email ? .fact : .personal(likeness)
  }

  private func encodeInteger(
    _ node: JSONDocument.Node, _ field: Field, of document: JSONDocument,
    to writer: inout ByteWriter
  ) -> Fit {
    guard let whole = amount(node, of: document)?.rescaled(to: 0), field.bounds.contains(whole)
    else { return .misfit }
    if !field.isVouched, let likeness = PersonalValue(whole.coefficient) {
      return .personal(likeness)
    }
    write(whole, to: &writer)
    return .fact
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
      guard let whole = amount(node, of: document)?.rescaled(to: 0) else { return false }
      write(whole, to: &writer)
      return true
    }
    let text = document.text.bytes.span.extracting(document.textRange(of: node))
    guard let time = try? WrittenTime.parseISO8601(text), time.isExact,
      let milliseconds = time.milliseconds
    else { return false }
    write(Decimal64(milliseconds), to: &writer)
    return true
  }

  /// Lines are facts if every line is an object of declared fields whose values fit.
  private func fitOfLines(
    _ node: JSONDocument.Node, _ field: Field, of document: JSONDocument
  ) -> Fit {
    guard document.kind(of: node) == .array else { return .misfit }
    var fit = Fit.fact
    for line in document.elements(of: node) {
      guard document.kind(of: line) == .object else { return .misfit }
      document.forEachMember(of: line, matching: Self.lineKeys) { known, _, value in
        guard fit == .fact else { return }
        fit = known.map { fitOfLineValue(value, place: $0, field, of: document) } ?? .misfit
      }
    }
    return fit
  }

  /// Numbers of lines are looked at where they are codes; quantities and prices are none.
  private func fitOfLineValue(
    _ node: JSONDocument.Node, place: Int, _ field: Field, of document: JSONDocument
  ) -> Fit {
    let isCode = Self.lineCodes[place]
    switch document.kind(of: node) {
    case .array, .object: return .misfit
    case .null, .false, .true: return .fact
    case .number where !isCode: return .fact
    case .string, .number:
      return fitOfText(node, Field(isCode: isCode, isVouched: field.isVouched), of: document)
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
