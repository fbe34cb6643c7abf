import BookRules
import EventModel
import GRDB
import HybridTime
import ProjectionEngine

/// A projection whose table lists the events it holds: what is applied and not retracted.
final class DotProjection: Projection {
  let name = "dots"
  let version: Int64
  let tableNames = ["dots"]
  private var changes: [(dot: String, isHeld: Bool)] = []

  init(version: Int64 = 1) { self.version = version }

  func makeTables(in database: Database) throws {
    try database.execute(sql: "CREATE TABLE dots(dot TEXT NOT NULL PRIMARY KEY) STRICT")
  }

  func apply(_ event: Event, key: FoldKey, in batch: FoldBatch) {
    changes.append((event.dot.description, true))
  }

  func retract(_ event: Event, key: FoldKey, in batch: FoldBatch) {
    changes.append((event.dot.description, false))
  }

  func flush(in batch: FoldBatch) throws {
    for change in changes {
      // A plain INSERT, so that applying twice or retracting what is not there fails the test.
      try batch.database.execute(
        sql: change.isHeld ? "INSERT INTO dots VALUES(?)" : "DELETE FROM dots WHERE dot = ?",
        arguments: [change.dot])
      if batch.database.changesCount != 1 { throw Misuse() }
    }
    changes = []
  }

  func forget() { changes = [] }

  func forEachAnswerRow(in database: Database, _ body: ([UInt8]) -> Void) throws {
    for dot in try Self.dots(in: database) { body(Array(dot.utf8)) }
  }

  static func dots(in database: Database) throws -> [String] {
    try String.fetchAll(database, sql: "SELECT dot FROM dots ORDER BY dot")
  }

  struct Misuse: Error {}
}
