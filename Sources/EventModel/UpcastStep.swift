/// One step by which facts of an older schema are read as a newer one has them.
///
/// Every step is total: whatever the facts are, it gives facts, and where it has nothing to say they
/// stay as they are. Steps see facts only, never reserved fields, persons or other events.
///
/// Source: `docs/format/documents.md` §4.
public enum UpcastStep: Hashable, Sendable {
  /// `rename OLD NEW`: the fact goes by another name, unless that is taken; then the old one goes.
  case rename(String, to: String)
  /// `default NAME VALUE`: where there is no such fact, there is this one.
  case fill(String, with: Value)
  /// `multiply NAME N/D`: a number in another unit, exact; one that has no exact result goes.
  case multiply(String, by: Int64, over: Int64)
  /// `map NAME VALUE VALUE`: a fact that has the first value has the second one.
  case map(String, from: Value, to: Value)
  /// `move OBJECT MEMBER NEW`: a member of an object becomes a fact, unless the name is taken.
  case move(member: String, of: String, to: String)
  /// `drop NAME`: the fact goes.
  case drop(String)

  /// The largest factor and divisor of ``multiply(_:by:over:)``.
  static let factorMax: Int64 = 1_000_000_000

  /// What the step makes of facts.
  ///
  /// - Parameter facts: Fields by name.
  fileprivate func apply(to facts: inout FactsByName) {
    switch self {
    case .rename(let old, let new):
      guard let value = facts[old] else { return }
      facts[old] = nil
      if facts[new] == nil { facts[new] = value }
    case .fill(let name, let value): if facts[name] == nil { facts[name] = value }
    case .multiply(let name, let factor, let divisor):
      switch facts[name] {
      case .integer(let value):
        facts[name] = Self.quotient(Decimal64(value), by: factor, over: divisor)
      case .decimal(let value): facts[name] = Self.quotient(value, by: factor, over: divisor)
      default: return
      }
    case .map(let name, let old, let new): if facts[name] == old { facts[name] = new }
    case .move(let member, let object, let new):
      guard case .object(let fields)? = facts[object],
        let index = fields.firstIndex(where: { $0.name.utf8.elementsEqual(member.utf8) })
      else { return }
      var rest = fields
      let field = rest.remove(at: index)
      facts[object] = rest.isEmpty ? nil : .object(rest)
      if facts[new] == nil { facts[new] = field.value }
    case .drop(let name): facts[name] = nil
    }
  }

  /// `number × factor / divisor` with as few places as it needs, or nothing when it is not exact
  /// within 64 bits and 18 places.
  private static func quotient(
    _ number: Decimal64, by factor: Int64, over divisor: Int64
  ) -> Value? {
    // 63 bits times 30 bits.
    var dividend = Int128(number.coefficient) * Int128(factor)
    var scale = number.scale
    while dividend % Int128(divisor) != 0 {
      let (next, overflow) = dividend.multipliedReportingOverflow(by: 10)
      guard !overflow, scale < Decimal64.scaleMax else { return nil }
      dividend = next
      scale += 1
    }
    var result = dividend / Int128(divisor)
    while scale > 0, result % 10 == 0 {
      result /= 10
      scale -= 1
    }
    guard let coefficient = Int64(exactly: result) else { return nil }
    if scale == 0 { return .integer(coefficient) }
    return Decimal64(coefficient: coefficient, scale: scale).map { .decimal($0) }
  }
}

extension Section {
  /// The section of facts after steps, in order; reserved fields stay as they are.
  ///
  /// - Parameter steps: None leaves the very same bytes.
  /// - Returns: The facts as the newer schema has them.
  /// - Complexity: O(fields + steps).
  public func upcast(by steps: [UpcastStep]) -> Section {
    guard !steps.isEmpty, !isErased else { return self }
    var reserved: [Value.Field] = []
    var facts = FactsByName()
    for field in fields {
      if field.name.hasPrefix("@") {
        reserved.append(field)
      } else {
        facts[field.name] = field.value
      }
    }
    for step in steps { step.apply(to: &facts) }
    return Section(reserved + facts.fields)
  }
}

/// Facts by the bytes of their names: a dictionary by `String` would merge names that differ in bytes.
private struct FactsByName {
  private var fieldsByName: [[UInt8]: Value.Field] = [:]

  /// All of them, in no order.
  var fields: [Value.Field] { Array(fieldsByName.values) }

  /// The fact `name`, if there is one.
  subscript(name: String) -> Value? {
    get { fieldsByName[Array(name.utf8)]?.value }
    set { fieldsByName[Array(name.utf8)] = newValue.map { Value.Field(name, $0) } }
  }
}

// The written form.
extension UpcastStep: CustomStringConvertible {
  /// The step as a line of its document.
  public var description: String {
    switch self {
    case .rename(let old, let new): "rename \(old) \(new)"
    case .fill(let name, let value): "default \(name) \(Self.word(value))"
    case .multiply(let name, let factor, let divisor): "multiply \(name) \(factor)/\(divisor)"
    case .map(let name, let old, let new):
      "map \(name) \(Self.word(old)) \(Self.word(new))"
    case .move(let member, let object, let new): "move \(object) \(member) \(new)"
    case .drop(let name): "drop \(name)"
    }
  }

  /// The names of the steps.
  static let keywords: Set<String> = ["rename", "default", "multiply", "map", "move", "drop"]

  /// Reads a line of a document.
  ///
  /// - Parameter line: Begins with one of ``keywords``.
  /// - Throws: ``DocumentFault`` when it says no step.
  init(_ line: DocumentLines.Line) throws(DocumentFault) {
    let name = try Self.name(line, 1)
    switch line.keyword {
    case "rename":
      self = .rename(name, to: try Self.name(line, 2))
      try line.expect(count: 3)
    case "default":
      self = .fill(name, with: try Self.value(line, 2))
      try line.expect(count: 3)
    case "multiply":
      let parts = try line.word(2, "the factor").split(
        separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let factor = Self.factor(parts[0]),
        let divisor = Self.factor(parts[1])
      else { throw line.fault("a factor is two whole numbers up to 1000000000, such as 1000/1") }
      self = .multiply(name, by: factor, over: divisor)
      try line.expect(count: 3)
    case "map":
      self = .map(name, from: try Self.value(line, 2), to: try Self.value(line, 3))
      try line.expect(count: 4)
    case "move":
      self = .move(member: try Self.name(line, 2), of: name, to: try Self.name(line, 3))
      try line.expect(count: 4)
    case "drop":
      self = .drop(name)
      try line.expect(count: 2)
    default:
      throw line.fault("this is no step; steps are rename, default, multiply, map, move, drop")
    }
  }

  private static func name(_ line: DocumentLines.Line, _ index: Int) throws(DocumentFault) -> String
  {
    let name = try line.word(index, "the name of a fact")
    guard DocumentLines.isName(name) else {
      throw line.fault("a fact's name has 1 to 64 letters, digits, '_' or '-'")
    }
    return name
  }

  private static func factor(_ text: Substring) -> Int64? {
    guard let value = Int64(text), String(value) == text, (1...factorMax).contains(value) else {
      return nil
    }
    return value
  }

  /// A value as documents write it: a text in quotes, `true`, `false`, or a number.
  private static func value(
    _ line: DocumentLines.Line, _ index: Int
  ) throws(DocumentFault) -> Value {
    guard line.words.indices.contains(index) else {
      throw line.fault("a value is missing; write a number, true, false or a text in quotes")
    }
    let word = line.words[index]
    if word.isQuoted {
      guard word.text.utf8.count <= 256, !word.text.utf8.contains(UInt8(ascii: "@")) else {
        throw line.fault("the text of a fact has at most 256 bytes and no '@'")
      }
      return .text(word.text)
    }
    switch word.text {
    case "true": return true
    case "false": return false
    default:
      guard let number = Decimal64(canonical: word.text) else {
        throw line.fault("this is no value; write a number, true, false or a text in quotes")
      }
      return number.scale == 0 ? .integer(number.coefficient) : .decimal(number)
    }
  }

  private static func word(_ value: Value) -> String {
    if case .text(let text) = value { "\"\(text)\"" } else { value.json }
  }
}

extension Decimal64 {
  /// The number that prints as `text`, or nothing when none does.
  init?(canonical text: String) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let places = parts.count == 2 ? parts[1].utf8.count : 0
    guard places <= Int(Self.scaleMax), let coefficient = Int64(parts.joined()),
      let number = Decimal64(coefficient: coefficient, scale: UInt8(places)),
      number.description == text
    else { return nil }
    self = number
  }
}
