internal import BookRules
internal import EventModel
internal import IdentityResolution
internal import ProjectionEngine

/// One customer folded from nothing: the closure of an identifier over the log's identifier index.
///
/// The same answer as the read model gives, at any moment and without it: how profiles of the past
/// are answered, how a customer is refolded after a retraction, and what tests compare with.
struct PersonFold {
  let source: any EventSource
  let fold: CustomerFold
  let filter: EventFilter
  /// Only events effective at or before this time, in milliseconds since 1970.
  var effectiveUntilMilliseconds: Int64?

  private var winners: KeyWinners
  private var sections: [UInt64: UInt16] = [:]
  private var pending: [ExactText] = []
  private(set) var identifiers: [ExactText: IdentifierSightings] = [:]
  private(set) var state = CustomerState()

  init(
    source: any EventSource, fold: CustomerFold, filter: EventFilter,
    effectiveUntilMilliseconds: Int64? = nil
  ) {
    self.source = source
    self.fold = fold
    self.filter = filter
    winners = KeyWinners(within: filter)
    self.effectiveUntilMilliseconds = effectiveUntilMilliseconds
  }

  /// Folds the customer that `name` belongs to.
  ///
  /// - Returns: Whether any counting event names it.
  mutating func run(from name: ExactText) throws -> Bool {
    pending = [name]
    while let next = pending.popLast() { try follow(next) }
    for (name, sightings) in identifiers { state.claimProfile(fold.claim(name, sightings)) }
    return !identifiers.isEmpty
  }

  /// The positions of the events that name the customer.
  var positions: [UInt64] { sections.keys.sorted() }

  private mutating func follow(_ name: ExactText) throws {
    for position in try source.positions(naming: name.bytes) where position <= filter.lastPosition {
      guard let event = try source.event(at: position) else {
        throw ProjectionFault.missingEvent(position: position)
      }
      try take(event, at: position, naming: name)
    }
  }

  private mutating func take(_ event: Event, at position: UInt64, naming name: ExactText) throws {
    guard let effective = try source.counting(event, at: position, by: &winners) else { return }
    let key = effective.key
    if let limit = effectiveUntilMilliseconds, key.effectiveMilliseconds > limit { return }
    fold.forEachShare(of: effective.event, key: key) { share in
      let bit = UInt16(1) << UInt16(share.section)
      guard sections[position, default: 0] & bit == 0,
        share.mentions.contains(where: { $0.name == name.bytes })
      else { return }
      sections[position, default: 0] |= bit
      take(share)
    }
  }

  private mutating func take(_ share: CustomerFold.Share) {
    fold.add(share, to: &state, by: source.documents)
    for mention in share.mentions {
      let name = ExactText(mention.name)
      if identifiers[name]?.add(key: share.key, place: mention.place, source: share.source) == nil {
        identifiers[name] = IdentifierSightings(
          key: share.key, place: mention.place, source: share.source)
        pending.append(name)
      }
    }
  }
}
