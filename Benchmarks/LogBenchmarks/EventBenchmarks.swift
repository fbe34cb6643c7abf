internal import Benchmark
// No product exports these targets; the modules come along with the product InteractionLog.
internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import MerkleProofs

/// Registers what every event passes through: its encoding, and what makes it provable.
///
/// The event is a completed order of two sections, some 230 bytes together. Each round goes through
/// one window of 4,096 events.
func registerEventBenchmarks() {
  Benchmark("Derive salts, commitments, ids and root of 4,096 events", configuration: window) {
    benchmark in
    let records = try makeOrders().map(\.encoded)
    let book = BookID(high: 1, low: 2)
    let salts = SaltTree(seed: Digest256.hash([1]))
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
      var tree = MerkleFrontier()
      var hasher = RecordHasher(book: book)
      var leaves = salts.leaves()
      for record in records {
        guard let leaf = leaves.next()?.leaf,
          let id = try hasher.identify(record.span, salts: { _ in .leaf(leaf) }).id
        else { preconditionFailure("the window is whole") }
        tree.append(id)
      }
      blackHole(tree.root)
    }
  }

  Benchmark("Encode 4,096 events", configuration: window) { benchmark in
    let events = try makeOrders()
    var writer = ByteWriter(capacity: 4_096 * 512)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
      writer.removeAll()
      for event in events { event.write(to: &writer) }
      blackHole(writer.count)
    }
  }

  Benchmark("Decode and check 4,096 events", configuration: window) { benchmark in
    let records = try makeOrders().map(\.encoded)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
      for record in records { blackHole(try Event(checking: record.span)) }
    }
  }
}

private var window: Benchmark.Configuration {
  Benchmark.Configuration(
    metrics: [.wallClock, .throughput], maxDuration: .seconds(3), maxIterations: 10_000)
}

/// The 4,096 events of an origin's first window.
private func makeOrders() throws -> [Event] {
  guard let key = DeviceKey(bytes: [UInt8](repeating: 0xab, count: 32)),
    let type = EventType("order.completed")
  else { preconditionFailure("a key has 32 bytes, and the type is valid") }
  let origin = OriginID(incarnation: 1, key: key)
  let schema = EventCatalogue.builtIn.entry(for: type).digest
  return (1...4_096).map { sequence in
    Event(
      dot: Dot(origin: origin, sequence: sequence),
      recorded: HybridTimestamp(milliseconds: 1_763_780_000_000 + Int64(sequence)),
      draft: EventDraft(
        channel: .web, type: type, schema: schema,
        sections: [orderFacts(sequence), orderPerson(sequence)]))
  }
}

private func orderFacts(_ number: UInt64) -> Section {
  Section([
    .init("@occurred", .integer(1_763_779_999_000 + Int64(number))), .init("currency", "EUR"),
    .init("order_id", .text("o-\(100_000 + number)")), .init("payment_method", "card"),
    .init("tax", .integer(798)), .init("total", .integer(4_999)),
  ])
}

private func orderPerson(_ number: UInt64) -> Section {
  Section([
    .init("@id", .text("8f14e45f-ceea-467f-9b5e-\(100_000_000_000 + number)")),
    .init("@identifiers", .array(["email:ana.maria@example.com", "user:u-104729"])),
    .init("@source", "shop"), .init("note", "please ring twice"),
  ])
}
