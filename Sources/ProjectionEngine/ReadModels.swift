package import GRDB
package import MerkleProofs

/// Keeps the read models of one replica current and proves that they are what the log says.
///
/// Not `Sendable`: owned by whoever owns the log. The database has one connection, which the engine
/// opens; the tables are derivable, so whatever is wrong with them is mended by folding again.
///
/// Invariant: after ``catchUp(with:progress:)`` every projection's tables equal a fold over the
/// counting events of the source.
package final class ReadModels {
  private let location: ViewsLocation
  private let limits: FoldLimits
  private let makeProjections: () -> [any Projection]
  private var live: ProjectionFold
  private var notices: [String] = []

  /// Opens the read models, or starts them anew when there are none or they are damaged.
  ///
  /// - Parameters:
  ///   - location: Where they live.
  ///   - limits: How much one transaction folds.
  ///   - makeProjections: Makes the projections with nothing in memory; called once for each set of
  ///     read models.
  /// - Throws: `DatabaseError`, or what `location.setAside` throws.
  package init(
    location: ViewsLocation, limits: FoldLimits = FoldLimits(),
    makeProjections: @escaping () -> [any Projection]
  ) throws {
    self.location = location
    self.limits = limits
    self.makeProjections = makeProjections
    do {
      live = try Self.open(location, makeProjections)
    } catch  where error.isViewsDamage {
      try location.setAside()
      live = try Self.open(location, makeProjections)
      notices = [Self.damageNotice]
    }
  }

  private static let damageNotice = "the views were damaged: set aside and rebuilt from the log"

  private static func open(
    _ location: ViewsLocation, _ makeProjections: () -> [any Projection]
  ) throws -> ProjectionFold {
    try ProjectionFold(database: location.open(), projections: makeProjections())
  }

  /// The read models, for questions.
  package var database: DatabaseQueue { live.database }

  /// What a catch-up did.
  package struct CatchUp: Hashable, Sendable {
    /// Positions taken in; a rebuild takes in all of them.
    package var folded: UInt64
    /// What was out of the ordinary, for people; empty as a rule.
    package var notices: [String]
  }

  /// Takes in all events of `source` that are not in yet.
  ///
  /// Read models of another version, or of a log that went back, are rebuilt beside the live ones
  /// and replace them in one transaction; damaged ones are set aside and folded again.
  ///
  /// - Parameters:
  ///   - source: The log.
  ///   - progress: Called now and then with the positions done and to do.
  /// - Returns: What was done.
  /// - Throws: What the source throws, `DatabaseError`, ``ProjectionFault``; each batch before it
  ///   stays committed.
  package func catchUp(
    with source: some EventSource,
    progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws -> CatchUp {
    var report: CatchUp
    do {
      report = try bringUpToDate(with: source, progress: progress)
    } catch  where error.isViewsDamage {
      try startAnew()
      report = try bringUpToDate(with: source, progress: progress)
    }
    report.notices = notices + report.notices
    notices = []
    return report
  }

  private func bringUpToDate(
    with source: some EventSource, progress: (UInt64, UInt64) -> Void
  ) throws -> CatchUp {
    guard try live.isContinued(by: source) else {
      let rebuilt = try rebuild(from: source, progress: progress)
      try adopt(rebuilt)
      return CatchUp(
        folded: source.highWaterMark,
        notices: ["the views were not of this log or version: rebuilt"])
    }
    guard try !source.isRevised(after: live.lowestPosition()) else {
      try adopt(rebuild(from: source, progress: progress))
      return CatchUp(
        folded: source.highWaterMark,
        notices: ["what earlier events mean has changed: the views were rebuilt"])
    }
    let folded = try live.catchUp(with: source, limits: limits, progress: progress)
    return CatchUp(folded: folded, notices: [])
  }

  /// Destroys the read models and starts with none, so that no page of theirs, free ones and the
  /// journal's included, holds what was erased from the log. The next ``catchUp(with:progress:)`` folds
  /// all of it.
  ///
  /// - Throws: `DatabaseError`, or what `location.erase` throws; the read models are closed then.
  package func erase() throws {
    try live.database.close()
    try location.erase()
    live = try Self.open(location, makeProjections)
  }

  private func startAnew() throws {
    try live.database.close()
    try location.setAside()
    live = try Self.open(location, makeProjections)
    notices.append(Self.damageNotice)
  }

  private func rebuild(
    from source: some EventSource, progress: (UInt64, UInt64) -> Void
  ) throws -> ProjectionFold {
    let fold = try Self.open(.temporary, makeProjections)
    _ = try fold.catchUp(with: source, limits: limits, progress: progress)
    return fold
  }

  /// Puts rebuilt read models in the place of the live ones, in one transaction.
  private func adopt(_ rebuilt: ProjectionFold) throws {
    try rebuilt.database.backup(to: live.database)
    live = try ProjectionFold(database: live.database, projections: makeProjections())
  }

  /// A projection's name, version and the digest of its answers.
  package struct Digest: Hashable, Sendable {
    /// The projection.
    package let name: String
    /// Its version.
    package let version: Int64
    /// The digest of its answers as they stand.
    package let digest: Digest256
  }

  /// The digests of all projections as they stand, in the order they were made.
  ///
  /// - Throws: `DatabaseError`, ``ProjectionFault``.
  package func digests() throws -> [Digest] { try Self.digests(of: live) }

  private static func digests(of fold: ProjectionFold) throws -> [Digest] {
    fold.named(try fold.digests())
  }

  /// What a replay found for one projection.
  package struct Replayed: Hashable, Sendable {
    /// The projection and the digest that the replay gave.
    package let rebuilt: Digest
    /// Whether the live read model has the same.
    package let matches: Bool
  }

  /// Folds the whole log anew beside the live read models and compares.
  ///
  /// Compared is what the rows say now, not the digests kept with them: a row that changed behind the
  /// engine's back is found.
  ///
  /// The live read models should have caught up with `source`. They stay as they are unless they are
  /// to be replaced.
  ///
  /// - Parameters:
  ///   - names: Which projections to report on; empty for all.
  ///   - source: The log.
  ///   - adopting: Whether the rebuilt read models replace the live ones.
  ///   - progress: Called now and then with the positions done and to do.
  /// - Returns: One result for each projection, in the order they were made.
  /// - Throws: ``ProjectionFault/unknownProjection(name:)``, what the source throws, `DatabaseError`.
  package func replay(
    _ names: [String] = [], from source: some EventSource, adopting: Bool = false,
    progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws -> [Replayed] {
    for name in names where !live.projections.contains(where: { $0.name == name }) {
      throw ProjectionFault.unknownProjection(name: name)
    }
    let before = live.named(try live.rowDigests())
    let fold = try rebuild(from: source, progress: progress)
    let after = try Self.digests(of: fold)
    if adopting { try adopt(fold) }
    return zip(before, after).compactMap { before, after in
      guard names.isEmpty || names.contains(after.name) else { return nil }
      return Replayed(rebuilt: after, matches: before == after)
    }
  }
}

extension ProjectionFold {
  /// Digests with the names and versions of the projections they are of.
  fileprivate func named(_ digests: [Digest256]) -> [ReadModels.Digest] {
    zip(projections, digests).map {
      ReadModels.Digest(name: $0.name, version: $0.version, digest: $1)
    }
  }
}
