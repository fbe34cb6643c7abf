import EventModel
import HybridTime
import IdentityResolution
import Testing

@Suite struct IdentityPartitionTests {
  /// An event with one section for each list of identifiers.
  private func event(_ sections: [[String]]) throws -> Event {
    let key = try #require(DeviceKey(bytes: [UInt8](repeating: 1, count: 32)))
    let persons = sections.map { names in
      Section([Value.Field("@identifiers", .array(names.sorted().map { .text($0) }))])
    }
    let draft = EventDraft(
      channel: .web, type: try #require(EventType("page.viewed")),
      schema: EventCatalogue.builtIn.entries[0].digest, sections: [.empty] + persons)
    return Event(
      dot: Dot(origin: OriginID(incarnation: 1, key: key), sequence: 1),
      recorded: HybridTimestamp(milliseconds: 0), draft: draft)
  }

  private func customers(_ events: [[[String]]]) throws -> [[String]] {
    var partition = IdentityPartition(rules: .standard)
    for sections in events { partition.add(try event(sections)) }
    return partition.customers().map { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  @Test("Identifiers of one section are one customer, those of two sections are two")
  func sections() throws {
    #expect(
      try customers([[["user:1", "email:a"], ["user:2"]]]) == [["email:a", "user:1"], ["user:2"]])
  }

  @Test("Links join along chains, in any order")
  func chains() throws {
    let links = (1...50).map { [["user:\($0)", "user:\($0 + 1)"]] }
    #expect(try customers(links).count == 1)
    #expect(try customers(links) == customers(links.reversed()))
    #expect(try customers(links.filter { $0 != [["user:25", "user:26"]] }).count == 2)
  }

  @Test("Placeholders link nobody")
  func placeholders() throws {
    #expect(
      try customers([[["user:1", "email:NULL"]], [["user:2", "email:null"]]])
        == [["user:1"], ["user:2"]])
    #expect(try customers([[["user:0"]]]).isEmpty)
  }

  @Test(
    "Values that merely look like placeholders do link",
    arguments: [
      "user:nullius", "user:10", "email:none@example.com", "user:anonymous coward", "handle:0x0",
    ])
  func realValues(name: String) throws {
    #expect(!IdentityRules.standard.isBlocked(Array(name.utf8)))
    #expect(try customers([[["user:1", name]], [["user:2", name]]]).count == 1)
  }

  @Test("Kinds name a profile in their order")
  func ranks() {
    let kinds = ["user", "loyalty", "email", "phone", "handle", "device", "anonymous", "zodiac"]
    #expect(kinds.map { IdentityRules.standard.rank(Array("\($0):x".utf8)) } == Array(0...7))
  }
}
