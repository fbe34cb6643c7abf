package import EventModel
package import MerkleProofs

/// How an event's facts are read: the schema by which they are, and what leads from the one by which
/// they were written to it.
package struct SchemaReading: Hashable, Sendable {
  /// The schema that the facts follow once read.
  package let schema: EventSchema
  /// Its content address.
  package let digest: Digest256
  /// Steps from the event's own schema, in order; none when it is the same.
  package let steps: [UpcastStep]
}

/// The schemas of one event type that were ever activated, in fold order.
///
/// Source: `docs/format/documents.md` §4.
struct SchemaHistory: Hashable {
  /// What holds from a place on.
  private struct Period: Hashable {
    let key: FoldKey
    /// By what an event is read that was written under a schema.
    let readings: [Digest256: SchemaReading]
  }

  private let periods: [Period]
  /// Readings of what no schema in force knows: by their own schema.
  private let own: [Digest256: SchemaReading]
  private let builtIn: [Digest256: SchemaReading]

  /// The history of a type.
  ///
  /// - Parameters:
  ///   - activations: In fold order; nothing stands for the built-in schema.
  ///   - type: The type.
  init(_ activations: [(key: FoldKey, schema: EventCatalogue.Entry?)], of type: EventType) {
    let base = EventCatalogue.builtIn.entry(for: type)
    var known: [Digest256: EventSchema] = [base.digest: base.schema]
    for activation in activations {
      if let entry = activation.schema { known[entry.digest] = entry.schema }
    }
    own = Dictionary(
      uniqueKeysWithValues: known.map { digest, schema in
        (digest, SchemaReading(schema: schema, digest: digest, steps: []))
      })
    builtIn = own.filter { $0.key == base.digest }
    periods = activations.map { activation in
      let entry = activation.schema ?? base
      return Period(
        key: activation.key, readings: Self.readings(to: entry.schema, entry.digest, among: known))
    }
  }

  /// How an event at a place is read that was written under a schema: by the schema in force there,
  /// if a way leads to it; else by its own, if that is known; else not at all.
  func reading(of digest: Digest256, at key: FoldKey) -> SchemaReading? {
    let index = periods.partitioningIndex { $0.key >= key }
    let inForce = index > 0 ? periods[index - 1].readings : builtIn
    return inForce[digest] ?? own[digest]
  }

  /// Ways to a schema from all older ones, the shortest first; of equally short ones the one through
  /// the smallest digests.
  private static func readings(
    to schema: EventSchema, _ digest: Digest256, among known: [Digest256: EventSchema]
  ) -> [Digest256: SchemaReading] {
    var found = [digest: SchemaReading(schema: schema, digest: digest, steps: [])]
    var pending = [(schema: schema, steps: [UpcastStep]())]
    while !pending.isEmpty {
      var next: [(schema: EventSchema, steps: [UpcastStep])] = []
      for (later, steps) in pending {
        for upcast in later.upcasts where found[upcast.source] == nil {
          let way = upcast.steps + steps
          guard way.count <= stepCountMax else { continue }
          found[upcast.source] = SchemaReading(schema: schema, digest: digest, steps: way)
          if let earlier = known[upcast.source] { next.append((earlier, way)) }
        }
      }
      pending = next
    }
    return found
  }

  /// The most steps of a way; a longer one is none.
  private static let stepCountMax = 4_096
}
