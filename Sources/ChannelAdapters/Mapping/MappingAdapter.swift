internal import BinaryCoding
public import EventModel

/// Makes events of the rows of a table, as a mapping says.
public struct MappingAdapter: MessageAdapter {
  private struct PreparedRule: Sendable {
    let rule: EventRule
    let type: PreparedType
    let kinds: [String: FactKind]
    let bounds: [String: FactBounds]
    let mentioned: Set<String>
  }

  private let mapping: RowMapping
  private let rules: [PreparedRule]
  private var values: RowValues
  private var builder = DraftBuilder()
  private var scratch = ByteWriter()

  /// An adapter that follows `mapping`.
  ///
  /// - Parameters:
  ///   - mapping: What becomes of a row.
  ///   - catalogue: The event types with their facts.
  package init(_ mapping: RowMapping, catalogue: EventCatalogue = .builtIn) {
    self.mapping = mapping
    values = RowValues(absentTexts: mapping.absentTexts)
    rules = mapping.events.map { rule in
      let entry = catalogue.entry(for: rule.type)
      return PreparedRule(
        rule: rule, type: PreparedType(entry),
        kinds: Dictionary(uniqueKeysWithValues: entry.schema.facts.map { ($0.name, $0.kind) }),
        bounds: Dictionary(uniqueKeysWithValues: entry.schema.facts.map { ($0.name, $0.bounds) }),
        mentioned: Set(rule.mentioned.map(\.name)))
    }
  }

  /// Adapts one row given as a JSON object.
  ///
  /// - Parameters:
  ///   - message: One JSON object.
  ///   - context: The channel of events for which the mapping names none.
  ///   - drafts: Gets a draft for each event whose conditions hold.
  /// - Throws: ``AdapterRefusal``.
  public mutating func adapt(
    _ message: Span<UInt8>, context: inout AdapterContext, into drafts: inout [EventDraft]
  ) throws(AdapterRefusal) {
    do { try values.row.parse(message) } catch { throw AdapterRefusal(error) }
    guard values.row.kind(of: .root) == .object else {
      throw AdapterRefusal(
        .malformed, reason: "the row is not a JSON object", remedy: "send one object a line")
    }
    try adaptRow(message, &context, into: &drafts)
  }

  /// Adapts one row of a CSV file.
  ///
  /// - Parameters:
  ///   - row: A row with as many fields as there are columns.
  ///   - columns: The header of its file.
  ///   - context: The channel of events for which the mapping names none.
  ///   - drafts: Gets a draft for each event whose conditions hold.
  /// - Throws: ``AdapterRefusal``.
  package mutating func adapt(
    _ row: CSVRow, columns: CSVColumns, context: inout AdapterContext,
    into drafts: inout [EventDraft]
  ) throws(AdapterRefusal) {
    values.row.load(row, columns: columns)
    try adaptRow(row.encoded.span, &context, into: &drafts)
  }

  private mutating func adaptRow(
    _ row: Span<UInt8>, _ context: inout AdapterContext, into drafts: inout [EventDraft]
  ) throws(AdapterRefusal) {
    var made: [EventDraft] = []
    var rowID: [UInt8]?
    for (index, rule) in rules.enumerated() where rule.rule.conditions.allSatisfy(values.holds) {
      builder.begin()
      if let template = rule.rule.id {
        try addID(template)
      } else {
        let id = rowID ?? Self.rowID(row, &context)
        rowID = id
        let part = rules.count > 1 ? ".\(index + 1)" : ""
        builder.addPersonal(ReservedName.sourceID, text: (id + Array(part.utf8)).span)
      }
      made.append(try draft(rule, &context))
    }
    guard !made.isEmpty || mapping.skipsUnmatched else {
      throw AdapterRefusal(
        .invalid, reason: "the conditions of no event hold for this row",
        remedy: "add an event to the mapping, or say 'unmatched: skip'")
    }
    drafts += made
  }

  private static func rowID(_ row: Span<UInt8>, _ context: inout AdapterContext) -> [UInt8] {
    let fingerprint = RowFingerprint(of: row)
    var id = ByteWriter()
    fingerprint.writeSourceID(occurrence: context.countOccurrence(of: fingerprint), to: &id)
    return id.bytes
  }

  private mutating func addID(_ template: TextTemplate) throws(AdapterRefusal) {
    guard let id = values.text(of: template), !id.isEmpty else {
      throw .missing("a column of the id", remedy: "fill it, or leave 'id' out of the mapping")
    }
    builder.addPersonal(ReservedName.sourceID, text: id.span)
  }

  private mutating func draft(
    _ prepared: PreparedRule, _ context: inout AdapterContext
  ) throws(AdapterRefusal) -> EventDraft {
    let rule = prepared.rule
    builder.addPersonal(
      ReservedName.source, text: Array((context.source ?? mapping.source).utf8).span)
    var rawTime: String?
    if let occurred = rule.occurred { rawTime = try addOccurred(occurred) }
    if let touchpoint = rule.touchpoint { try addTouchpoint(touchpoint) }
    for (kind, identifier) in rule.identifiers { try addIdentifier(kind, identifier) }
    try addTraits(rule)
    try addFacts(prepared)
    for (name, field) in rule.fields { try addField(name, field) }
    addRest(prepared, rawTime: rawTime)
    var channel = context.channel ?? .other
    if let word = rule.channel { channel = try self.channel(word) }
    return try builder.finish(type: prepared.type, channel: channel, counting: &context)
  }

  /// Adds the touchpoint, among the person's fields if it looks like a person's.
  private mutating func addTouchpoint(_ rule: ValueRule) throws(AdapterRefusal) {
    try with(rule, field: "touchpoint") { builder, node, document in
      guard let text = document.string(of: node) else { return }
      let bytes = Array(text.utf8)
      let likeness = PersonalValue(bytes.span, isCode: false)
      if let likeness, rule.notPersonal == nil || likeness == .email {
        builder.keepBack("@touchpoint", looksLike: likeness)
        builder.addPersonal(name: "@touchpoint", node, document)
      } else {
        builder.addFact(ReservedName.touchpoint, text: bytes.span)
      }
    }
  }

  private mutating func evaluate(
    _ rule: ValueRule, field: String
  ) throws(AdapterRefusal) -> (value: RowValues.Result, isExact: Bool) {
    do throws(TimeFault) {
      return try values.evaluate(rule)
    } catch {
      throw AdapterRefusal(error, field: field)
    }
  }

  /// Calls `body` with the document and place of a rule's value, unless there is none.
  private mutating func with(
    _ rule: ValueRule, field: String,
    _ body: (inout DraftBuilder, JSONDocument.Node, JSONDocument) -> Void
  ) throws(AdapterRefusal) {
    switch try evaluate(rule, field: field).value {
    case .absent: return
    case .row(let node): body(&builder, node, values.row)
    case .computed: body(&builder, .root, values.computed)
    }
  }

  private mutating func text(
    _ rule: ValueRule, field: String
  ) throws(AdapterRefusal) -> String? {
    var text: String?
    try with(rule, field: field) { _, node, document in text = document.string(of: node) }
    return text
  }

  private mutating func channel(_ rule: ValueRule) throws(AdapterRefusal) -> Channel {
    let word = try text(rule, field: "channel")
    guard let channel = word.flatMap(ChannelNames.channel(named:)) else {
      throw AdapterRefusal(
        .invalid, reason: "the column of the channel names none",
        remedy: "map its values to web, mobile, store, social, email, phone, chat or other")
    }
    return channel
  }

  /// Adds the time, and returns the column that is kept because milliseconds do not tell it in full.
  private mutating func addOccurred(_ rule: ValueRule) throws(AdapterRefusal) -> String? {
    let (value, isExact) = try evaluate(rule, field: "occurred")
    let time: JSONNumber?
    switch value {
    case .absent: return nil
    case .row(let node): time = values.row.number(of: node)
    case .computed: time = values.computed.number(of: .root)
    }
    guard case .integer(let milliseconds)? = time else {
      throw AdapterRefusal(
        .invalid, reason: "occurred: the value is not a time", remedy: "give its format")
    }
    builder.addFact(ReservedName.occurred, integer: milliseconds)
    guard !isExact, case .column(let column) = rule.origin else { return nil }
    return column.name
  }

  private mutating func addIdentifier(
    _ kind: String, _ rule: ValueRule
  ) throws(AdapterRefusal) {
    try with(rule, field: kind) { builder, node, document in
      builder.addIdentifier(kind, node, document)
    }
  }

  private mutating func addTraits(_ rule: EventRule) throws(AdapterRefusal) {
    guard !rule.traits.isEmpty else { return }
    var traits = SectionBuilder()
    for (name, trait) in rule.traits {
      try with(trait, field: name) { _, node, document in
        var encoded = ByteWriter()
        document.transcode(node, to: &encoded)
        traits.add(name: Array(name.utf8).span, encoded: encoded.bytes.span)
      }
    }
    guard traits.count > 0, let object = traits.finish() else { return }
    // A section is encoded as an object without its tag.
    builder.addReserved(ReservedName.traits, encoded: ([ValueTag.object] + object.bytes).span)
  }

  private mutating func addFacts(_ prepared: PreparedRule) throws(AdapterRefusal) {
    let currency = try currency(of: prepared)
    let encoder = FactEncoder(currencyDigits: CurrencyDigits.of(currency ?? ""))
    for (name, fact) in prepared.rule.facts {
      guard let kind = prepared.kinds[name] else { continue }
      let field = FactEncoder.Field(
        isCode: PersonalValue.isCode(fieldName: name), isVouched: fact.notPersonal != nil,
        bounds: prepared.bounds[name] ?? .none)
      try with(fact, field: name) { builder, node, document in
        var encoded = ByteWriter()
        switch encoder.encode(node, as: kind, field, of: document, to: &encoded) {
        case .fact: return builder.addFact(name, encoded: encoded.bytes.span)
        case .personal(let likeness): builder.keepBack(name, looksLike: likeness)
        case .misfit: break
        }
        builder.addPersonal(name: name, node, document)
      }
    }
    if let currency, !prepared.rule.facts.contains(where: { $0.name == "currency" }) {
      builder.addFact("currency", encoded: Value.text(currency).encoded.span)
    }
  }

  /// The currency of the row: of its own column, else of the mapping if the event has amounts.
  private mutating func currency(of prepared: PreparedRule) throws(AdapterRefusal) -> String? {
    if let own = prepared.rule.facts.first(where: { $0.name == "currency" }) {
      return try text(own.rule, field: "currency")
    }
    let hasAmount = prepared.rule.facts.contains { prepared.kinds[$0.name] == .money }
    return hasAmount && prepared.kinds["currency"] == .text ? prepared.rule.currency : nil
  }

  private mutating func addField(_ name: String, _ rule: ValueRule) throws(AdapterRefusal) {
    try with(rule, field: name) { builder, node, document in
      builder.addPersonal(name: name, node, document)
    }
  }

  /// Adds the columns that the rule does not mention, under their own names.
  private mutating func addRest(_ prepared: PreparedRule, rawTime: String?) {
    let row = values.row
    for place in 0..<row.memberCount(of: .root) {
      let (key, node) = row.member(at: place, of: .root)
      let name = row.string(of: key) ?? ""
      let isKept = prepared.rule.keepsRest && !prepared.mentioned.contains(name)
      guard isKept || name == rawTime, !values.isAbsent(node) else { continue }
      let isTaken = (prepared.rule.fields + prepared.rule.facts).contains { $0.name == name }
      builder.addPersonal(key, node, row, prefix: isTaken ? "row_" : "")
    }
  }
}
