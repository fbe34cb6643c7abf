package import ChannelAdapters
package import EventModel
internal import Yams

/// Reads mapping files: YAML that says what becomes of the rows of a table.
///
/// The language is explained in `docs/guide/importing.md`. Everything is checked before the first
/// row is read: names, types, declared facts, formats, zones, templates.
package struct MappingFile {
  private let catalogue: EventCatalogue
  private var zones: [String: TimeZoneOffsets] = [:]
  private var defaultTime = TimeRule()
  private var defaultChannel: ValueRule?
  private var defaultCurrency: String?

  /// Reads the text of a mapping file.
  ///
  /// - Parameters:
  ///   - text: YAML.
  ///   - catalogue: The event types with their facts.
  /// - Returns: The mapping.
  /// - Throws: ``MappingFault`` with the line of the first mistake.
  package static func parse(
    _ text: String, catalogue: EventCatalogue = .builtIn
  ) throws(MappingFault) -> RowMapping {
    var file = MappingFile(catalogue: catalogue)
    return try file.mapping(MappingNode(try compose(text), line: 1))
  }

  /// Checks that the columns a mapping names are there.
  ///
  /// - Parameters:
  ///   - mapping: A mapping.
  ///   - columns: The columns of a file.
  /// - Throws: ``MappingFault`` that lists the columns there are.
  package static func check(
    _ mapping: RowMapping, against columns: [String]
  ) throws(MappingFault) {
    let named = mapping.columns.sorted { $0.line < $1.line }
    for column in named where !columns.contains(column.name) {
      throw MappingFault(
        "there is no column '\(column.name)'; the file has \(columns.joined(separator: ", "))",
        line: column.line)
    }
  }

  private static func compose(_ text: String) throws(MappingFault) -> Node {
    if let line = YAMLAliases(in: text).firstLine {
      throw MappingFault("aliases are not read; write out what '*' stands for", line: line)
    }
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw MappingFault("the file is empty; see docs/guide/importing.md", line: 1)
      }
      return node
    } catch let fault as MappingFault {
      throw fault
    } catch {
      var line = 1
      switch error as? YamlError {
      case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
        line = mark.line
      default: break
      }
      throw MappingFault("this is not YAML; check indentation, colons and quotes", line: line)
    }
  }

  private init(catalogue: EventCatalogue) { self.catalogue = catalogue }

  private mutating func mapping(_ root: MappingNode) throws(MappingFault) -> RowMapping {
    let members = try root.members([
      "source", "separator", "absent", "unmatched", "defaults", "events",
    ])
    guard let source = members["source"] else {
      throw root.fault("'source' is missing; name the system the rows come from")
    }
    var mapping = RowMapping(source: try source.text())
    if let absent = members["absent"] {
      for element in absent.elements { mapping.absentTexts.insert(try element.text()) }
    }
    if let unmatched = members["unmatched"] {
      mapping.skipsUnmatched = try unmatched.flag(yes: "skip", no: "refuse")
    }
    if let separator = members["separator"] { mapping.separator = try byte(separator) }
    if let defaults = members["defaults"] { try readDefaults(defaults) }
    guard let events = members["events"] else {
      throw root.fault("'events' is missing; say which events a row makes")
    }
    for event in events.elements { mapping.events.append(try rule(event)) }
    return mapping
  }

  private func byte(_ node: MappingNode) throws(MappingFault) -> UInt8 {
    let text = try node.text()
    if text == "tab" { return UInt8(ascii: "\t") }
    guard let byte = text.utf8.first, text.utf8.count == 1, byte != UInt8(ascii: "\""), byte >= 0x20
    else { throw node.fault("a separator is one character such as ';', or 'tab'") }
    return byte
  }

  private mutating func readDefaults(_ node: MappingNode) throws(MappingFault) {
    let members = try node.members(["channel", "zone", "format", "currency"])
    if let channel = members["channel"] { defaultChannel = try channelRule(channel) }
    if let zone = members["zone"] { defaultTime.zone = try offsets(zone) }
    if let format = members["format"] { defaultTime.format = try timeFormat(format) }
    defaultCurrency = try members["currency"]?.text()
  }
}

/// One event.
extension MappingFile {
  private mutating func rule(_ node: MappingNode) throws(MappingFault) -> EventRule {
    let members = try node.members([
      "type", "when", "id", "occurred", "channel", "touchpoint", "identifiers", "traits", "facts",
      "fields", "rest",
    ])
    guard let typeNode = members["type"] else { throw node.fault("'type' is missing") }
    guard let type = EventType(try typeNode.text()), !type.isControl else {
      throw typeNode.fault("this is no event type; write one such as order.completed")
    }
    var rule = EventRule(type: type)
    rule.currency = defaultCurrency
    rule.channel = defaultChannel
    if let channel = members["channel"] { rule.channel = try channelRule(channel) }
    if let when = members["when"] {
      for condition in when.elements { rule.conditions.append(try self.condition(condition)) }
    }
    if let id = members["id"] { rule.id = try template(id) }
    if let occurred = members["occurred"] { rule.occurred = try timeRule(occurred) }
    if let touchpoint = members["touchpoint"] { rule.touchpoint = try factRule(touchpoint) }
    rule.identifiers = try identifiers(members["identifiers"])
    rule.traits = try rules(members["traits"])
    rule.facts = try facts(members["facts"], of: type)
    rule.fields = try rules(members["fields"])
    if let rest = members["rest"] { rule.keepsRest = try rest.flag(yes: "keep", no: "drop") }
    return rule
  }

  private mutating func rules(
    _ node: MappingNode?
  ) throws(MappingFault) -> [(name: String, rule: ValueRule)] {
    guard let node else { return [] }
    var rules: [(name: String, rule: ValueRule)] = []
    for (name, value) in try node.pairs() { rules.append((name, try valueRule(value))) }
    return rules
  }

  private mutating func identifiers(
    _ node: MappingNode?
  ) throws(MappingFault) -> [(name: String, rule: ValueRule)] {
    let rules = try rules(node)
    for (kind, _) in rules where !Identifier.isKind(kind) {
      throw (node ?? MappingNode(Node(""), line: 1))
        .fault("'\(kind)' is no kind of identifier; use small letters, digits and underscores")
    }
    return rules
  }

  /// Facts must be declared by the type's schema: what is not declared is personal.
  private mutating func facts(
    _ node: MappingNode?, of type: EventType
  ) throws(MappingFault) -> [(name: String, rule: ValueRule)] {
    guard let node else { return [] }
    let schema = catalogue.entry(for: type).schema
    for (name, value) in try node.pairs() where schema.kind(of: name) == nil {
      let names = schema.facts.map(\.name).joined(separator: ", ")
      throw value.fault(
        "'\(name)' is not declared as a fact of \(type); declared are \(names.isEmpty ? "none" : names); "
          + "put it under 'fields'")
    }
    var rules: [(name: String, rule: ValueRule)] = []
    for (name, value) in try node.pairs() { rules.append((name, try factRule(value))) }
    return rules
  }

  private func condition(_ node: MappingNode) throws(MappingFault) -> RowCondition {
    let tests = [
      "present", "equals", "not_equals", "in", "not_in", "begins_with", "not_begins_with", "below",
      "at_least",
    ]
    let members = try node.members(["column"] + tests)
    guard let column = members["column"] else { throw node.fault("'column' is missing") }
    let stated = members.filter { $0.key != "column" }
    guard stated.count == 1, let (name, value) = stated.first.map({ ($0.key, $0.value) }) else {
      throw node.fault("a condition has one of \(tests.joined(separator: ", "))")
    }
    return RowCondition(column: try mappedColumn(column), test: try test(name, value))
  }

  private func test(
    _ name: String, _ node: MappingNode
  ) throws(MappingFault) -> RowCondition.Test {
    switch name {
    case "present": return .present(try node.flag(yes: "true", no: "false"))
    case "begins_with", "not_begins_with":
      return .prefix(try node.text(), name == "begins_with")
    case "below": return .below(try node.decimal())
    case "at_least": return .atLeast(try node.decimal())
    default:
      var texts: Set<String> = []
      for element in node.elements { texts.insert(try element.text()) }
      return .among(texts, name == "equals" || name == "in")
    }
  }
}

/// Values.
extension MappingFile {
  private func mappedColumn(_ node: MappingNode) throws(MappingFault) -> MappedColumn {
    MappedColumn(try node.text(), line: node.line)
  }

  private func template(_ node: MappingNode) throws(MappingFault) -> TextTemplate {
    guard let template = TextTemplate(try node.text(), line: node.line) else {
      throw node.fault("the braces of this text do not match; write a brace itself as two")
    }
    return template
  }

  /// The parts of a value.
  private static let valueMembers = [
    "column", "value", "text", "without_suffix", "map", "otherwise", "times", "format", "zone",
    "default",
  ]

  /// A value outside the person's sections, which may say why it is not personal whatever it looks
  /// like.
  private mutating func factRule(_ node: MappingNode) throws(MappingFault) -> ValueRule {
    guard node.node.scalar == nil else { return try valueRule(node) }
    let members = try node.members(Self.valueMembers + ["not_personal"])
    var rule = try valueRule(node, members)
    guard let reason = members["not_personal"] else { return rule }
    let text = try reason.text()
    // A plain yes would be written without a thought.
    guard text.utf8.count >= 10 else {
      throw reason.fault(
        "'not_personal' says in words why these values name no person, "
          + "as in 'not_personal: numbers of our seats'")
    }
    rule.notPersonal = text
    return rule
  }

  /// A text names a column; a mapping says more.
  private mutating func valueRule(_ node: MappingNode) throws(MappingFault) -> ValueRule {
    guard node.node.scalar == nil else { return ValueRule(.column(try mappedColumn(node))) }
    return try valueRule(node, try node.members(Self.valueMembers))
  }

  private mutating func valueRule(
    _ node: MappingNode, _ members: [String: MappingNode]
  ) throws(MappingFault) -> ValueRule {
    var rule = ValueRule(try origin(members, node))
    rule.suffix = try members["without_suffix"]?.text()
    if let map = members["map"] {
      for (text, value) in try map.pairs() { rule.map[text] = try value.value() }
    }
    rule.otherwise = try members["otherwise"]?.value()
    rule.factor = try members["times"]?.decimal()
    rule.fallback = try members["default"]?.value()
    if members["format"] != nil || members["zone"] != nil { rule.time = try time(members) }
    return rule
  }

  private func origin(
    _ members: [String: MappingNode], _ node: MappingNode
  ) throws(MappingFault) -> ValueRule.Origin {
    switch (members["column"], members["value"], members["text"]) {
    case (let column?, nil, nil): return .column(try mappedColumn(column))
    case (nil, let value?, nil): return .constant(try value.value())
    case (nil, nil, let text?): return .template(try template(text))
    default: throw node.fault("a value has one of 'column', 'value' and 'text'")
    }
  }

  private mutating func timeRule(_ node: MappingNode) throws(MappingFault) -> ValueRule {
    var rule = try valueRule(node)
    if rule.time == nil { rule.time = defaultTime }
    return rule
  }

  private mutating func time(
    _ members: [String: MappingNode]
  ) throws(MappingFault) -> TimeRule {
    var rule = defaultTime
    if let format = members["format"] { rule.format = try timeFormat(format) }
    if let zone = members["zone"] { rule.zone = try offsets(zone) }
    return rule
  }

  private func timeFormat(_ node: MappingNode) throws(MappingFault) -> TimeFormat {
    let text = try node.text()
    do throws(TimeFault) {
      return try TimeFormat(text)
    } catch {
      throw node.fault(error.description)
    }
  }

  private mutating func offsets(_ node: MappingNode) throws(MappingFault) -> TimeZoneOffsets {
    let name = try node.text()
    if let known = zones[name] { return known }
    guard let offsets = TimeZoneOffsets(named: name) else {
      throw node.fault("there is no time zone '\(name)'; use a name such as Europe/Madrid")
    }
    zones[name] = offsets
    return offsets
  }

  /// The name of a channel, or a value that names one.
  private mutating func channelRule(_ node: MappingNode) throws(MappingFault) -> ValueRule {
    guard node.node.scalar != nil else { return try valueRule(node) }
    guard let channel = Channel(name: try node.text()) else {
      let names = Channel.allCases.map(\.description).joined(separator: ", ")
      throw node.fault("this is no channel; channels are \(names)")
    }
    return ValueRule(.constant(.text(channel.description)))
  }
}
