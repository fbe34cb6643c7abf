import BinaryCoding
import BookRules
import CustomerProfiles
import EventModel
import IdentityResolution
import SyntheticWorkload
import Testing

@Suite struct CustomerStateTests {
  /// The state of one customer whom all events are about.
  private func state(_ events: some Sequence<Event>) -> CustomerState {
    let fold = CustomerFold(rules: .standard)
    var state = CustomerState()
    for event in events {
      fold.forEachShare(of: event, key: FoldKey(event)) { fold.add($0, to: &state) }
    }
    return state
  }

  private func merged(_ left: CustomerState, _ right: CustomerState) -> CustomerState {
    var result = left
    result.merge(right)
    return result
  }

  @Test("Merging commutes, associates and equals the fold of the union", arguments: UInt64(1)...40)
  func merging(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let events = try randomEvents(seed: seed)
    let shuffled = events.shuffled(using: &random)
    let one = state(shuffled[..<30])
    let two = state(shuffled[30..<70])
    let three = state(shuffled[70...])
    let whole = state(events)
    #expect(merged(one, two) == merged(two, one))
    #expect(merged(merged(one, two), three) == whole)
    #expect(merged(one, merged(two, three)) == whole)
    #expect(merged(whole, CustomerState()) == whole)
    #expect(merged(CustomerState(), whole) == whole)
  }

  @Test("What exceeds a bound is dropped the same in any order", arguments: UInt64(1)...5)
  func bounds(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let events = try (1...600).map { sequence in
      try testEvent(
        sequence: sequence, occurred: Int64(sequence) * 86_400_000 * 9,
        type: "order.completed", source: "s\(sequence % 20)",
        persons: [
          TestPerson(
            identifiers: ["user:u"],
            traits: [
              Value.Field("same", .integer(Int64(sequence % 3))),
              Value.Field("t\(sequence)", 1),
            ])
        ])
    }
    let whole = state(events)
    let shuffled = events.shuffled(using: &random)
    #expect(merged(state(shuffled[..<299]), state(shuffled[299...])) == whole)
    #expect(whole.encoded.count < 65_536)
  }

  @Test("A state survives its stored form", arguments: UInt64(1)...20)
  func coding(seed: UInt64) throws {
    let state = try state(randomEvents(seed: seed))
    let bytes = state.encoded
    #expect(try CustomerState(decoding: bytes) == state)
    #expect(try CustomerState(decoding: CustomerState().encoded) == CustomerState())
  }

  @Test("Damaged and random bytes are read or refused, never trapped on", arguments: UInt64(1)...10)
  func damagedBytes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = try state(randomEvents(seed: seed)).encoded
    for _ in 0..<200 {
      var damaged = bytes
      damaged[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
      _ = try? CustomerState(decoding: damaged)
      let end = Int.random(in: 0..<bytes.count, using: &random)
      #expect(throws: DecodingFault.self) { try CustomerState(decoding: Array(bytes[..<end])) }
      let noise = (0..<end).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = try? CustomerState(decoding: noise)
    }
  }
}
