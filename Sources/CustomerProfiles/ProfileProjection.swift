package import BookRules
package import EventModel
package import GRDB
package import IdentityResolution
package import ProjectionEngine

/// The unified profile of every customer: who they are by shared identifiers, what sources say of
/// them, where they were met, what they bought and answered.
///
/// Taking an event in joins states; an event taken back refolds the customers it named from the log,
/// once per batch. Cost: about two rows read and written for each customer a batch touches.
package final class ProfileProjection: Projection {
  /// `profiles`.
  package let name = "profiles"
  /// Version of answers and tables, the identity rules' version included.
  package var version: Int64 { 2_000 + fold.rules.version }
  /// The tables it owns.
  package var tableNames: [String] { CustomerTables.names }

  private let fold: CustomerFold
  private let tables = CustomerTables()
  private var stale: [CustomerEntry] = []

  /// A projection with nothing in memory.
  package init(rules: IdentityRules = .standard) { fold = CustomerFold(rules: rules) }

  /// Creates the tables, empty.
  package func makeTables(in database: Database) throws { try CustomerTables.make(in: database) }

  /// Joins the customers the event names and adds it to them.
  package func apply(_ event: Event, key: FoldKey, in batch: FoldBatch) throws {
    try fold.forEachShare(of: event, key: key) { share in
      let customer = try tables.customer(joining: share, in: batch.database)
      fold.add(share, to: &customer.state, by: batch.source.documents)
      for mention in share.mentions {
        let node = NodeKey(recorded: key.recorded, dot: key.dot, place: mention.place)
        customer.state.claimProfile(ProfileKey(rank: fold.rules.rank(mention.name), node: node))
      }
    }
  }

  /// Marks the customers the event named; ``flush(in:)`` folds them anew without it.
  package func retract(_ event: Event, key: FoldKey, in batch: FoldBatch) throws {
    try fold.forEachShare(of: event, key: key) { share in
      for mention in share.mentions {
        guard let customer = try tables.customer(of: ExactText(mention.name), in: batch.database)
        else { continue }
        stale.append(customer)
      }
    }
  }

  /// Writes what changed.
  package func flush(in batch: FoldBatch) throws {
    if !stale.isEmpty { try refoldStale(in: batch) }
    try tables.write(in: batch.database)
  }

  private func refoldStale(in batch: FoldBatch) throws {
    var roots: [Int64: CustomerEntry] = [:]
    for customer in stale { roots[customer.root.number] = customer.root }
    stale = []
    try tables.write(in: batch.database)
    for (_, customer) in roots.sorted(by: { $0.key < $1.key }) {
      try refold(tables.remove(customer, in: batch.database), in: batch)
    }
  }

  /// Folds anew the customers, one or several, that have these identifiers.
  private func refold(_ names: [ExactText], in batch: FoldBatch) throws {
    var done: Set<ExactText> = []
    for name in names where !done.contains(name) {
      var person = PersonFold(
        source: batch.source, fold: fold, filter: EventFilter(through: batch.lastPosition))
      guard try person.run(from: name) else { continue }
      done.formUnion(person.identifiers.keys)
      try tables.insert(person.identifiers, person.state, in: batch.database)
    }
  }

  /// Drops what is in memory.
  package func forget() {
    stale = []
    tables.forget()
  }

  /// Calls `body` with a row for each customer.
  package func forEachAnswerRow(in database: Database, _ body: ([UInt8]) -> Void) throws {
    try CustomerReader(database: database).forEachProfile { body($0.answerRow) }
  }
}
