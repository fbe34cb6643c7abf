internal import GRDB
internal import MerkleProofs

/// What the read models in a file are worth, found by reading every row of theirs.
package struct ViewsVerification: Hashable, Sendable {
  /// What is known of one projection's rows.
  package enum Rows: String, Hashable, Sendable {
    /// They give the digest that was taken when they last changed.
    case equal
    /// They give another digest: they changed since, and no fold changed them.
    case differ
    /// No digest was taken since they last changed; only a fold of the log can tell.
    case unchecked
    /// Another version wrote them, or none; the next question folds them anew.
    case outdated
    /// They cannot be read.
    case unreadable
  }

  /// Whether the database finds its own pages and indexes in order.
  package var isWhole = true
  /// The projections, in the order they were made.
  package var projections: [(name: String, rows: Rows)] {
    zip(names, rows).map { ($0, $1) }
  }

  var names: [String] = []
  var rows: [Rows] = []

  /// No read models: the next question makes them.
  package init() {}

  /// Whether nothing is known to be wrong.
  package var isSound: Bool {
    isWhole && !rows.contains { $0 == .differ || $0 == .unreadable }
  }
}

extension ReadModels {
  /// Reads every row of the read models in a file and compares it with the digest kept beside it.
  ///
  /// Changes nothing and folds nothing. Whatever is found is mended by removing the file: the next
  /// question folds the log again.
  ///
  /// - Parameters:
  ///   - path: The database file, which exists.
  ///   - projections: The projections that this program has.
  /// - Returns: What was found.
  /// - Throws: `DatabaseError` when the file cannot be opened for another reason than damage.
  /// - Complexity: O(rows).
  package static func verify(
    path: String, projections: [any Projection]
  ) throws -> ViewsVerification {
    var found = ViewsVerification()
    found.names = projections.map(\.name)
    found.rows = projections.map { _ in .unreadable }
    var configuration = Configuration()
    configuration.readonly = true
    do {
      let database = try DatabaseQueue(path: path, configuration: configuration)
      try database.read { database in
        found.isWhole = try isWhole(database)
        for (index, projection) in projections.enumerated() {
          found.rows[index] = try rows(of: projection, in: database)
        }
      }
      try database.close()
    } catch  where error.isViewsDamage {
      found.isWhole = false
    }
    return found
  }

  private static func isWhole(_ database: Database) throws -> Bool {
    try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") == "ok"
  }

  private static func rows(
    of projection: any Projection, in database: Database
  ) throws -> ViewsVerification.Rows {
    do {
      guard try database.tableExists("folds"),
        let place = try FoldPlace.load(projection.name, from: database),
        place.version == projection.version
      else { return .outdated }
      let digest = try projection.rowDigest(in: database)
      guard let saved = place.digest else { return .unchecked }
      return digest == saved ? .equal : .differ
    } catch  where error.isViewsDamage {
      return .unreadable
    }
  }
}
