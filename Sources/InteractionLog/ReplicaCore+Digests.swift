internal import CustomerProfiles
package import EventModel
internal import EventStorage
package import MerkleProofs
internal import ProjectionEngine

/// What a replica holds and answers, in digests that compare between replicas.
package struct ReplicaDigest: Hashable, Sendable {
  /// One projection's digest.
  package struct Answers: Hashable, Sendable {
    /// The projection.
    package let name: String
    /// Its version.
    package let version: Int64
    /// The digest of its answers.
    package let digest: Digest256
  }

  /// The digest of the set of events held.
  package let setRoot: Digest256
  /// How many interactions are held, repeats from elsewhere counted once.
  package let interactionCount: Int
  /// How many events govern the book.
  package let controlCount: Int
  /// The digest of the rules in force.
  package let rules: Digest256
  /// The digests of the answers, in byte order of the projections' names.
  package let answers: [Answers]

  /// The digest as the command prints it.
  package var value: Value {
    .object([
      .init("set_root", .text(setRoot.description)),
      .init("events", .integer(Int64(interactionCount))),
      .init("control_events", .integer(Int64(controlCount))),
      .init("rules", .text(rules.description)),
      .init(
        "projections",
        .object(
          answers.map {
            .init(
              $0.name,
              .object([
                .init("version", .integer($0.version)),
                .init("digest", .text($0.digest.description)),
              ]))
          })),
    ])
  }
}

/// What a replay found.
package struct ReplayReport: Hashable, Sendable {
  /// One projection, replayed.
  package struct Projection: Hashable, Sendable {
    /// The projection.
    package let name: String
    /// The digest that the replay gave.
    package let digest: Digest256
    /// Whether the live read model has the same; nothing when that was not asked.
    package let matches: Bool?
  }

  /// How many events were folded.
  package let eventCount: UInt64
  /// How long it took, in milliseconds of the wall clock.
  package let milliseconds: Int64
  /// The projections asked for.
  package let projections: [Projection]

  /// Whether no digest differs.
  package var isEqual: Bool { projections.allSatisfy { $0.matches != false } }

  /// The report as the command prints it.
  package var value: Value {
    .object([
      .init("events", .integer(Int64(clamping: eventCount))),
      .init("seconds", .milliseconds(milliseconds)),
      .init("projections", .object(projections.map { .init($0.name, $0.value) })),
    ])
  }
}

extension ReplayReport.Projection {
  fileprivate var value: Value {
    .object(
      [.init("digest", .text(digest.description))]
        + (matches.map { [.init("matches", .boolean($0))] } ?? []))
  }
}

extension Value {
  /// A duration in milliseconds as seconds with three decimals.
  static func milliseconds(_ milliseconds: Int64) -> Value {
    Decimal64(coefficient: milliseconds, scale: 3).map { .decimal($0) } ?? .null
  }
}

extension ReplicaCore {
  /// What this replica holds and answers now; call ``catchUp(progress:)`` first.
  ///
  /// - Returns: The digests.
  /// - Throws: ``ReplicaError``.
  package func digest() throws(ReplicaError) -> ReplicaDigest {
    try ReplicaError.translating {
      let statistics = snapshot().statistics
      return ReplicaDigest(
        setRoot: try log.setRoot(),
        interactionCount: statistics.events - statistics.controlEvents - statistics.copies,
        controlCount: statistics.controlEvents, rules: try rulesInForceDigest(),
        answers: try engine.digests().map {
          ReplicaDigest.Answers(name: $0.name, version: $0.version, digest: $0.digest)
        }.sorted { $0.name < $1.name })
    }
  }

  /// Rebuilds read models from the log, beside the live ones, which stay as they are.
  ///
  /// - Parameters:
  ///   - names: Which projections to report on; empty for all.
  ///   - isCompared: Whether to compare with the live ones, which should be up to date.
  ///   - progress: Called now and then with the events folded and to fold.
  /// - Returns: What it gave.
  /// - Throws: ``ReplicaError``.
  package func replay(
    projections names: [String] = [], compare isCompared: Bool = true,
    progress: (_ folded: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws(ReplicaError) -> ReplayReport {
    let start = environment.wallMilliseconds()
    return try ReplicaError.translating {
      let source = try events(at: .now)
      let replayed = try engine.replay(names, from: source, progress: progress)
      return ReplayReport(
        eventCount: source.highWaterMark,
        milliseconds: max(0, environment.wallMilliseconds() - start),
        projections: replayed.map {
          ReplayReport.Projection(
            name: $0.rebuilt.name, digest: $0.rebuilt.digest,
            matches: isCompared ? $0.matches : nil)
        })
    }
  }
}
