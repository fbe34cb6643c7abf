import BookRules
import EventModel
import HybridTime

/// The specification, transcribed sentence by sentence: no index, no order of evaluation, every
/// question answered by a scan over all events. Slow, and meant to be read beside
/// `docs/format/control-events.md`. Only who counts is kept once it was found out, since
/// every other sentence asks for it.
struct BookModel {
  private struct Entry {
    let event: Event
    let idPrefix: UInt64
    let control: ControlEvent?
    var dot: Dot { event.dot }
    var key: DeviceKey { event.dot.origin.key }
    var isInteraction: Bool { !event.type.isControl }
  }

  /// What §2 came to, by event and role.
  private final class Standings {
    var known: [Dot: [Role: Bool]] = [:]
  }

  private let ownerKey: DeviceKey
  private let entries: [Entry]
  private let standings = Standings()

  init(_ book: TestBook) {
    ownerKey = book.owner.key
    entries = book.events.map { event in
      Entry(event: event, idPrefix: idPrefix(of: event), control: try? ControlEvent(event))
    }
  }

  // §2. Who counts.

  func may(_ author: Dot, _ role: Role) -> Bool {
    if author.origin.key == ownerKey { return true }
    if let known = standings.known[author]?[role] { return known }
    let may = isGranted(author, role)
    standings.known[author, default: [:]][role] = may
    return may
  }

  private func isGranted(_ author: Dot, _ role: Role) -> Bool {
    entries.contains { grant in
      guard case .grantAdded(let key, let roles, let first)? = grant.control else { return false }
      let isInside = first.map { start in
        start.entries.contains {
          $0.incarnation == author.origin.incarnation && $0.first <= author.sequence
        }
      }
      return key == author.origin.key && roles.contains(role) && gives(grant.dot, role)
        && isInside ?? true
        && entries.allSatisfy { revocation in
          guard case .grantRevoked(let named, let last)? = revocation.control,
            resolve(named)?.dot == grant.dot, gives(revocation.dot, role)
          else { return true }
          let limits = last.entries.filter { $0.incarnation == author.origin.incarnation }
          return author.sequence <= limits.first?.last ?? 0
        }
    }
  }

  /// Whether a grant or revocation by this event counts for the role.
  private func gives(_ author: Dot, _ role: Role) -> Bool {
    author.origin.key == ownerKey || (role != .admin && may(author, .admin))
  }

  private func resolve(_ reference: EventReference) -> Entry? {
    entries.first { $0.dot == reference.dot && $0.idPrefix == reference.idPrefix }
  }

  // What is said about one event.

  func meaning(of event: Event) -> EventMeaning? {
    entries.first { $0.dot == event.dot }.map(meaning)
  }

  private func meaning(of entry: Entry) -> EventMeaning {
    var meaning = EventMeaning(isInert: !hasRole(entry))
    meaning.isRetracted = isRetracted(entry)
    meaning.correction = correction(of: entry)
    meaning.redactions = (0..<16).flatMap { section in
      standing(of: entry, section).map(\.dot).sorted().map {
        .init(section: section, redaction: $0)
      }
    }
    for section in 0..<16 where isListed(entry.dot, section) {
      meaning.listed.insert(SectionSet(section: section))
    }
    for section in 0..<16 where isErased(entry, section) {
      meaning.erased.insert(SectionSet(section: section))
    }
    meaning.arrivedMilliseconds = arrival(of: entry)
    return meaning
  }

  private func hasRole(_ entry: Entry) -> Bool {
    if entry.isInteraction { return may(entry.dot, .append) }
    switch entry.control {
    case nil, .notUnderstood: return false
    case .grantAdded(_, let roles, _): return roles.roles.contains { gives(entry.dot, $0) }
    case .grantRevoked: return may(entry.dot, .admin)
    case .retracted(let event), .corrected(let event, _):
      return mayUndo(entry, event.dot.origin.key)
    case .runRetracted(let origin, _): return mayUndo(entry, origin.key)
    case .extended:
      return [.configure, .append, .erase].contains { may(entry.dot, $0) }
    case .redacted, .erasureRequested: return may(entry.dot, .erase)
    case .erasureExtended: return may(entry.dot, .erase) || may(entry.dot, .append)
    case .erasureAcknowledged: return may(entry.dot, .append)
    case .arrivalAttested: return may(entry.dot, .attest)
    case .documentDeclared, .documentActivated: return may(entry.dot, .configure)
    }
  }

  // §3. Retraction.

  private func mayUndo(_ author: Entry, _ key: DeviceKey) -> Bool {
    may(author.dot, .configure) || (author.key == key && may(author.dot, .append))
  }

  private func isRetracted(_ entry: Entry) -> Bool {
    entries.contains { retraction in
      switch retraction.control {
      case .runRetracted(let origin, let run):
        return entry.dot.origin == origin && run.first <= entry.dot.sequence
          && entry.dot.sequence <= run.last
          && (entry.isInteraction || isRetractable(entry) || entry.event.type.isIdentityClaim)
          && mayUndo(retraction, origin.key)
      case .retracted(let named):
        return (entry.isInteraction || isRetractable(entry))
          && reaches(retraction, named, entry)
      default: return false
      }
    }
  }

  private func isRetractable(_ entry: Entry) -> Bool {
    ["event.corrected", "arrival.attested"].contains(entry.event.type.name)
  }

  /// Whether an act with this `event` reaches an event: by its name, or an extension does for it.
  private func reaches(_ act: Entry, _ named: EventReference, _ entry: Entry) -> Bool {
    guard mayUndo(act, named.dot.origin.key), mayUndo(act, entry.key) else { return false }
    if resolve(named)?.dot == entry.dot { return true }
    return entry.isInteraction
      && entries.contains { further in
        guard case .extended(let extended, let events)? = further.control else { return false }
        return resolve(extended)?.dot == act.dot && mayUndo(further, entry.key)
          && events.contains { resolve($0)?.dot == entry.dot }
      }
  }

  // §4. Correction.

  private func correction(of entry: Entry) -> EventMeaning.Correction? {
    guard entry.isInteraction, redactions(of: entry, 0).isEmpty else { return nil }
    let corrections = entries.filter { correction in
      guard case .corrected(let named, _)? = correction.control else { return false }
      return reaches(correction, named, entry) && !isRetracted(correction)
        && !isErased(correction, 0)
    }
    guard let last = latest(corrections),
      case .corrected(_, let replacesPersons)? = last.control
    else { return nil }
    return EventMeaning.Correction(dot: last.dot, replacesPersons: replacesPersons)
  }

  private func latest(_ entries: [Entry]) -> Entry? {
    entries.max { WinnerKey($0.event) < WinnerKey($1.event) }
  }

  // §5. Redaction.

  /// The counting redactions that have an effect on a section.
  private func redactions(of entry: Entry, _ section: Int) -> [Entry] {
    guard section < entry.event.sections.count else { return [] }
    let type = entry.event.type.name
    if section == 0, !entry.isInteraction, type != "event.corrected" { return [] }
    if section == 2, type == "event.redacted" { return [] }
    return entries.filter { redaction in
      guard case .redacted(let named, section, _)? = redaction.control else { return false }
      let isNamed =
        resolve(named)?.dot == entry.dot || isExtended(redaction, reference(entry))
      return isNamed && may(redaction.dot, .erase)
    }
  }

  /// Those of which what survives stands: none, if nothing does.
  private func standing(of entry: Entry, _ section: Int) -> [Entry] {
    let redactions = redactions(of: entry, section)
    let isTaken =
      isListed(entry.dot, section) || isErasedAlong(entry, section)
      || redactions.contains { isListedItself($0.dot, 2) }
    return isTaken ? [] : redactions.filter { !isReplaced($0) }
  }

  /// Whether a counting redaction of the same section of the same event replaces this one.
  private func isReplaced(_ entry: Entry) -> Bool {
    guard case .redacted(let event, let section, _)? = entry.control else { return false }
    return entries.contains { other in
      guard case .redacted(event, section, let replaced)? = other.control else { return false }
      return other.dot != entry.dot && may(other.dot, .erase)
        && replaced.contains { resolve($0)?.dot == entry.dot }
    }
  }

  /// Whether a section goes with another that is redacted: that of a correction with the event's, that
  /// of a redaction with its correction's or by one that replaces it.
  private func isErasedAlong(_ entry: Entry, _ section: Int) -> Bool {
    switch entry.control {
    case .corrected(let event, _)?:
      let isRobbed = isNamed(event, { $0 == 0 }) || !redactions(of: entry, 0).isEmpty
      return isRobbed || (section > 0 && isNamed(event) { $0 > 0 })
    case .redacted(let event, let redacted, _)? where section == 2:
      let target = entries.first { $0.dot == event.dot }
      let isCorrection = if case .corrected? = target?.control { true } else { false }
      return isReplaced(entry)
        || (isCorrection && target.map { isErasedAlong($0, redacted) } == true)
    default: return false
    }
  }

  /// Whether a counting redaction names an event by this reference, and such a section.
  private func isNamed(_ event: EventReference, _ isSuch: (Int) -> Bool) -> Bool {
    entries.contains { redaction in
      guard case .redacted(let named, let section, _)? = redaction.control else { return false }
      return isSuch(section) && may(redaction.dot, .erase)
        && (named == event || isExtended(redaction, event))
    }
  }

  /// Whether an extension of a redaction, by an author with `erase`, names an event by this reference.
  private func isExtended(_ redaction: Entry, _ event: EventReference) -> Bool {
    entries.contains { further in
      guard case .extended(let act, let events)? = further.control else { return false }
      return resolve(act)?.dot == redaction.dot && may(further.dot, .erase)
        && events.contains(event)
    }
  }

  private func reference(_ entry: Entry) -> EventReference {
    EventReference(dot: entry.dot, idPrefix: entry.idPrefix)
  }

  /// The fields that all of them carry.
  private func survivors(of standing: [Entry]) -> Section {
    let carried = standing.map { $0.event.sections.count > 2 ? $0.event.sections[2] : .empty }
    guard let first = carried.first else { return .empty }
    return Section(
      first.fields.filter { field in carried.allSatisfy { $0.fields.contains(field) } })
  }

  // §6. Erasure.

  private func isErased(_ entry: Entry, _ section: Int) -> Bool {
    isListed(entry.dot, section) || !redactions(of: entry, section).isEmpty
      || isErasedAlong(entry, section)
  }

  private func isListed(_ dot: Dot, _ section: Int) -> Bool {
    if isListedItself(dot, section) { return true }
    guard let entry = entries.first(where: { $0.dot == dot }) else { return false }
    switch entry.control {
    case .corrected(let event, _)?:
      return section > 0 && (1...15).contains { isListed(event.dot, $0, byListersOf: [entry]) }
    case .redacted(let event, let redacted, _)? where section == 2:
      if isListed(event.dot, redacted, byListersOf: [entry]) { return true }
      let target = entries.first { $0.dot == event.dot }
      guard let target, case .corrected(let corrected, _)? = target.control, redacted > 0 else {
        return false
      }
      return (1...15).contains { isListed(corrected.dot, $0, byListersOf: [entry, target]) }
    default: return false
    }
  }

  /// Whether a section is listed by an author whose listings of other events would count, too.
  private func isListed(_ dot: Dot, _ section: Int, byListersOf others: [Entry]) -> Bool {
    section > 0
      && entries.contains { eraser in
        listings(by: eraser, of: dot).contains { $0.section == section }
          && others.allSatisfy { other in
            may(eraser.dot, .erase) || eraser.key == other.key && may(eraser.dot, .append)
          }
      }
  }

  private func isListedItself(_ dot: Dot, _ section: Int) -> Bool {
    section > 0
      && entries.contains { eraser in
        listings(by: eraser, of: dot).contains { $0.section == section }
      }
  }

  /// What an erasure or extension lists of an event, if it counts.
  private func listings(by eraser: Entry, of dot: Dot) -> [ErasedSection] {
    switch eraser.control {
    case .erasureRequested(let request):
      return may(eraser.dot, .erase) ? request.sections.filter { $0.dot == dot } : []
    case .erasureExtended(let named, let sections):
      guard let erasure = resolve(named), case .erasureRequested? = erasure.control else {
        return []
      }
      let isOwn = eraser.key == dot.origin.key && may(eraser.dot, .append)
      guard may(erasure.dot, .erase), isOwn || may(eraser.dot, .erase) else { return [] }
      return sections.filter { $0.dot == dot }
    default: return []
    }
  }

  /// What stands when the interaction is read, section by section.
  func sections(of event: Event) -> [Section]? {
    guard let entry = entries.first(where: { $0.dot == event.dot }) else { return nil }
    return corrected(entry).enumerated().map { number, section in
      isErased(entry, number) ? survivors(of: standing(of: entry, number)) : section
    }
  }

  private func corrected(_ entry: Entry) -> [Section] {
    guard let found = correction(of: entry),
      let carrier = entries.first(where: { $0.dot == found.dot }),
      case .object(var facts)? = carrier.event.facts.value("facts")
    else { return entry.event.sections }
    let times = ["@occurred", "@sent", "@received", "@skew"]
    if !facts.contains(where: { $0.name == "@occurred" && $0.value.integer != nil }) {
      facts.removeAll { times.contains($0.name) }
      facts += entry.event.facts.fields.filter { times.contains($0.name) }
    }
    let isErased = (1...15).contains { self.isErased(entry, $0) }
    guard found.replacesPersons, !isErased else { return [Section(facts)] + entry.event.persons }
    var persons = carrier.event.sections.enumerated().dropFirst().map { number, section in
      self.isErased(carrier, number) ? survivors(of: standing(of: carrier, number)) : section
    }
    let own = entry.event.personal.fields.filter { ["@id", "@source"].contains($0.name) }
    let stated = persons[0].fields.filter { !["@id", "@reason", "@source"].contains($0.name) }
    persons[0] = Section(stated + own)
    return [Section(facts)] + persons
  }

  // §7. Arrival.

  private func arrival(of entry: Entry) -> Int64? {
    entries.compactMap { attestation -> Int64? in
      guard case .arrivalAttested(let arrival)? = attestation.control,
        arrival.origin == entry.dot.origin, arrival.run.first <= entry.dot.sequence,
        entry.dot.sequence <= arrival.run.last, may(attestation.dot, .attest),
        !isRetracted(attestation)
      else { return nil }
      return arrival.arrivedMilliseconds
    }.min()
  }
}
