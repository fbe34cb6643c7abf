internal import BookRules
internal import CustomerProfiles
internal import EventModel
internal import EventStorage
internal import HybridTime
internal import ProjectionEngine

/// Erasing a person: at once no answer shows them, here and wherever the erasure arrives. Their bytes
/// stay on the disk until ``ReplicaCore/removeErased()``.
extension ReplicaCore {
  /// What erasing customers would take: every section that carries one of the identifiers of their
  /// profiles, corrections and redactions included.
  ///
  /// - Parameter people: A name of each customer.
  /// - Returns: The identifiers and how much stands under them.
  /// - Throws: ``ReplicaError``: nothing is held, or a name is nobody's.
  /// - Complexity: Reads every event that names one of the customers, in the order of the log.
  package func erasurePreview(of people: [CustomerName]) throws(ReplicaError) -> ErasurePreview {
    var identifiers: [[ExactText]] = []
    var names: [ExactText: Identifier] = [:]
    for name in people {
      let found = try identifiersToErase(of: name)
      identifiers.append(found.map { ExactText($0.description) })
      for name in found { names[ExactText(name.description)] = name }
    }
    let state = try bookState()
    let ascending = names.sorted { $0.key < $1.key }.map(\.value)
    let preview = try ReplicaError.translating { () throws -> ErasurePreview in
      try makePreview(of: ascending, in: state)
    }
    let met = Set(preview.names.filter { $0.eventCount > 0 }.map { ExactText("\($0.identifier)") })
    for (index, person) in identifiers.enumerated() where met.isDisjoint(with: person) {
      throw ReplicaError(
        .notFound,
        "no event that is not erased yet names this person; check the identifier, or sync",
        location: people.count > 1 ? "person \(index + 1) of \(people.count)" : nil)
    }
    return preview
  }

  /// What erasing one customer would take; see ``erasurePreview(of:)-([CustomerName])``.
  package func erasurePreview(of name: CustomerName) throws(ReplicaError) -> ErasurePreview {
    try erasurePreview(of: [name])
  }

  /// Erases one customer; see ``erase(_:reason:request:)-([CustomerName],_,_)``.
  package func erase(
    _ name: CustomerName, reason: String?, request: String?
  ) throws(ReplicaError) -> ErasureReceipt {
    try erase([name], reason: reason, request: request)
  }

  /// Erases customers, together: what stays of an erasure says which events were listed in one, and
  /// the more people it lists, the less that tells of each.
  ///
  /// - Parameters:
  ///   - people: A name of each customer.
  ///   - reason: Why; shown by `events --all`, so it names nobody.
  ///   - request: What the request is called outside, such as a case number; part of the log for
  ///     ever, so it names nobody.
  /// - Returns: What was done.
  /// - Throws: ``ReplicaError``: nothing is held, this replica may not, or it was not given the book's
  ///   secret. Nothing is erased then.
  package func erase(
    _ people: [CustomerName], reason: String?, request: String?
  ) throws(ReplicaError) -> ErasureReceipt {
    try require(.erase, to: "erase a person")
    guard let secret = erasures.secret else { throw Self.missingSecret(directory) }
    let preview = try erasurePreview(of: people)
    for text in [reason, request] { try requireNobody(in: text ?? "", of: preview) }
    let cut = environment.wallMilliseconds()
    let drafts = preview.requests(secret, cutMilliseconds: cut, request: request)
      .map { EventDraft.erasing($0, reason: reason) }
    let dots = try append(drafts).compactMap { outcome -> Dot? in
      guard case .appended(let dot, _) = outcome else { return nil }
      return dot
    }
    try ReplicaError.translating { try settleErasures() }
    let state = try bookState()
    return ErasureReceipt(
      erasures: dots, cutMilliseconds: cut, identifierCount: preview.names.count,
      eventCount: preview.eventCount, sectionCount: preview.sectionCount,
      acknowledgedBy: dots.first.map { state.acknowledgements(ofErasure: $0) } ?? [])
  }

  static func missingSecret(_ directory: String) -> ReplicaError {
    ReplicaError(
      .noBookSecret,
      "the book's secret is not here, so nothing can be erased; erase on a replica that has it, or"
        + " copy its file keys/book to this place", location: directory + "/keys/book")
  }

  /// The identifiers of the profile that a name belongs to, and the name itself, in byte order.
  private func identifiersToErase(
    of name: CustomerName
  ) throws(ReplicaError) -> [Identifier] {
    try catchUp()
    guard let named = try identifier(of: name) else {
      throw ReplicaError(.notFound, "no event of this name is held; check it, or sync")
    }
    guard !CustomerQueries.namesNobody(named) else {
      throw ReplicaError(
        .badRequest,
        "the identifier is one that systems write when they know nobody; name a person by another")
    }
    let profile = try profile(of: .identifier(named))
    let others = (profile?.identifierTexts ?? []).compactMap { Identifier($0) }
    // Byte by byte: texts that Unicode calls equal are different identifiers.
    let exact = Dictionary(
      (others + [named]).map { (ExactText($0.description), $0) },
      uniquingKeysWith: { first, _ in first })
    return exact.sorted { $0.key < $1.key }.map(\.value)
  }

  private func makePreview(of names: [Identifier], in state: BookState) throws -> ErasurePreview {
    let snapshot = snapshot()
    let wanted = Set(names.map { Array($0.description.utf8) })
    var positions: Set<LogPosition> = []
    for name in names {
      positions.formUnion(try snapshot.positions(naming: name.name))
    }
    var sections: Set<ErasedSection> = []
    var remembered: Set<ErasedSection> = []
    var keys: Set<IdentifierTag> = []
    var found: [[UInt8]: (count: Int, first: Dot)] = [:]
    // In the order of the log each block is read once.
    for position in positions.sorted() {
      guard let event = try snapshot.event(at: position) else { continue }
      let listed = state.listedSections(of: event.dot)
      let matching = event.sections.indices.filter { section in
        !listed.contains(section: section) && !event.names(of: section, among: wanted).isEmpty
      }
      sections.formUnion(matching.map { listing(section: $0, of: event) })
      if !matching.isEmpty, let key = erasures.secret?.keyTag(of: event),
        keys.insert(key).inserted
      {
        remembered.formUnion(try keyListings(of: event, in: state))
      }
      for name in Set(matching.flatMap { event.names(of: $0, among: wanted) }) {
        found[name, default: (0, event.dot)].count += 1
      }
    }
    let taken = Set(sections.filter { $0.key != nil }.map(\.dot))
    return ErasurePreview(
      names: names.map { name in
        let met = found[Array(name.description.utf8)]
        return ErasurePreview.Name(identifier: name, eventCount: met?.count ?? 0, first: met?.first)
      }, sections: sections.sorted(),
      remembered: remembered.filter { !taken.contains($0.dot) }.sorted())
  }

  /// A section as it is listed: section 1 with what remembers the key, where the book's secret is held.
  func listing(section: Int, of event: Event) -> ErasedSection {
    ErasedSection(
      dot: event.dot, section: section,
      key: section == 1 ? erasures.secret?.keyTag(of: event) : nil)
  }

  /// What remembers the key of an interaction, for it and the others under it of which nobody does; none
  /// for events without a key.
  func keyListings(of event: Event, in state: BookState) throws(ReplicaError) -> [ErasedSection] {
    guard let key = erasures.secret?.keyTag(of: event) else { return [] }
    let all = try ([event] + sharingKey(of: event)).map(\.dot)
    return all.filter { state.rememberedKey(of: $0) == nil }.map {
      ErasedSection(dot: $0, section: 0, key: key)
    }
  }

  /// Refuses a text that stays in the log and names whom it erases.
  private func requireNobody(
    in text: String, of preview: ErasurePreview
  ) throws(ReplicaError) {
    let lower = text.lowercased()
    // Shorter ones, such as a till's customer number 7, stand in any text by chance.
    let values = preview.names.map { $0.identifier.value.lowercased() }.filter { $0.count >= 4 }
    guard !values.contains(where: { lower.contains($0) }) else {
      throw ReplicaError(
        .badRequest,
        "the reason or the request's name contains an identifier of the person, and both stay in the"
          + " log; say it without")
    }
  }
}

extension ErasurePreview {
  /// The erasures that ask for all of it: one, or parts that fit an event each.
  fileprivate func requests(
    _ secret: BookSecret, cutMilliseconds: Int64, request: String?
  ) -> [ErasureRequest] {
    let tags = names.map { secret.tag(ofIdentifier: Array($0.identifier.description.utf8)) }
      .sorted().inErasureParts
    let listed = (sections + remembered).sorted().inErasureParts
    return (0..<max(listed.count, tags.count)).map { index in
      ErasureRequest(
        sections: listed.part(index), tags: tags.part(index), cutMilliseconds: cutMilliseconds,
        request: request)
    }
  }
}

extension Event {
  /// Which of some identifiers, given as the UTF-8 of `kind:value`, a person section carries.
  fileprivate func names(of section: Int, among wanted: Set<[UInt8]>) -> [[UInt8]] {
    guard section > 0 else { return [] }
    var found: [[UInt8]] = []
    sections[section].forEachIdentifierRange { range in
      let name = Array(sections[section].bytes[range])
      if wanted.contains(name) { found.append(name) }
    }
    return found
  }
}
