import BookRules
import EventModel
import HybridTime
import MerkleProofs
import SyntheticWorkload
import Testing

/// The book's owner and other keys by number, each with incarnation 1.
func makeOrigin(key: UInt8, incarnation: UInt64 = 1) throws -> OriginID {
  let bytes = [UInt8](repeating: key, count: 32)
  return OriginID(incarnation: incarnation, key: try #require(DeviceKey(bytes: bytes)))
}

/// An event's id as far as these tests are concerned.
func idPrefix(of event: Event) -> UInt64 {
  let salts = EventSalts.leaf(Digest256.hash([1]))
  return event.id(book: BookID(high: 1, low: 2), salts: salts)?.prefix64 ?? 0
}

/// How others name the event.
func reference(_ event: Event) -> EventReference {
  EventReference(dot: event.dot, idPrefix: idPrefix(of: event))
}

/// A small book that is written one event at a time, and asked like a replica that holds them all.
struct TestBook {
  let owner: OriginID
  private(set) var events: [Event] = []
  /// The well-formed control events.
  private(set) var controls: [HeldControl] = []
  private var ids: [Dot: UInt64] = [:]
  private var nextSequence: [OriginID: UInt64] = [:]
  private var clock: Int64 = 1_763_780_000_000

  init() throws { owner = try makeOrigin(key: 1) }

  /// Appends a draft; recorded times ascend by a second unless one is given.
  @discardableResult
  mutating func append(_ draft: EventDraft, by origin: OriginID, recorded: Int64? = nil) -> Event {
    clock += 1000
    let sequence = nextSequence[origin, default: 1]
    nextSequence[origin] = sequence + 1
    let event = Event(
      dot: Dot(origin: origin, sequence: sequence),
      recorded: HybridTimestamp(milliseconds: recorded ?? clock), draft: draft)
    events.append(event)
    let id = idPrefix(of: event)
    ids[event.dot] = id
    if let control = try? HeldControl(event, idPrefix: id) { controls.append(control) }
    return event
  }

  /// The owner grants roles to the key of an origin.
  @discardableResult
  mutating func grant(_ roles: RoleSet, to origin: OriginID) -> Event {
    append(.granting(roles, to: origin.key), by: owner)
  }

  var state: BookState { BookState(ownerKey: owner.key, controls: controls) }

  func event(_ dot: Dot) -> Event? { events.first { $0.dot == dot } }

  func meaning(of event: Event, in state: BookState? = nil) -> EventMeaning {
    let state = state ?? self.state
    return state.meaning(of: event) { dot in ids[dot] ?? 0 }
  }

  func effective(_ event: Event) -> EffectiveEvent? {
    let state = state
    return EffectiveEvent(event, meaning: meaning(of: event, in: state), in: state) {
      self.event($0)
    }
  }
}

/// An interaction with these facts and this person, under an idempotency key if `id` is given.
func interaction(
  _ facts: [Value.Field] = [], person: [Value.Field] = [], id: String? = nil,
  occurred: Int64? = nil
) throws -> EventDraft {
  let type = try #require(EventType("page.viewed"))
  let key = id.map { id in
    [Value.Field("@source", .text("shop")), Value.Field("@id", .text(id))]
  }
  let times = occurred.map { [Value.Field("@occurred", .integer($0))] } ?? []
  return EventDraft(
    channel: .web, type: type, schema: EventSchema.undeclared(type).digest,
    sections: [Section(facts + times), Section(person + (key ?? []))])
}
