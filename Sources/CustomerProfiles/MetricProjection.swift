internal import BinaryCoding
package import BookRules
package import EventModel
package import GRDB
package import ProjectionEngine

/// How many answers of each score there are, by metric, channel, day, touchpoint, agent and product.
///
/// Counts are invertible: an event taken in adds one, taken back subtracts one.
package final class MetricProjection: Projection {
  /// `metrics`.
  package let name = "metrics"
  /// Version of answers and tables.
  package let version: Int64 = 2
  /// The tables it owns.
  package let tableNames = ["metric_counts"]

  private var changes: [MetricCell: Int64] = [:]

  /// A projection with nothing in memory.
  package init() {}

  /// Creates the table, empty.
  package func makeTables(in database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE metric_counts(
          metric INTEGER NOT NULL, day INTEGER NOT NULL, channel INTEGER NOT NULL,
          touchpoint BLOB NOT NULL, agent BLOB NOT NULL, product BLOB NOT NULL,
          score INTEGER NOT NULL, count INTEGER NOT NULL,
          PRIMARY KEY(metric, day, channel, touchpoint, agent, product, score)
        ) STRICT, WITHOUT ROWID
        """)
  }

  /// Counts the event's answer, if it gives one.
  package func apply(_ event: Event, key: FoldKey, in batch: FoldBatch) {
    if let cell = MetricCell(event, key: key, documents: batch.source.documents) {
      changes[cell, default: 0] += 1
    }
  }

  /// Takes the event's answer out of the count.
  package func retract(_ event: Event, key: FoldKey, in batch: FoldBatch) {
    if let cell = MetricCell(event, key: key, documents: batch.source.documents) {
      changes[cell, default: 0] -= 1
    }
  }

  /// Adds the changes to the table; order does not show in it.
  package func flush(in batch: FoldBatch) throws {
    let upsert = try batch.database.cachedStatement(
      sql: """
        INSERT INTO metric_counts VALUES(?,?,?,?,?,?,?,?)
        ON CONFLICT DO UPDATE SET count = count + excluded.count
        """)
    var takesBack = false
    for (cell, change) in changes where change != 0 {
      takesBack = takesBack || change < 0
      try upsert.execute(arguments: [
        cell.metric.rawValue, cell.day, cell.channel.rawValue, cell.touchpoint.bytes.blob,
        cell.agent.bytes.blob, cell.product.bytes.blob, cell.score, change,
      ])
    }
    if takesBack { try batch.database.execute(sql: "DELETE FROM metric_counts WHERE count = 0") }
    changes.removeAll(keepingCapacity: true)
  }

  /// Drops what is in memory.
  package func forget() { changes = [:] }

  /// Calls `body` with a row for each cell: metric u8, channel u8, day signed varint, touchpoint,
  /// agent and product with their lengths, score and count as varints.
  package func forEachAnswerRow(in database: Database, _ body: ([UInt8]) -> Void) throws {
    try Self.forEachCell(in: database) { cell, count in
      var writer = ByteWriter(capacity: 64)
      writer.write(UInt8(clamping: cell.metric.rawValue))
      writer.write(cell.channel.rawValue)
      writer.writeSignedVarint(Int64(cell.day))
      for text in [cell.touchpoint, cell.agent, cell.product] {
        writer.writeLengthPrefixed(text.bytes)
      }
      writer.writeSignedVarint(cell.score)
      writer.writeSignedVarint(count)
      body(writer.bytes)
    }
  }

  /// Calls `body` with each cell and its count.
  static func forEachCell(
    in database: Database, _ body: (MetricCell, Int64) -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT metric, day, channel, touchpoint, agent, product, score, count FROM metric_counts
        """)
    while let row = try rows.next() {
      guard let metric = ExperienceMetric(rawValue: row[0]), let channel = Channel(rawValue: row[2])
      else { throw ProjectionFault.damagedViews(table: "metric_counts") }
      let cell = MetricCell(
        metric: metric, channel: channel, day: row[1],
        touchpoint: ExactText([UInt8](blob: row[3])), agent: ExactText([UInt8](blob: row[4])),
        product: ExactText([UInt8](blob: row[5])), score: row[6])
      body(cell, row[7])
    }
  }
}
