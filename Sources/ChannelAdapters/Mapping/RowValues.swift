internal import BinaryCoding
internal import EventModel

/// The values of one row, as the rules of a mapping see them.
struct RowValues: Sendable {
  /// A value that a rule came to.
  enum Result {
    case absent
    /// A value of the row.
    case row(JSONDocument.Node)
    /// The root of ``RowValues/computed``.
    case computed
  }

  /// The row as an object.
  var row = JSONDocument()
  /// What the last rule computed.
  private(set) var computed = JSONDocument()

  private let absentTexts: Set<[UInt8]>

  init(absentTexts: Set<String>) {
    self.absentTexts = Set(absentTexts.map { Array($0.utf8) }).union([[]])
  }

  /// The value of a column, unless it is missing, null, empty or a word for nothing.
  func node(_ column: MappedColumn) -> JSONDocument.Node? {
    guard let node = row.member(column.whole, of: .root) ?? nodeAtPath(column) else { return nil }
    return isAbsent(node) ? nil : node
  }

  func isAbsent(_ node: JSONDocument.Node) -> Bool {
    switch row.kind(of: node) {
    case .null: true
    case .string: absentTexts.contains(row.textBytes(of: node))
    default: false
    }
  }

  private func nodeAtPath(_ column: MappedColumn) -> JSONDocument.Node? {
    guard column.path.count > 1 else { return nil }
    var node = JSONDocument.Node.root
    for key in column.path {
      guard let member = row.member(key, of: node) else { return nil }
      node = member
    }
    return node
  }

  /// Whether a condition holds.
  func holds(_ condition: RowCondition) -> Bool {
    let node = node(condition.column)
    switch condition.test {
    case .present(let isPresent): return (node != nil) == isPresent
    case .among(let texts, let isAmong):
      return node.map { texts.contains(text(of: $0)) == isAmong } ?? !isAmong
    case .prefix(let prefix, let isPrefix):
      return node.map { text(of: $0).hasPrefix(prefix) == isPrefix } ?? !isPrefix
    case .below(let bound): return node.flatMap(number).map { $0.isBelow(bound) } ?? false
    case .atLeast(let bound): return node.flatMap(number).map { !$0.isBelow(bound) } ?? false
    }
  }

  private func text(of node: JSONDocument.Node) -> String {
    switch row.kind(of: node) {
    case .true: "true"
    case .false: "false"
    default: row.string(of: node) ?? ""
    }
  }

  private func number(_ node: JSONDocument.Node) -> Decimal64? {
    Self.number(row.textSpan(of: node))
  }

  private static func number(_ text: Span<UInt8>) -> Decimal64? {
    switch JSONNumber(checking: text) {
    case .integer(let value): Decimal64(value)
    case .decimal(let coefficient, let scale):
      Decimal64(coefficient: coefficient, scale: UInt8(truncatingIfNeeded: scale))
    case .text, nil: nil
    }
  }
}

/// Carrying out rules.
extension RowValues {
  /// Carries out `rule`.
  ///
  /// - Returns: The value and whether it tells all that the row said.
  /// - Throws: ``TimeFault`` if the value is not a time of the rule's form.
  mutating func evaluate(_ rule: ValueRule) throws(TimeFault) -> (value: Result, isExact: Bool) {
    switch rule.origin {
    case .constant(let value):
      compute(value)
      return (.computed, true)
    case .column(let column):
      guard let node = node(column) else { return (fallback(rule), true) }
      if rule.isPlain { return (.row(node), true) }
      return try transform(text(of: node), by: rule)
    case .template(let template):
      guard let bytes = text(of: template) else { return (fallback(rule), true) }
      return try transform(String(decoding: bytes, as: UTF8.self), by: rule)
    }
  }

  /// The text of a template, or nil if a column has no value.
  func text(of template: TextTemplate) -> [UInt8]? {
    var bytes: [UInt8] = []
    for part in template.parts {
      switch part {
      case .text(let text): bytes += text
      case .column(let column):
        guard let node = node(column) else { return nil }
        bytes += Array(text(of: node).utf8)
      }
    }
    return bytes
  }

  private mutating func fallback(_ rule: ValueRule) -> Result {
    guard let value = rule.fallback else { return .absent }
    compute(value)
    return .computed
  }

  private mutating func transform(
    _ text: String, by rule: ValueRule
  ) throws(TimeFault) -> (value: Result, isExact: Bool) {
    var text = text
    if let suffix = rule.suffix, text.hasSuffix(suffix) { text.removeLast(suffix.count) }
    if let replacement = rule.map[text] ?? rule.otherwise {
      compute(replacement)
      return (.computed, true)
    }
    let bytes = Array(text.utf8)
    if let time = rule.time {
      let isExact = try computeTime(bytes, time)
      return (.computed, isExact)
    }
    if let factor = rule.factor, let product = Self.number(bytes.span)?.multiplied(by: factor) {
      computed.load(Array(product.description.utf8), kind: .number)
    } else {
      computed.load(bytes, kind: .string)
    }
    return (.computed, true)
  }

  private mutating func computeTime(_ text: [UInt8], _ rule: TimeRule) throws(TimeFault) -> Bool {
    let time = try rule.format.parse(text.span)
    let milliseconds =
      rule.zone.map { time.milliseconds(in: $0) } ?? time.milliseconds ?? time.localMilliseconds
    guard WrittenTime.millisecondsRange.contains(milliseconds) else { throw .outOfRange(.year) }
    computed.load(Array("\(milliseconds)".utf8), kind: .number)
    return time.isExact && time.offsetSeconds != nil
  }

  /// Makes the computed value a scalar of a mapping file.
  private mutating func compute(_ value: Value) {
    switch value {
    case .boolean(let flag): computed.load([], kind: flag ? .true : .false)
    case .integer(let number): computed.load(Array("\(number)".utf8), kind: .number)
    case .decimal(let number): computed.load(Array(number.description.utf8), kind: .number)
    case .number(let text): computed.load(Array(text.utf8), kind: .number)
    case .text(let text): computed.load(Array(text.utf8), kind: .string)
    case .null, .array, .object: computed.load([], kind: .null)
    }
  }
}

extension Decimal64 {
  /// The exact product without superfluous zeros, or nil if it does not fit.
  fileprivate func multiplied(by other: Decimal64) -> Decimal64? {
    let (product, overflows) = coefficient.multipliedReportingOverflow(by: other.coefficient)
    guard !overflows else { return nil }
    var (digits, places) = (product, Int(scale) + Int(other.scale))
    while places > 0, digits % 10 == 0 {
      digits /= 10
      places -= 1
    }
    return places <= Int(Self.scaleMax)
      ? Decimal64(coefficient: digits, scale: UInt8(truncatingIfNeeded: places)) : nil
  }

  /// Whether this is the smaller number; amounts too far apart for 64 bits compare by whole parts.
  fileprivate func isBelow(_ other: Decimal64) -> Bool {
    let places = max(scale, other.scale)
    if let left = rescaled(to: places), let right = other.rescaled(to: places) {
      return left.coefficient < right.coefficient
    }
    return whole < other.whole
  }

  private var whole: Int64 { (0..<scale).reduce(coefficient) { value, _ in value / 10 } }
}
