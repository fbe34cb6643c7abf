internal import CustomerProfiles
internal import DurableFiles
package import EventModel
internal import ProjectionEngine

/// What the read models of a store are worth, without folding the log.
package struct ViewsReport: Hashable, Sendable {
  /// Where they lie in the store.
  package static let file = "views.sqlite"

  private let found: ViewsVerification

  init(_ found: ViewsVerification) { self.found = found }

  /// Whether nothing is known to be wrong.
  package var isSound: Bool { found.isSound }

  /// The projections whose rows are not what was folded, or cannot be read.
  package var damaged: [String] {
    found.projections.filter { $0.rows == .differ || $0.rows == .unreadable }.map(\.name)
  }

  /// The projections of which only a fold can tell.
  package var unchecked: [String] {
    found.projections.filter { $0.rows == .unchecked }.map(\.name)
  }

  /// `{"sound","projections":{NAME: "equal" | "differ" | "unchecked" | "outdated" | "unreadable"}}`.
  package var value: Value {
    .object([
      .init("sound", .boolean(isSound)),
      .init(
        "projections",
        .object(found.projections.map { .init($0.name, .text($0.rows.rawValue)) })),
    ])
  }
}

extension ReplicaCore {
  /// Computes the digests of a store's answers again from the rows of its read models, and compares
  /// them with those kept beside the rows. Changes nothing and takes no lock.
  ///
  /// - Parameters:
  ///   - directory: The store.
  ///   - environment: The world.
  /// - Returns: What was found; read models that are not there are sound.
  /// - Throws: ``ReplicaError``.
  package static func verifyViews(
    at directory: String, environment: ReplicaEnvironment
  ) throws(ReplicaError) -> ViewsReport {
    try ReplicaError.translating {
      let path = directory + "/" + ViewsReport.file
      guard try environment.fileSystem.exists(path) else {
        return ViewsReport(ViewsVerification())
      }
      return ViewsReport(
        try ReadModels.verify(path: path, projections: CustomerQueries.makeProjections()))
    }
  }
}
