package import BookRules
package import EventModel
package import GRDB

/// A pure fold from counting events to tables of answers.
///
/// The tables are a function of the set of events applied and not retracted, whatever the order.
/// A projection may keep what it touched in memory until ``flush(in:)``; it is a class because the
/// engine and the batch share that memory. No clock, locale, chance or floating point.
package protocol Projection: AnyObject {
  /// Its name in commands, digests and tables.
  var name: String { get }
  /// Grows whenever the same events would give other answers or tables.
  var version: Int64 { get }
  /// The tables it owns.
  var tableNames: [String] { get }

  /// Creates its tables, empty.
  func makeTables(in database: Database) throws

  /// Takes an event in.
  ///
  /// - Parameters:
  ///   - event: A counting event, not taken in yet.
  ///   - key: Its place in fold order.
  ///   - batch: The transaction under way.
  /// - Throws: `DatabaseError`, ``ProjectionFault``; the batch is then undone.
  func apply(_ event: Event, key: FoldKey, in batch: FoldBatch) throws

  /// Takes an event back.
  ///
  /// - Parameters:
  ///   - event: An event taken in before, which no longer counts.
  ///   - key: Its place in fold order.
  ///   - batch: The transaction under way.
  /// - Throws: `DatabaseError`, ``ProjectionFault``; the batch is then undone.
  func retract(_ event: Event, key: FoldKey, in batch: FoldBatch) throws

  /// Brings the tables up to date with everything taken in and back.
  ///
  /// - Parameter batch: The transaction under way; `batch.lastPosition` is the last event taken in.
  /// - Throws: `DatabaseError`, ``ProjectionFault``, what the log throws; the batch is then undone.
  func flush(in batch: FoldBatch) throws

  /// Drops what is kept in memory: the transaction did not happen, or the tables were replaced.
  func forget()

  /// Calls `body` with each answer in a canonical binary form, in any order.
  ///
  /// Keyed by natural keys and without profile ids, dots, positions, recorded or received times, so
  /// that answers compare between replicas and between books.
  func forEachAnswerRow(in database: Database, _ body: ([UInt8]) -> Void) throws
}

/// A transaction that folds a run of events.
package struct FoldBatch {
  /// The read models.
  package let database: Database
  /// The log.
  package let source: any EventSource
  /// The last position taken in so far.
  package let lastPosition: UInt64
}
