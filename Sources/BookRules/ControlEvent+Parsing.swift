package import EventModel
internal import HybridTime
internal import MerkleProofs

// Facts alone decide whether an event is malformed: section 1 may be erased, and a replica that holds
// the husk must come to the same answer as one that holds the text. Facts the table does not name are
// of a later version, and so are types; the channel is ignored.

extension ControlEvent {
  /// The event types of the table.
  enum TypeName {
    static let grantAdded = "grant.added"
    static let grantRevoked = "grant.revoked"
    static let retracted = "event.retracted"
    static let corrected = "event.corrected"
    static let extended = "event.extended"
    static let redacted = "event.redacted"
    static let erasureRequested = "erasure.requested"
    static let erasureExtended = "erasure.extended"
    static let erasureAcknowledged = "erasure.acknowledged"
    static let arrivalAttested = "arrival.attested"
    static let documentDeclared = "document.declared"
    static let documentActivated = "document.activated"
  }

  /// The types of the table with the facts that it names.
  private static let table: [String: [StaticString]] = [
    TypeName.grantAdded: ["key", "roles", "first"],
    TypeName.grantRevoked: ["grant", "last"],
    TypeName.retracted: ["event", "origin", "from", "last"],
    TypeName.corrected: ["event", "facts", "persons"],
    TypeName.extended: ["act", "events"],
    TypeName.redacted: ["event", "section", "replaces"],
    TypeName.erasureRequested: ["sections", "cut", "request"],
    TypeName.erasureExtended: ["erasure", "sections"],
    TypeName.erasureAcknowledged: ["erasure"],
    TypeName.arrivalAttested: ["origin", "first", "last", "arrived"],
    TypeName.documentDeclared: ["kind", "digest", "content"],
    TypeName.documentActivated: ["kind", "subject", "digest"],
  ]

  /// The longest content of a document in bytes: 512 KiB.
  package static let documentByteCountMax = 512 * 1024

  /// Reads a control event; nothing when it is an interaction or an identity claim.
  ///
  /// - Parameter event: Any event.
  /// - Throws: ``ControlFault`` when the type is in the table and the event is malformed. O(bytes).
  package init?(_ event: Event) throws(ControlFault) {
    guard event.type.isControl, !event.type.isIdentityClaim else { return nil }
    try self.init(parsing: event)
    let named = Self.table[event.type.name] ?? []
    if event.facts.holdsFact(besides: named) { self = .notUnderstood }
  }

  private init(parsing event: Event) throws(ControlFault) {
    let facts = event.facts
    switch event.type.name {
    case TypeName.grantAdded:
      self = .grantAdded(
        key: try facts.parse("key") { DeviceKey(hexadecimal: $0) },
        roles: try facts.parse("roles") { RoleSet($0) }, first: try facts.grantStart())
    case TypeName.grantRevoked:
      self = .grantRevoked(grant: try facts.reference("grant"), last: try facts.revocationLimit())
    case TypeName.retracted: self = try Self.retraction(facts)
    case TypeName.corrected:
      guard try facts.required("facts").isObject else { throw .wrongKind(field: "facts") }
      self = .corrected(try facts.reference("event"), replacesPersons: try facts.boolean("persons"))
    case TypeName.extended:
      let events = try facts.references("events")
      guard !events.isEmpty else { throw .outOfBounds(field: "events") }
      self = .extended(try facts.reference("act"), events: events)
    case TypeName.redacted:
      let section = try facts.integer("section", in: 0...Int64(EventLimits.sectionCountMax - 1))
      self = .redacted(
        try facts.reference("event"), section: Int(section), replaces: try facts.replaced())
    case TypeName.erasureRequested: self = .erasureRequested(try event.erasureRequest())
    case TypeName.erasureExtended:
      self = .erasureExtended(
        try facts.reference("erasure"), sections: try facts.erasedSections())
    case TypeName.erasureAcknowledged:
      self = .erasureAcknowledged(try facts.reference("erasure"))
    case TypeName.arrivalAttested: self = .arrivalAttested(try facts.attestedArrival())
    case TypeName.documentDeclared: self = try Self.declaration(facts)
    case TypeName.documentActivated:
      self = .documentActivated(
        try facts.documentSubject(),
        digest: try facts.parse("digest") { Digest256(text: $0) }
      )
    default: self = .notUnderstood
    }
  }

  /// By reference or by run; a fact of both at once names nothing.
  private static func retraction(_ facts: Section) throws(ControlFault) -> ControlEvent {
    if facts.value("event") != nil {
      for name in ["origin", "from", "last"] as [StaticString] where facts.value(name) != nil {
        throw .outOfBounds(field: name.description)
      }
      return .retracted(try facts.reference("event"))
    }
    let origin = try facts.parse("origin") { OriginID(hexadecimal: $0) }
    let first = try facts.integer("from", in: 1...Int64.max)
    let isBounded = facts.value("last") != nil
    let last = isBounded ? UInt64(try facts.integer("last", in: first...Int64.max)) : .max
    return .runRetracted(origin, run: IntervalSet.Run(first: UInt64(first), last: last))
  }

  private static func declaration(_ facts: Section) throws(ControlFault) -> ControlEvent {
    let kind = try facts.parse("kind") { DocumentKind(rawValue: $0) }
    let digest = try facts.parse("digest") { Digest256(text: $0) }
    guard facts.value("content") != nil else { throw .missing(field: "content") }
    guard let content = facts.textRange("content") else { throw .wrongKind(field: "content") }
    guard content.count <= documentByteCountMax else { throw .outOfBounds(field: "content") }
    guard Digest256.hash(facts.bytes.span.extracting(content)) == digest else {
      throw .digestMismatch
    }
    return .documentDeclared(kind: kind, digest: digest)
  }
}

extension Section {
  /// Whether there is a fact, not reserved, of another name than these.
  fileprivate func holdsFact(besides named: [StaticString]) -> Bool {
    var isFound = false
    forEachRange { name, _ in
      let isReserved = bytes[name].first == UInt8(ascii: "@")
      isFound = !isReserved && !named.contains { bytes.isEqual(to: $0, in: name) }
      return !isFound
    }
    return isFound
  }

  fileprivate func required(_ name: StaticString) throws(ControlFault) -> Value {
    guard let value = value(name) else { throw .missing(field: name.description) }
    return value
  }

  /// The field `name`, a text that `parse` understands.
  fileprivate func parse<Result>(
    _ name: StaticString, _ parse: (String) -> Result?
  ) throws(ControlFault) -> Result {
    guard let text = try required(name).text else { throw .wrongKind(field: name.description) }
    guard let result = parse(text) else { throw .outOfBounds(field: name.description) }
    return result
  }

  fileprivate func reference(_ name: StaticString) throws(ControlFault) -> EventReference {
    try parse(name) { EventReference($0) }
  }

  /// The redactions that one replaces; none where the fact is missing.
  fileprivate func replaced() throws(ControlFault) -> [EventReference] {
    value("replaces") == nil ? [] : try references("replaces")
  }

  fileprivate func references(_ name: StaticString) throws(ControlFault) -> [EventReference] {
    var references: [EventReference] = []
    for element in try elements(name) {
      guard let text = element.text else { throw .wrongKind(field: name.description) }
      guard let reference = EventReference(text) else {
        throw .outOfBounds(field: name.description)
      }
      references.append(reference)
    }
    return references
  }

  fileprivate func integer(
    _ name: StaticString, in bounds: ClosedRange<Int64>
  ) throws(ControlFault) -> Int64 {
    guard let integer = try required(name).integer else {
      throw .wrongKind(field: name.description)
    }
    guard bounds.contains(integer) else { throw .outOfBounds(field: name.description) }
    return integer
  }

  fileprivate func boolean(_ name: StaticString) throws(ControlFault) -> Bool {
    guard case .boolean(let value) = try required(name) else {
      throw .wrongKind(field: name.description)
    }
    return value
  }

  fileprivate func elements(_ name: StaticString) throws(ControlFault) -> [Value] {
    guard case .array(let values) = try required(name) else {
      throw .wrongKind(field: name.description)
    }
    return values
  }

  /// An object of incarnations with a sequence of at least `least` each.
  private func sequences(
    _ name: StaticString, atLeast least: Int64
  ) throws(ControlFault) -> [(incarnation: UInt64, sequence: UInt64)] {
    guard case .object(let fields) = try required(name) else {
      throw .wrongKind(field: name.description)
    }
    var sequences: [(incarnation: UInt64, sequence: UInt64)] = []
    for field in fields {
      guard let sequence = field.value.integer else { throw .wrongKind(field: name.description) }
      guard let incarnation = hexadecimalWord(field.name), sequence >= least else {
        throw .outOfBounds(field: name.description)
      }
      sequences.append((incarnation, UInt64(sequence)))
    }
    return sequences
  }

  fileprivate func revocationLimit() throws(ControlFault) -> RevocationLimit {
    RevocationLimit(
      try sequences("last", atLeast: 0).map {
        .init(incarnation: $0.incarnation, last: $0.sequence)
      }
    )
  }

  fileprivate func grantStart() throws(ControlFault) -> GrantStart? {
    guard value("first") != nil else { return nil }
    return GrantStart(
      try sequences("first", atLeast: 1).map {
        .init(incarnation: $0.incarnation, first: $0.sequence)
      })
  }

  fileprivate func erasedSections() throws(ControlFault) -> [ErasedSection] {
    var sections: [ErasedSection] = []
    for element in try elements("sections") {
      guard let section = ErasedSection(element) else { throw .outOfBounds(field: "sections") }
      sections.append(section)
    }
    return sections
  }

  /// The tags of a field of section 1, which may hold anything: what is no tag is passed over.
  fileprivate func tags(_ name: StaticString) -> [IdentifierTag] {
    guard case .array(let elements)? = value(name) else { return [] }
    return elements.compactMap { $0.text.flatMap { IdentifierTag($0) } }
  }

  fileprivate func attestedArrival() throws(ControlFault) -> AttestedArrival {
    let first = UInt64(try integer("first", in: 1...Int64.max))
    let last = UInt64(try integer("last", in: 1...Int64.max))
    guard first <= last else { throw .outOfBounds(field: "last") }
    return AttestedArrival(
      origin: try parse("origin") { OriginID(hexadecimal: $0) },
      run: IntervalSet.Run(first: first, last: last),
      arrivedMilliseconds: try integer("arrived", in: Int64.min...Int64.max))
  }

  fileprivate func documentSubject() throws(ControlFault) -> DocumentSubject {
    DocumentSubject(
      kind: try parse("kind") { DocumentKind(rawValue: $0) },
      name: try parse("subject") { text in
        text.utf8.count <= DocumentSubject.nameByteCountMax ? text : nil
      })
  }
}

extension Event {
  fileprivate func erasureRequest() throws(ControlFault) -> ErasureRequest {
    let hasRequest = facts.value("request") != nil
    return ErasureRequest(
      sections: try facts.erasedSections(), tags: personal.tags(ControlName.tags),
      cutMilliseconds: try facts.integer("cut", in: Int64.min...Int64.max),
      request: hasRequest ? try facts.parse("request") { $0 } : nil)
  }
}

extension ErasedSection {
  /// An array of origin, sequence and section number; of section 1 it may, of 0 it must end with a tag.
  fileprivate init?(_ value: Value) {
    guard case .array(let parts) = value, (3...4).contains(parts.count),
      let origin = parts[0].text.flatMap({ OriginID(hexadecimal: $0) }),
      let sequence = parts[1].integer, sequence >= 1,
      let section = parts[2].integer, (0..<Int64(EventLimits.sectionCountMax)).contains(section)
    else { return nil }
    let dot = Dot(origin: origin, sequence: UInt64(sequence))
    let key = parts.count == 4 ? parts[3].text.flatMap { IdentifierTag($0) } : nil
    guard key != nil ? section <= 1 : parts.count == 3 && section > 0 else { return nil }
    self.init(dot: dot, section: Int(section), key: key)
  }
}

extension Value {
  fileprivate var isObject: Bool {
    guard case .object = self else { return false }
    return true
  }
}
