internal import BookRules
internal import EventModel
internal import GRDB
internal import HybridTime
internal import MerkleProofs

/// One set of read models and the fold that keeps it current.
///
/// Invariant: the tables of a projection equal a fold over the counting events up to its place, and
/// tables and place change in one transaction.
final class ProjectionFold {
  let database: DatabaseQueue
  let projections: [any Projection]

  /// Folds into `database`, where tables are made when missing.
  init(database: DatabaseQueue, projections: [any Projection]) throws {
    self.database = database
    self.projections = projections
    try database.write { database in
      try FoldPlace.makeTable(in: database)
      for projection in projections
      where try FoldPlace.load(projection.name, from: database) == nil {
        try Self.makeTables(of: projection, in: database)
      }
    }
  }

  private static func makeTables(of projection: any Projection, in database: Database) throws {
    for table in projection.tableNames {
      try database.execute(sql: "DROP TABLE IF EXISTS \(table)")
    }
    try projection.makeTables(in: database)
    try FoldPlace(version: projection.version, position: 0).save(projection.name, in: database)
  }

  /// Whether every projection can go on from where it stands.
  func isContinued(by source: some EventSource) throws -> Bool {
    try database.read { database in
      try projections.allSatisfy { projection in
        try FoldPlace.load(projection.name, from: database)?
          .isContinued(by: source, version: projection.version) ?? false
      }
    }
  }

  /// The lowest place of all projections.
  func lowestPosition() throws -> UInt64 {
    try database.read { database in
      try projections.map { try FoldPlace.load($0.name, from: database)?.position ?? 0 }.min() ?? 0
    }
  }

  /// Takes in all events of `source` that are not in yet, in batches, each one transaction.
  ///
  /// - Parameters:
  ///   - source: The log.
  ///   - limits: How much one batch folds.
  ///   - progress: Called after each batch with the positions done and to do.
  /// - Returns: How many positions were taken in.
  /// - Throws: What the source throws, `DatabaseError`, ``ProjectionFault``.
  func catchUp(
    with source: some EventSource, limits: FoldLimits,
    progress: (_ done: UInt64, _ total: UInt64) -> Void
  ) throws -> UInt64 {
    let target = source.highWaterMark
    var folded: UInt64 = 0
    while let step = try nextStep(target: target) {
      let reached: UInt64
      do {
        reached = try fold(step, from: source, limits: limits)
      } catch {
        for projection in projections { projection.forget() }
        throw error
      }
      folded += reached - step.position
      progress(reached, target)
    }
    return folded
  }

  /// The projections furthest behind, and how far they may go before others join them.
  private struct Step {
    var projections: [any Projection]
    var position: UInt64
    var last: UInt64
  }

  private func nextStep(target: UInt64) throws -> Step? {
    let places = try database.read { database in
      try projections.map { try FoldPlace.load($0.name, from: database)?.position ?? 0 }
    }
    guard let lowest = places.min(), lowest < target else { return nil }
    let behind = zip(projections, places).filter { $0.1 == lowest }.map(\.0)
    let next = places.filter { $0 > lowest }.min() ?? target
    return Step(projections: behind, position: lowest, last: min(next, target))
  }

  private func fold(
    _ step: Step, from source: some EventSource, limits: FoldLimits
  ) throws -> UInt64 {
    try database.write { database in
      var reached = step.position
      var reachedDot: Dot?
      var byteCount = 0
      var contests = KeyContests()
      let last = min(step.last, step.position + limits.batchEventCount)
      try source.forEachEvent(from: step.position + 1, through: last) { position, event in
        let batch = FoldBatch(database: database, source: source, lastPosition: position)
        try fold(event, at: position, step.projections, among: &contests, in: batch)
        (reached, reachedDot) = (position, event.dot)
        byteCount += event.draft.sectionByteCount
        return byteCount < limits.batchByteCount
      }
      // The events of these positions are lost.
      if reached == step.position { reached = last }
      let batch = FoldBatch(database: database, source: source, lastPosition: reached)
      for projection in step.projections {
        try projection.flush(in: batch)
        try FoldPlace(version: projection.version, position: reached, dot: reachedDot)
          .save(projection.name, in: database)
      }
      return reached
    }
  }

  private func fold(
    _ event: Event, at position: UInt64, _ projections: [any Projection],
    among contests: inout KeyContests, in batch: FoldBatch
  ) throws {
    let arriving: EffectiveEvent
    switch try batch.source.change(by: event, at: position, among: &contests) {
    case .loses: return
    case .counts(let event): arriving = event
    case .replaces(let earlier, let event):
      for projection in projections {
        try projection.retract(earlier.event, key: earlier.key, in: batch)
      }
      arriving = event
    }
    for projection in projections {
      try projection.apply(arriving.event, key: arriving.key, in: batch)
    }
  }

  /// The digest of each projection's answers, in order of ``projections``.
  ///
  /// Kept with the place until the answers change, so asking again costs nothing.
  func digests() throws -> [Digest256] {
    try database.write { database in
      try projections.map { projection in
        guard var place = try FoldPlace.load(projection.name, from: database) else {
          throw ProjectionFault.damagedViews(table: "folds")
        }
        if let digest = place.digest { return digest }
        let digest = try projection.rowDigest(in: database)
        place.digest = digest
        try place.save(projection.name, in: database)
        return digest
      }
    }
  }

  /// The digest of each projection's answers as its rows give it, whatever was kept with the place.
  func rowDigests() throws -> [Digest256] {
    try database.read { database in try projections.map { try $0.rowDigest(in: database) } }
  }
}

extension Projection {
  /// The digest of the answers, computed from the rows.
  func rowDigest(in database: Database) throws -> Digest256 {
    var digest = ProjectionDigest()
    try forEachAnswerRow(in: database) { digest.add($0) }
    return digest.finish()
  }
}

/// How much one transaction folds.
package struct FoldLimits: Hashable, Sendable {
  /// Events at most.
  package var batchEventCount: UInt64
  /// A batch ends with the event that brings its sections to this many bytes.
  package var batchByteCount: Int

  /// Limits that keep a batch within some dozens of megabytes. Larger batches write fewer rows: a
  /// customer of many events is written once in each.
  package init(batchEventCount: UInt64 = 131_072, batchByteCount: Int = 32 << 20) {
    self.batchEventCount = max(1, batchEventCount)
    self.batchByteCount = max(1, batchByteCount)
  }
}
