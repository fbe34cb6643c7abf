internal import HybridTime
internal import MerkleProofs

/// The counting control events by what they say something of, so that what has no effect costs
/// nothing when events are read. Every array is sorted, so equal sets give equal indexes.
struct ControlIndexes: Hashable, Sendable {
  /// Retractions, corrections and redactions by the event they name.
  private(set) var naming: [Dot: [Naming]] = [:]
  /// Extensions of retractions, corrections and redactions, by the further event and by the act.
  private(set) var extended: [Dot: [ActExtension]] = [:]
  private(set) var actExtensions: [Dot: [Dot]] = [:]
  /// Which sections redactions name, by event.
  private(set) var redacted: [EventReference: SectionSet] = [:]
  /// Redactions by those they replace, ascending.
  private(set) var replacing: [EventReference: [Dot]] = [:]
  /// Retractions of runs by origin.
  private(set) var runRetractions: [OriginID: [RunRetraction]] = [:]
  /// Attestations by the origin they tell of.
  private(set) var attestations: [OriginID: [Attestation]] = [:]
  /// Sections that erasures and their extensions list, by event.
  private(set) var listings: [Dot: [ErasureListing]] = [:]
  /// Erasures, ascending; extensions and acknowledgements of an erasure by its dot.
  private(set) var erasures: [Dot] = []
  private(set) var extensions: [Dot: [Dot]] = [:]
  private(set) var acknowledgements: [Dot: [Dot]] = [:]
  /// Erasures by the identifiers they ask for, ascending.
  private(set) var tagged: [IdentifierTag: [Dot]] = [:]
  /// Which key of which interaction those remember who may erase, by the key's tag, ascending.
  private(set) var rememberedKeys: [IdentifierTag: [ErasedKey]] = [:]
  /// Which keys other devices' extensions name, by the key's tag, ascending.
  private(set) var ownErasedKeys: [IdentifierTag: [ErasedKey]] = [:]
  /// Declarations by digest, activations by subject.
  private(set) var declarations: [Digest256: [Dot]] = [:]
  private(set) var activations: [DocumentSubject: [Dot]] = [:]
  /// Those of a later version, ascending.
  private(set) var notUnderstood: [Dot] = []

  /// Lists a counting control event; grants and revocations are kept elsewhere. O(log) for each thing
  /// it names, and moving what lies behind.
  ///
  /// - Parameters:
  ///   - control: The event.
  ///   - mayErase: Whether its author counts for `erase`.
  ///   - mayUndoAll: Whether its author counts for `configure`.
  mutating func insert(_ control: HeldControl, mayErase: Bool, mayUndoAll: Bool) {
    let dot = control.dot
    switch control.content {
    case .grantAdded, .grantRevoked: break
    case .retracted(let event): name(event, .retraction, by: control)
    case .runRetracted(let origin, let run):
      runRetractions[origin, default: []].insertSorted(RunRetraction(run: run, by: dot))
    case .corrected(let event, let replacesPersons):
      name(event, .correction(replacesPersons: replacesPersons), by: control)
    case .extended(let act, let events):
      actExtensions[act.dot, default: []].insertSorted(dot)
      for event in events
      where mayErase || mayUndoAll || event.dot.origin.key == dot.origin.key {
        extended[event.dot, default: []].insertSorted(
          ActExtension(by: dot, act: act, idPrefix: event.idPrefix))
      }
    case .redacted(let event, let section, let replaced):
      name(event, .redaction(section: section), by: control)
      redacted[event, default: []].insert(SectionSet(section: section))
      for redaction in replaced { replacing[redaction, default: []].insertSorted(dot) }
    case .erasureRequested(let request):
      erasures.insertSorted(dot)
      list(request.sections, by: dot, mayErase: mayErase)
      for tag in request.tags { tagged[tag, default: []].insertSorted(dot) }
    case .erasureExtended(let erasure, let sections):
      extensions[erasure.dot, default: []].insertSorted(dot)
      list(sections, by: dot, mayErase: mayErase)
    case .erasureAcknowledged(let erasure):
      acknowledgements[erasure.dot, default: []].insertSorted(dot)
    case .arrivalAttested(let arrival):
      attestations[arrival.origin, default: []].insertSorted(Attestation(arrival, by: dot))
    case .documentDeclared(_, let digest): declarations[digest, default: []].insertSorted(dot)
    case .documentActivated(let subject, _): activations[subject, default: []].insertSorted(dot)
    case .notUnderstood: notUnderstood.insertSorted(dot)
    }
  }

  private mutating func name(_ event: EventReference, _ act: Naming.Act, by control: HeldControl) {
    naming[event.dot, default: []].insertSorted(
      Naming(key: control.key, act: act, idPrefix: event.idPrefix))
  }

  private mutating func list(_ sections: [ErasedSection], by dot: Dot, mayErase: Bool) {
    for section in sections {
      // Number 0 erases nothing and remembers for nobody who may not erase.
      guard mayErase || section.section > 0 else { continue }
      listings[section.dot, default: []].insertSorted(
        ErasureListing(section: section.section, by: dot, key: mayErase ? section.key : nil))
      guard let key = section.key else { continue }
      let erased = ErasedKey(by: dot, listed: section.dot, takesPerson: section.section == 1)
      if mayErase {
        rememberedKeys[key, default: []].insertSorted(erased)
      } else {
        ownErasedKeys[key, default: []].insertSorted(erased)
      }
    }
  }
}

/// A control event that names one event.
struct Naming: Hashable, Sendable, Comparable {
  enum Act: Hashable, Sendable {
    case retraction
    case correction(replacesPersons: Bool)
    case redaction(section: Int)

    var isCorrection: Bool { if case .correction = self { true } else { false } }
    var isRedaction: Bool { if case .redaction = self { true } else { false } }
  }

  /// Who names, in (recorded, origin, sequence).
  let key: WinnerKey
  let act: Act
  /// How the id of the named event begins, by whom names it.
  let idPrefix: UInt64

  /// The latest stands last.
  static func < (left: Naming, right: Naming) -> Bool { left.key < right.key }
}

/// A retraction of a run of an origin.
struct RunRetraction: Hashable, Sendable, Comparable {
  let run: IntervalSet.Run
  let by: Dot

  static func < (left: RunRetraction, right: RunRetraction) -> Bool {
    left.run.first != right.run.first ? left.run.first < right.run.first : left.by < right.by
  }
}

/// An attested arrival of a run of an origin.
struct Attestation: Hashable, Sendable, Comparable {
  let arrivedMilliseconds: Int64
  let run: IntervalSet.Run
  let by: Dot

  init(_ arrival: AttestedArrival, by dot: Dot) {
    arrivedMilliseconds = arrival.arrivedMilliseconds
    run = arrival.run
    by = dot
  }

  /// The earliest arrival stands first.
  static func < (left: Attestation, right: Attestation) -> Bool {
    left.arrivedMilliseconds != right.arrivedMilliseconds
      ? left.arrivedMilliseconds < right.arrivedMilliseconds : left.by < right.by
  }

  func covers(_ sequence: UInt64) -> Bool { run.first <= sequence && sequence <= run.last }
}

/// A section of an event that an erasure or an extension lists.
struct ErasureListing: Hashable, Sendable, Comparable {
  let section: Int
  let by: Dot
  /// What is remembered of the interaction's key, by an author who may erase.
  let key: IdentifierTag?

  static func < (left: ErasureListing, right: ErasureListing) -> Bool {
    if left.section != right.section { return left.section < right.section }
    return left.by != right.by ? left.by < right.by : left.key.precedes(right.key)
  }
}

/// An erasure or extension that names the idempotency key of an interaction.
struct ErasedKey: Hashable, Sendable, Comparable {
  let by: Dot
  let listed: Dot
  /// Whether it lists section 1, and does not only remember.
  let takesPerson: Bool

  static func < (left: ErasedKey, right: ErasedKey) -> Bool {
    if left.by != right.by { return left.by < right.by }
    return left.listed != right.listed
      ? left.listed < right.listed : !left.takesPerson && right.takesPerson
  }
}
