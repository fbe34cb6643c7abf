package import EventModel

/// Made-up customers and what they do with a company over all channels.
///
/// The same seed gives the same customers and the same interactions, in order of their times, so a
/// test can state its seed and a demonstration can be repeated. Customers browse, buy, get their
/// orders, are asked how it was, call, write, visit the store and come back; some of their
/// interactions carry only an anonymous id, a loyalty card or a telephone number, so that there is
/// something to resolve.
package struct CustomerWorkload: Sendable {
  /// The customers, by number.
  package let customers: [SyntheticCustomer]

  private var generator: SeededGenerator
  private var stories: [Story]
  private var milliseconds: Int64 = 1_704_067_200_000  // 2024-01-01T00:00:00Z
  private var count = 0

  /// Prepares a workload.
  ///
  /// - Parameters:
  ///   - seed: Decides everything.
  ///   - customerCount: How many customers there are, at least one.
  package init(seed: UInt64, customerCount: Int = 200) {
    var generator = SeededGenerator(seed: seed)
    customers = (0..<max(1, customerCount)).map {
      SyntheticCustomer(number: $0, using: &generator)
    }
    stories = customers.map { _ in Story() }
    self.generator = generator
  }

  /// The next `count` interactions, in order of their times.
  package mutating func drafts(count: Int) -> [EventDraft] { (0..<count).map { _ in next() } }

  /// The next interaction.
  package mutating func next() -> EventDraft {
    let customer = customers[Int.random(in: 0..<customers.count, using: &generator)]
    milliseconds += Int64.random(in: 100...60_000, using: &generator)
    count += 1
    let scene = stories[customer.number].advance(customer: customer, using: &generator)
    let id = "\(scene.source)-\(count)-\(generator.next() % 1_000_000)"
    return scene.draft(customer: customer, id: id, milliseconds: milliseconds)
  }
}
