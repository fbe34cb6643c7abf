package import EventModel
package import HybridTime
internal import MerkleProofs
internal import Synchronization

/// What the documents in force say of events, at each place in fold order.
///
/// A pure function of the control events held. A book without documents is read by what is built in,
/// at the cost of one look-up an event.
///
/// Source: `docs/format/documents.md`.
package struct DocumentsInForce: Sendable {
  private let schemas: [EventType: SchemaHistory]
  private let scales: [(key: FoldKey, scales: MetricScales)]
  private let undeclared: UndeclaredTypes

  /// What holds in a book of which no document was ever activated.
  package static let builtIn = DocumentsInForce(schemas: [:], scales: [])

  private init(
    schemas: [EventType: SchemaHistory], scales: [(key: FoldKey, scales: MetricScales)]
  ) {
    self.schemas = schemas
    self.scales = scales
    undeclared = UndeclaredTypes()
  }

  /// The documents that a state of the book puts in force.
  ///
  /// - Parameters:
  ///   - state: What the control events say.
  ///   - fetch: Gives a declaration that is held, by name; asked for those that were activated.
  /// - Returns: What is built in, where nothing was activated. Documents that this version cannot read
  ///   are passed over: the one before stays in force.
  /// - Throws: What `fetch` throws.
  package static func activated<Failure: Error>(
    in state: BookState, fetch: (Dot) throws(Failure) -> Event?
  ) throws(Failure) -> DocumentsInForce {
    let subjects = state.documentSubjects
    guard !subjects.isEmpty else { return .builtIn }
    var schemas: [EventType: SchemaHistory] = [:]
    var scales: [(key: FoldKey, scales: MetricScales)] = []
    for subject in subjects {
      var history: [(key: FoldKey, schema: EventCatalogue.Entry?)] = []
      for activation in state.activations(of: subject) {
        let document = try state.content(of: activation, subject, fetch)
        switch (subject.kind, document) {
        case (.schema, .schema(let schema)):
          history.append((activation.key, EventCatalogue.Entry(schema)))
        case (.metricScales, .metricScales(let found)): scales.append((activation.key, found))
        case (.schema, nil) where activation.digest == .zero: history.append((activation.key, nil))
        case (.metricScales, nil) where activation.digest == .zero:
          scales.append((activation.key, .builtIn))
        default: continue
        }
      }
      if let type = EventType(subject.name), !history.isEmpty {
        schemas[type] = SchemaHistory(history, of: type)
      }
    }
    return DocumentsInForce(schemas: schemas, scales: scales)
  }

  /// How the facts of an event are read, or nothing when its schema is not known here: then it is
  /// folded without its facts, until the schema arrives.
  package func reading(of event: Event, at key: FoldKey) -> SchemaReading? {
    if !schemas.isEmpty, let history = schemas[event.type] {
      return history.reading(of: event.schema, at: key)
    }
    let builtIn = EventCatalogue.builtIn
    var entry = builtIn.entry(for: event.type, under: event.schema)
    if entry == nil, !builtIn.contains(event.type) { entry = undeclared.entry(for: event.type) }
    guard let entry, entry.digest == event.schema else { return nil }
    return SchemaReading(schema: entry.schema, digest: entry.digest, steps: [])
  }

  /// The stage of the journey that an event stands for, as its facts are read.
  package func stage(of event: Event, at key: FoldKey) -> JourneyStage? {
    reading(of: event, at: key)?.schema.stage
  }

  /// The metric scales at a place in fold order.
  package func scales(at key: FoldKey) -> MetricScales {
    let index = scales.partitioningIndex { $0.key >= key }
    return index > 0 ? scales[index - 1].scales : .builtIn
  }

  /// What folds see of an interaction: its facts by the schema in force at its place, or without
  /// them, but for reserved ones, when its schema is not known.
  package func folding(_ event: EffectiveEvent) -> EffectiveEvent {
    if schemas.isEmpty,
      EventCatalogue.builtIn.declares(event.event.type, under: event.event.schema)
    {
      return event
    }
    guard let reading = reading(of: event.event, at: event.key) else {
      return event.with(facts: event.event.facts.reserved, schema: event.event.schema)
    }
    guard reading.digest != event.event.schema else { return event }
    return event.with(
      facts: event.event.facts.upcast(by: reading.steps), schema: reading.digest)
  }
}

extension BookState {
  /// The document that an activation puts in force; nothing for the zero digest and for what this
  /// version cannot read.
  package func content<Failure: Error>(
    of activation: Activation, _ subject: DocumentSubject,
    _ fetch: (Dot) throws(Failure) -> Event?
  ) throws(Failure) -> BookDocument? {
    guard activation.digest != .zero else { return nil }
    for dot in declarations(of: activation.digest, as: subject.kind) {
      guard let content = try fetch(dot)?.documentContent else { continue }
      return BookDocument(content: String(decoding: content, as: UTF8.self), for: subject)
    }
    return nil
  }
}

extension Section {
  /// The reserved fields alone: times and touchpoint.
  fileprivate var reserved: Section { Section(fields.filter { $0.name.hasPrefix("@") }) }
}

/// The schemas of types that nothing declares, made once for each type: their digests take a hash.
///
/// A class because copies of the documents share what was made; at most 4,096 types are kept, so that
/// hostile type names cannot fill memory.
private final class UndeclaredTypes: Sendable {
  private static let countMax = 4_096
  private let entries = Mutex<[EventType: EventCatalogue.Entry]>([:])

  func entry(for type: EventType) -> EventCatalogue.Entry {
    entries.withLock { entries in
      if let entry = entries[type] { return entry }
      let entry = EventCatalogue.Entry(.undeclared(type))
      if entries.count >= Self.countMax { entries.removeAll() }
      entries[type] = entry
      return entry
    }
  }
}
