internal import BookRules
package import EventModel
internal import GRDB
package import IdentityResolution
package import MerkleProofs
package import ProjectionEngine

/// A past moment that an answer is asked for.
package struct Moment: Hashable, Sendable {
  /// Only what stood at positions up to this one.
  package var lastPosition: UInt64?
  /// Only what origins had recorded by this time, in milliseconds since 1970.
  package var recordedUntilMilliseconds: Int64?
  /// Only what was effective by this time, as known otherwise.
  package var effectiveUntilMilliseconds: Int64?

  /// A moment from its parts; without any, now.
  package init(
    lastPosition: UInt64? = nil, recordedUntilMilliseconds: Int64? = nil,
    effectiveUntilMilliseconds: Int64? = nil
  ) {
    self.lastPosition = lastPosition
    self.recordedUntilMilliseconds = recordedUntilMilliseconds
    self.effectiveUntilMilliseconds = effectiveUntilMilliseconds
  }

  /// The present.
  package static let now = Moment()

  func filter(within source: some EventSource) -> EventFilter {
    filter(through: source.highWaterMark)
  }

  /// Which events of a log that ends at a position the moment admits.
  package func filter(through highWaterMark: UInt64) -> EventFilter {
    EventFilter(
      through: min(lastPosition ?? .max, highWaterMark),
      recordedUntilMilliseconds: recordedUntilMilliseconds)
  }
}

/// Questions about customers.
///
/// Answers of the present come from the read models, which should have caught up with `source`;
/// answers of the past are folded from the log.
package struct CustomerQueries {
  private let views: ReadModels
  private let source: any EventSource
  private let fold: CustomerFold

  /// Asks the read models of `views` and the log.
  package init(
    views: ReadModels, source: any EventSource, rules: IdentityRules = .standard
  ) {
    self.views = views
    self.source = source
    fold = CustomerFold(rules: rules)
  }

  /// The projections these questions stand on, with nothing in memory.
  package static func makeProjections(rules: IdentityRules = .standard) -> [any Projection] {
    [ProfileProjection(rules: rules), MetricProjection()]
  }

  /// The digest of the rules that decide these answers, as replicas compare it.
  ///
  /// - Parameters:
  ///   - rules: The identity rules in force.
  ///   - documents: A line for each document that was activated, in order, and for each control event
  ///     of a later version.
  /// - Returns: SHA-256 of a line that names the rules and their version, and of these lines.
  package static func rulesDigest(
    of rules: IdentityRules = .standard, documents: [String] = []
  ) -> Digest256 {
    let lines = "daybook identity rules \(rules.version)\n" + documents.joined()
    return Digest256.hash(Array(lines.utf8))
  }

  /// The profile that an identifier belongs to.
  ///
  /// - Parameters:
  ///   - identifier: Any identifier of the customer.
  ///   - moment: The present, or a moment of the past.
  /// - Returns: The profile, or nothing when no counting event names the identifier.
  /// - Throws: ``ProjectionFault``, `DatabaseError`, what the source throws.
  package func profile(of identifier: Identifier, at moment: Moment = .now) throws -> Profile? {
    let name = ExactText(identifier.description)
    guard moment == .now else { return try person(name, at: moment).map { Profile($0) } }
    return try views.database.read { try CustomerReader(database: $0).profile(of: name) }
  }

  private func person(_ name: ExactText, at moment: Moment) throws -> PersonFold? {
    var person = PersonFold(
      source: source, fold: fold, filter: moment.filter(within: source),
      effectiveUntilMilliseconds: moment.effectiveUntilMilliseconds)
    return try person.run(from: name) ? person : nil
  }

  /// Whether an identifier names nobody, such as `user:null`, so that it has no profile.
  package static func namesNobody(
    _ identifier: Identifier, rules: IdentityRules = .standard
  ) -> Bool {
    rules.isBlocked(Array(identifier.description.utf8))
  }

  /// The identifier that a profile's or node's id stands for.
  ///
  /// - Parameters:
  ///   - event: The event that the id names.
  ///   - place: The identifier's place in it, from 1.
  /// - Returns: The identifier, or nothing when the event has no such place.
  package static func identifier(in event: Event, place: Int) -> Identifier? {
    let identifiers = event.persons.flatMap(\.identifiers)
    return identifiers.indices.contains(place - 1) ? identifiers[place - 1] : nil
  }

  /// What happened with a customer, newest first in fold order.
  ///
  /// - Parameters:
  ///   - identifier: Any identifier of the customer.
  ///   - moment: The present, or a moment of the past.
  ///   - limit: How many entries at most.
  /// - Returns: Entries; none when no counting event names the identifier.
  /// - Throws: ``ProjectionFault``, `DatabaseError`, what the source throws.
  /// - Complexity: Reads every event that names the customer.
  package func timeline(
    of identifier: Identifier, at moment: Moment = .now, limit: Int = .max
  ) throws -> [TimelineEntry] {
    let name = ExactText(identifier.description)
    var latest = LatestEvents(limit: max(0, limit))
    guard moment == .now else {
      for position in try person(name, at: moment)?.positions ?? [] {
        if let event = try source.event(at: position),
          let effective = try source.effective(event, at: position)
        {
          latest.add(effective)
        }
      }
      return latest.finish(source.documents)
    }
    let names = try views.database.read { try CustomerReader(database: $0).names(besides: name) }
    let members = Set(names)
    var winners = KeyWinners(within: moment.filter(within: source))
    for position in try positions(of: names) {
      guard let event = try source.event(at: position),
        let effective = try source.counting(event, at: position, by: &winners),
        effective.event.names(anyOf: members)
      else { continue }
      latest.add(effective)
    }
    return latest.finish(source.documents)
  }

  private func positions(of names: [ExactText]) throws -> [UInt64] {
    var positions: Set<UInt64> = []
    for name in names {
      positions.formUnion(try source.positions(naming: name.bytes))
    }
    return positions.sorted()
  }

  /// A metric.
  ///
  /// - Parameters:
  ///   - query: What to ask.
  ///   - moment: The present, answered from the read model; a past one scans the log.
  /// - Returns: The answer.
  /// - Throws: ``ProjectionFault``, `DatabaseError`, what the source throws.
  package func metric(_ query: MetricQuery, at moment: Moment = .now) throws -> MetricAnswer {
    var tally = MetricTally(query: query)
    if moment == .now {
      try views.database.read { database in
        try MetricProjection.forEachCell(in: database) { tally.add($0, count: $1) }
      }
    } else {
      try scan(at: moment, into: &tally)
    }
    return tally.answer
  }

  private func scan(at moment: Moment, into tally: inout MetricTally) throws {
    let filter = moment.filter(within: source)
    var winners = KeyWinners(within: filter)
    try source.forEachEvent(from: 1, through: filter.lastPosition) { position, event in
      guard let effective = try source.counting(event, at: position, by: &winners),
        effective.key.effectiveMilliseconds <= moment.effectiveUntilMilliseconds ?? .max,
        let cell = MetricCell(effective.event, key: effective.key, documents: source.documents)
      else { return true }
      tally.add(cell, count: 1)
      return true
    }
  }
}

extension Event {
  fileprivate func names(anyOf names: Set<ExactText>) -> Bool {
    var isNamed = false
    for section in persons {
      section.forEachIdentifierRange { range in
        isNamed = isNamed || names.contains(ExactText(Array(section.bytes[range])))
      }
    }
    return isNamed
  }
}
