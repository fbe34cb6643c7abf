package import EventModel
package import HybridTime

// Redaction, §5 of the specification. A redaction reaches the section it names, what redactions that it
// replaces left of that section, and the corrections of the event. Nothing goes further, so that no answer
// hangs on a chain of control events that somebody wrote.

/// What redactions do to the sections of one event.
struct Redactions {
  /// The sections they name.
  var erased: SectionSet = []
  /// Those whose survivors stand, ascending by section, then by redaction.
  var standing: [EventMeaning.Replacement] = []
}

extension BookState {
  /// What the counting redactions of an event leave of its sections. O(redactions of the event × log).
  ///
  /// - Parameters:
  ///   - event: Any event, as stored.
  ///   - idPrefix: The first 8 bytes of its id; nothing if no control event names it.
  /// - Returns: Of a section of which an erasure lists what one of them left, no redaction stands.
  func redactions(of event: Event, idPrefix: UInt64?) -> Redactions {
    if let now = present.first { return now.redactions(of: event, idPrefix: idPrefix) }
    var result = Redactions()
    guard let idPrefix else { return result }
    let redactable = event.redactableSections
    var listed: SectionSet = []
    let named = EventReference(dot: event.dot, idPrefix: idPrefix)
    for (section, redaction) in redactions(naming: named)
    where redactable.contains(section: section) {
      result.erased.insert(SectionSet(section: section))
      if !directlyListedSections(of: redaction).isDisjoint(with: .survivors) {
        listed.insert(SectionSet(section: section))
      } else if !isReplaced(redaction) {
        result.standing.append(EventMeaning.Replacement(section: section, redaction: redaction))
      }
    }
    result.standing.removeAll { listed.contains(section: $0.section) }
    result.standing.sort { ($0.section, $0.redaction) < ($1.section, $1.redaction) }
    return result
  }

  /// What the redactions of a held control event leave of its sections.
  func redactions(ofHeld event: Event) -> Redactions {
    present.first?.redactions(ofHeld: event)
      ?? redactions(of: event, idPrefix: controls[event.dot]?.idPrefix)
  }

  /// The sections of a held control event that counting redactions name.
  func redactedSections(ofHeld dot: Dot) -> SectionSet {
    guard let control = controls[dot] else { return [] }
    return redactedSections(of: EventReference(dot: dot, idPrefix: control.idPrefix))
  }

  /// The sections that counting redactions name by this reference, themselves or by an extension.
  func redactedSections(of event: EventReference) -> SectionSet {
    if let now = present.first { return now.redactedSections(of: event) }
    let own = indexes.redacted[event] ?? []
    guard indexes.extended[event.dot] != nil else { return own }
    return redactions(naming: event).reduce(into: own) {
      $0.insert(SectionSet(section: $1.section))
    }
  }

  /// The counting redactions that name an event, themselves or by an extension, each once.
  func redactions(naming event: EventReference) -> [(section: Int, redaction: Dot)] {
    var found: [(section: Int, redaction: Dot)] = []
    for naming in indexes.naming[event.dot] ?? [] where naming.idPrefix == event.idPrefix {
      if case .redaction(let section) = naming.act { found.append((section, naming.key.dot)) }
    }
    for further in indexes.extended[event.dot] ?? [] where further.idPrefix == event.idPrefix {
      guard let control = controls[further.act.dot], control.idPrefix == further.act.idPrefix,
        case .redacted(_, let section, _) = control.content, counts(control.dot, for: .erase),
        counts(further.by, for: .erase), !found.contains(where: { $0.redaction == control.dot })
      else { continue }
      found.append((section, control.dot))
    }
    return found
  }

  /// The sections of a held correction or redaction that are erased because of a redaction of another
  /// event: of the one it corrects, or of its own section by one that replaces it. O(redactions that
  /// replace it).
  func redactedAlong(_ dot: Dot) -> SectionSet {
    if let now = present.first { return now.redactedAlong(dot) }
    switch controls[dot]?.content {
    case .corrected(let event, _):
      let redacted = redactedSections(of: event)
      let isRobbed = redactedSections(ofHeld: dot).union(redacted).contains(section: 0)
      return isRobbed ? .all : redacted.isEmpty ? [] : .persons
    case .redacted(let event, let section, _):
      let isGone =
        if case .corrected? = controls[event.dot]?.content {
          redactedAlong(event.dot).contains(section: section)
        } else {
          false
        }
      return isGone || isReplaced(dot) ? .survivors : []
    default: return []
    }
  }

  /// The sections of which nothing stands, whatever redactions of them left: those that are listed, or
  /// erased along with another event.
  func takenSections(of dot: Dot) -> SectionSet {
    listedSections(of: dot).union(redactedAlong(dot))
  }

  /// Whether a counting redaction of the same section of the same event replaces a held one.
  func isReplaced(_ dot: Dot) -> Bool {
    guard !indexes.replacing.isEmpty, let control = controls[dot],
      case .redacted(let event, let section, _) = control.content
    else { return false }
    let own = EventReference(dot: dot, idPrefix: control.idPrefix)
    return (indexes.replacing[own] ?? []).contains { other in
      guard other != dot, case .redacted(event, section, _)? = controls[other]?.content else {
        return false
      }
      return true
    }
  }

  /// The held corrections that name an event, by its name alone and counting or not, ascending.
  package func corrections(naming dot: Dot) -> [Dot] { correctionsByTarget[dot] ?? [] }
}

extension Event {
  /// The sections that a redaction can name: those that it has, apart from the facts of what governs
  /// and from what a redaction left.
  package var redactableSections: SectionSet {
    var sections = SectionSet(first: self.sections.count)
    if !type.hasRedactableFacts { sections.remove(SectionSet(section: 0)) }
    if type.name == ControlEvent.TypeName.redacted { sections.remove(.survivors) }
    return sections
  }
}
