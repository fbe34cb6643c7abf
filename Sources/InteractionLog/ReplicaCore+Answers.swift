package import CustomerProfiles
internal import DurableFiles
package import EventModel
internal import EventStorage
package import HybridTime
package import ProjectionEngine

extension ReplicaCore {
  static func makeEngine(
    _ directory: String, _ environment: ReplicaEnvironment, _ log: EventLog
  ) throws -> ReadModels {
    let location: ViewsLocation
    switch environment.views {
    case .inMemory: location = .temporary
    case .onDisk:
      let path = directory + "/views.sqlite"
      let files = environment.fileSystem
      // The journal first: alone it could bring pages back.
      let suffixes = ["-wal", "-shm", ""]
      location = ViewsLocation(path: path) {
        for suffix in suffixes where try files.exists(path + suffix) {
          try files.rename(path + suffix, to: path + ".damaged" + suffix)
        }
      } erase: {
        for suffix in suffixes + suffixes.map({ ".damaged" + $0 })
        where try files.exists(path + suffix) {
          try files.eraseFile(path + suffix)
        }
      }
    }
    return try ReadModels(location: location) { CustomerQueries.makeProjections() }
  }

  /// Folds what the read models have not taken in yet.
  ///
  /// - Parameter progress: Called now and then with the events folded and to fold.
  /// - Returns: What was out of the ordinary, such as a rebuild, for people; empty as a rule.
  /// - Throws: ``ReplicaError``.
  @discardableResult
  package func catchUp(
    progress: (_ folded: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws(ReplicaError) -> [String] {
    try ReplicaError.translating {
      try engine.catchUp(with: events(at: .now), progress: progress).notices
    }
  }

  /// The log as folds see it now, with what its control events say.
  ///
  /// - Returns: A view of the log as it is now.
  /// - Throws: ``ReplicaError``.
  package func events() throws(ReplicaError) -> LogEvents {
    try ReplicaError.translating { try events(at: .now) }
  }

  func events(at moment: Moment) throws -> LogEvents {
    let snapshot = snapshot()
    try controls.extend(to: snapshot)
    return try LogEvents(
      snapshot, controls: controls,
      within: moment.filter(through: snapshot.highWaterMark.rawValue))
  }

  private func queries(at moment: Moment) throws -> CustomerQueries {
    CustomerQueries(views: engine, source: try events(at: moment))
  }

  /// The unified profile of a customer.
  ///
  /// Answers of the present come from the read models: call ``catchUp(progress:)`` first.
  ///
  /// - Parameters:
  ///   - name: Any of the customer's names.
  ///   - moment: The present or a moment of the past.
  /// - Returns: The profile, or nothing when no event that counts names the customer.
  /// - Throws: ``ReplicaError``.
  package func profile(
    of name: CustomerName, at moment: Moment = .now
  ) throws(ReplicaError) -> Profile? {
    guard let identifier = try identifier(of: name) else { return nil }
    return try ReplicaError.translating {
      try queries(at: moment).profile(of: identifier, at: moment)
    }
  }

  /// What happened with a customer, newest first in fold order.
  ///
  /// - Parameters:
  ///   - name: Any of the customer's names.
  ///   - moment: The present or a moment of the past.
  ///   - limit: How many entries at most.
  /// - Returns: Entries; none when no event that counts names the customer.
  /// - Throws: ``ReplicaError``.
  package func timeline(
    of name: CustomerName, at moment: Moment = .now, limit: Int = .max
  ) throws(ReplicaError) -> [TimelineEntry] {
    guard let identifier = try identifier(of: name) else { return [] }
    return try ReplicaError.translating {
      try queries(at: moment).timeline(of: identifier, at: moment, limit: limit)
    }
  }

  /// An experience metric.
  ///
  /// - Parameters:
  ///   - query: What to ask.
  ///   - moment: The present or a moment of the past.
  /// - Returns: The answer.
  /// - Throws: ``ReplicaError``.
  package func metric(
    _ query: MetricQuery, at moment: Moment = .now
  ) throws(ReplicaError) -> MetricAnswer {
    try ReplicaError.translating { try queries(at: moment).metric(query, at: moment) }
  }

  func identifier(of name: CustomerName) throws(ReplicaError) -> Identifier? {
    switch name {
    case .identifier(let identifier): return identifier
    case .node(let origin, let sequence, let place):
      guard let event = try event(origin: origin, sequence: sequence) else { return nil }
      return CustomerQueries.identifier(in: event, place: place)
    }
  }

  /// The origin that `prefix` abbreviates.
  ///
  /// - Parameter prefix: The beginning of an origin's text, in lowercase hexadecimal.
  /// - Returns: The origin, or nothing when none begins so.
  /// - Throws: ``ReplicaError`` when several do.
  package func origin(named prefix: String) throws(ReplicaError) -> OriginID? {
    let origins = snapshot().held.origins.filter { $0.isNamed(by: prefix) }
    guard origins.count <= 1 else {
      throw ReplicaError(
        .badRequest,
        "\(origins.count) origins begin so; give more digits: "
          + origins.map(\.fullDescription).joined(separator: ", "), location: prefix)
    }
    return origins.first
  }

  /// The event of an origin given in short.
  ///
  /// - Parameters:
  ///   - origin: The beginning of the origin's text.
  ///   - sequence: The event's place in its origin's count.
  /// - Returns: The event, or nothing when it is not held.
  /// - Throws: ``ReplicaError``.
  package func event(origin: String, sequence: UInt64) throws(ReplicaError) -> Event? {
    guard let origin = try self.origin(named: origin) else { return nil }
    return try ReplicaError.translating {
      let snapshot = snapshot()
      let position = try snapshot.position(of: Dot(origin: origin, sequence: sequence))
      return try position.flatMap { try snapshot.event(at: $0) }
    }
  }
}
