import EventModel
import HybridTime
import SyntheticWorkload
import Testing

@Suite("Customer workload")
struct CustomerWorkloadTests {
  @Test("The same seed tells the same story, and another seed another")
  func repeats() {
    var one = CustomerWorkload(seed: 7)
    var other = CustomerWorkload(seed: 7)
    var different = CustomerWorkload(seed: 8)
    let drafts = one.drafts(count: 500)
    #expect(other.drafts(count: 500) == drafts)
    #expect(different.drafts(count: 500) != drafts)
  }

  @Test("Times ascend, keys are unique, and all channels occur")
  func storiesAreWhole() throws {
    var workload = CustomerWorkload(seed: 1)
    let drafts = workload.drafts(count: 2_000)
    let times = try drafts.map { try #require($0.sections[0].integer(ReservedName.occurred)) }
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(Set(drafts.compactMap(\.idempotencyKey)).count == 2_000)
    #expect(Set(drafts.map(\.channel)) == Set(Channel.allCases))
    #expect(drafts.allSatisfy { EventCatalogue.builtIn.contains($0.type) })
    #expect(drafts.allSatisfy { !$0.sections[1].identifiers.isEmpty })
  }

  @Test("What a story calls a fact is declared by its type's schema")
  func factsAreDeclared() {
    var workload = CustomerWorkload(seed: 2)
    for draft in workload.drafts(count: 500) {
      let schema = EventCatalogue.builtIn.entry(for: draft.type).schema
      for field in draft.sections[0].fields where !field.name.hasPrefix("@") {
        #expect(schema.kind(of: field.name) != nil, "\(draft.type) \(field.name)")
      }
    }
  }

  @Test("Random events are canonical", arguments: 0..<20 as Range<UInt64>)
  func randomEventsAreCanonical(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let origin = generator.origin()
    for event in generator.events(of: origin, sequences: 1...50) {
      #expect(try Event(checking: event.encoded.span) == event)
    }
  }
}
