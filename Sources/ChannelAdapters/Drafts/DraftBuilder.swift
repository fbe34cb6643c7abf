internal import BinaryCoding
internal import EventModel

/// Sorts the fields of one message into facts and the persons' sections, and makes the draft.
///
/// Persons come one after another: all that is added belongs to one until ``endPerson()``.
///
/// One builder serves all messages of an adapter and keeps its room.
struct DraftBuilder: Sendable {
  private var facts = SectionBuilder()
  private var person = SectionBuilder()
  /// The sections that are finished; the first place is kept for the facts.
  private var sections: [Section] = []
  private var value = ByteWriter()
  private var name = ByteWriter()

  /// The facts that were kept back because they look like a person's.
  private(set) var keptBack: [(field: String, looksLike: PersonalValue)] = []

  /// The identifiers of the present person so far.
  var identifiers = IdentifierList()

  /// Forgets what a refused message left behind.
  mutating func begin() {
    facts.removeAll()
    person.removeAll()
    sections = []
    identifiers.removeAll()
    keptBack.removeAll(keepingCapacity: true)
  }

  /// Notes that a fact was kept back.
  mutating func keepBack(_ field: String, looksLike likeness: PersonalValue) {
    keptBack.append((field, likeness))
  }

  /// Adds the members of `object`: declared ones that fit as facts, all others as the person's.
  ///
  /// - Parameters:
  ///   - object: An object; other kinds have no members.
  ///   - document: Where it is from.
  ///   - type: Says what is declared.
  ///   - skipped: Keys to leave out.
  mutating func addProperties(
    of object: JSONDocument.Node, _ document: JSONDocument, type: PreparedType,
    skipping skipped: [JSONDocument.Node] = []
  ) {
    let digits = type.hasMoney ? currencyDigits(of: object, document) : 2
    let encoder = FactEncoder(currencyDigits: digits)
    document.forEachMember(of: object, matching: type.factKeys) { known, key, node in
      if !skipped.isEmpty, skipped.contains(key) { return }
      guard let known else { return addPersonal(key, node, document) }
      value.removeAll()
      let fit = encoder.encode(
        node, as: type.factKinds[known], type.factFields[known], of: document, to: &value)
      guard fit == .fact else {
        if case .personal(let likeness) = fit {
          keepBack(type.entry.schema.facts[known].name, looksLike: likeness)
        }
        return addPersonal(key, node, document)
      }
      let encoded = value.bytes
      facts.add(name: document.textSpan(of: key), encoded: encoded.span)
    }
  }

  private func currencyDigits(of object: JSONDocument.Node, _ document: JSONDocument) -> UInt8 {
    guard let currency = document.member(Self.currencyKey, of: object),
      document.kind(of: currency) == .string, document.textRange(of: currency).count == 3
    else { return 2 }
    return document.string(of: currency).map(CurrencyDigits.of) ?? 2
  }

  private static let currencyKey = JSONDocument.Key("currency")

  /// Adds a field of the person under its own name; one that begins with '@' gets another.
  mutating func addPersonal(
    _ key: JSONDocument.Node, _ node: JSONDocument.Node, _ document: JSONDocument,
    prefix: String = ""
  ) {
    name.removeAll()
    name.bytes.append(contentsOf: prefix.utf8)
    let text = document.textSpan(of: key)
    if prefix.isEmpty, text.count > 0, text[0] == UInt8(ascii: "@") { name.write(text[0]) }
    name.write(text)
    value.removeAll()
    document.transcode(node, to: &value)
    let (ownName, encoded) = (name.bytes, value.bytes)
    person.add(name: ownName.span, encoded: encoded.span)
  }

  /// Adds a field of the person under a reserved or fixed name.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - node: The value.
  ///   - document: Where it is from.
  ///   - skipped: Keys of members of an object to leave out.
  mutating func addPersonal(
    _ name: StaticString, _ node: JSONDocument.Node, _ document: JSONDocument,
    skipping skipped: [JSONDocument.Node] = []
  ) {
    value.removeAll()
    document.transcode(node, to: &value, skipping: skipped)
    let encoded = value.bytes
    person.add(name, encoded: encoded.span)
  }

  /// Adds a text of the person under a reserved or fixed name.
  mutating func addPersonal(_ name: StaticString, text: Span<UInt8>) {
    person.add(name, text: text)
  }

  /// Adds the text of a string or number under a reserved or fixed name.
  mutating func addPersonal(
    _ name: StaticString, textOf node: JSONDocument.Node, _ document: JSONDocument
  ) {
    person.add(name, text: document.textSpan(of: node))
  }

  /// Adds an identifier whose value is a string or number of a document.
  mutating func addIdentifier(
    _ kind: String, _ node: JSONDocument.Node, _ document: JSONDocument
  ) {
    identifiers.add(kind: kind, value: document.textSpan(of: node))
  }

  /// Adds an identifier that is written as `KIND:VALUE`, and says whether it is.
  mutating func addIdentifier(written node: JSONDocument.Node, _ document: JSONDocument) -> Bool {
    identifiers.add(document.textSpan(of: node))
  }

  /// Adds a field of the person under a name that the message does not give.
  mutating func addPersonal(
    name: String, _ node: JSONDocument.Node, _ document: JSONDocument
  ) {
    value.removeAll()
    document.transcode(node, to: &value)
    let encoded = value.bytes
    let ownName = name.hasPrefix("@") ? "@" + name : name
    person.add(name: Array(ownName.utf8).span, encoded: encoded.span)
  }

  /// Adds the value of a reserved field of the person, already encoded.
  mutating func addReserved(_ name: StaticString, encoded: Span<UInt8>) {
    person.add(name, encoded: encoded)
  }

  /// Adds the context: what the message gives as one, and further members beside it.
  ///
  /// - Parameters:
  ///   - context: An object, or nil.
  ///   - further: Keys and values that are not in it.
  ///   - document: Where they are from.
  /// - Returns: Whether all names are different; if not, nothing is added.
  mutating func addContext(
    _ context: JSONDocument.Node?,
    and further: [(key: JSONDocument.Node, value: JSONDocument.Node)], _ document: JSONDocument
  ) -> Bool {
    guard !further.isEmpty else {
      if let context { addPersonal(ReservedName.context, context, document) }
      return true
    }
    var members = SectionBuilder()
    func add(_ key: JSONDocument.Node, _ node: JSONDocument.Node) {
      var encoded = ByteWriter()
      document.transcode(node, to: &encoded)
      members.add(name: document.textSpan(of: key), encoded: encoded.bytes.span)
    }
    for (key, node) in further { add(key, node) }
    if let context {
      for place in 0..<document.memberCount(of: context) {
        let (key, node) = document.member(at: place, of: context)
        add(key, node)
      }
    }
    // A section is encoded as an object without its tag.
    guard let object = members.finish() else { return false }
    addReserved(ReservedName.context, encoded: ([ValueTag.object] + object.bytes).span)
    return true
  }

  /// Adds a time or number among the facts under a reserved name.
  mutating func addFact(_ name: StaticString, integer: Int64) { facts.add(name, integer: integer) }

  /// Adds a text among the facts under a reserved name.
  mutating func addFact(_ name: StaticString, text: Span<UInt8>) { facts.add(name, text: text) }

  /// Adds the text of a string or number among the facts under a reserved name.
  mutating func addFact(
    _ name: StaticString, textOf node: JSONDocument.Node, _ document: JSONDocument
  ) {
    facts.add(name, text: document.textSpan(of: node))
  }

  /// Adds a declared fact whose value is made up.
  mutating func addFact(_ name: String, encoded: Span<UInt8>) {
    facts.add(name: Array(name.utf8).span, encoded: encoded)
  }

  /// Adds the source id of a row that came without one.
  mutating func addSourceID(
    ofRow row: Span<UInt8>, context: inout AdapterContext, part: String = ""
  ) {
    let fingerprint = RowFingerprint(of: row)
    value.removeAll()
    fingerprint.writeSourceID(
      occurrence: context.countOccurrence(of: fingerprint), to: &value)
    value.write(Array(part.utf8))
    let id = value.bytes
    person.add(ReservedName.sourceID, text: id.span)
  }

  /// Ends the section of the present person; what is added from here on belongs to the next.
  ///
  /// - Throws: ``AdapterRefusal`` if two fields have one name.
  mutating func endPerson() throws(AdapterRefusal) {
    if !identifiers.isEmpty {
      value.removeAll()
      identifiers.write(to: &value)
      let encoded = value.bytes
      addReserved(ReservedName.identifiers, encoded: encoded.span)
      identifiers.removeAll()
    }
    guard let section = person.finish() else { throw Self.ambiguous }
    if sections.isEmpty {
      sections.reserveCapacity(2)
      sections.append(.empty)
    }
    sections.append(section)
  }

  private static let ambiguous = AdapterRefusal(
    .ambiguous, reason: "two fields of the message would become one",
    remedy: "give them different names")

  /// Makes the draft, after the last person.
  ///
  /// - Parameters:
  ///   - type: What happened.
  ///   - channel: The medium.
  ///   - context: Counts the facts that were kept back.
  /// - Returns: The draft, with at least one person's section.
  /// - Throws: ``AdapterRefusal`` if two fields have one name or the event is too large.
  mutating func finish(
    type: PreparedType, channel: Channel, counting context: inout AdapterContext
  ) throws(AdapterRefusal) -> EventDraft {
    try endPerson()
    guard let facts = facts.finish() else { throw Self.ambiguous }
    sections[0] = facts
    let draft = EventDraft(
      channel: channel, type: type.entry.schema.type, schema: type.entry.digest,
      sections: sections)
    sections = []
    guard draft.sectionByteCount <= Self.sectionByteCountMax else {
      throw AdapterRefusal(
        .tooLarge, reason: "the event has \(draft.sectionByteCount) bytes",
        remedy: "send at most \(Self.sectionByteCountMax) bytes an event")
    }
    for (field, likeness) in keptBack {
      context.countKeptBack(
        KeptBackFact(type: draft.type, field: field, looksLike: likeness))
    }
    return draft
  }

  /// Leaves room for the header in an event of 1 MiB.
  private static let sectionByteCountMax = EventLimits.eventByteCountMax - 1_024
}
