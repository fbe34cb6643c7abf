import BookRules
import DurableFiles
import EventModel
import EventStorage
import InteractionLog
import ProjectionEngine
import SyncProtocol
import SyncTransport
import Testing

/// A test world whose replicas differ in roles and in whether they hold the book's secret.
struct ErasureWorld {
  static let ana = CustomerName.identifier(Identifier(kind: "email", value: "ana@example.com"))

  private let world: TestWorld

  init(seed: UInt64) { world = TestWorld(seed: seed) }

  var environment: ReplicaEnvironment { world.environment }
  var disk: MemoryFileSystem { world.disk }

  /// Whether every checksum and index of a store is right.
  func isSound(_ name: String) throws -> Bool {
    try verify(directory: "/" + name, fileSystem: world.disk).isSound
  }

  func makeReplica(_ name: String) throws -> ReplicaCore { try world.makeReplica(name) }

  func join(
    _ name: String, _ peer: ReplicaCore, roles: RoleSet = RoleSet(.append)
  ) throws -> ReplicaCore {
    try ReplicaCore.join(
      at: "/" + name, label: name, peer: peer, roles: roles, environment: environment)
  }

  /// The replica, opened again.
  func reopened(_ replica: ReplicaCore, _ name: String) throws -> ReplicaCore {
    try replica.close()
    return try ReplicaCore.open(at: "/" + name, environment: environment)
  }

  /// The replica, opened again after its secret was taken away.
  func withoutSecret(_ replica: ReplicaCore, _ name: String) throws -> ReplicaCore {
    try replica.close()
    try world.disk.remove("/\(name)/keys/book")
    return try ReplicaCore.open(at: "/" + name, environment: environment)
  }

  /// Copies the secret's file from a store to another.
  func giveSecret(from source: String, to target: String) throws {
    let secret = try world.disk.readFile("/\(source)/keys/book", byteCountMax: 32)
    try world.disk.replaceFile("/\(target)/keys/book", with: secret)
  }
}

/// A rating by a person with these identifiers.
func rating(
  _ score: Int64, id: String, of identifiers: [String], occurred: Int64 = 1_789_000_000_000
) throws -> EventDraft {
  let type = try #require(EventType("survey.answered"))
  let names = identifiers.sorted().map { Value.text($0) }
  return EventDraft(
    channel: .email, type: type, schema: EventCatalogue.builtIn.entry(for: type).digest,
    sections: [
      Section([
        .init("@occurred", .integer(occurred)), .init("rating", .integer(score)),
        .init("survey", "csat"),
      ]),
      Section([
        .init("@id", .text(id)), .init("@identifiers", .array(names)),
        .init("@source", "forms"), .init("note", "far too slow"),
      ]),
    ])
}

/// Syncs two replicas and expects them to be equal.
func sync(_ one: ReplicaCore, _ other: ReplicaCore) throws {
  guard one !== other else { return }
  var link = InProcessLink(local: one, remote: other)
  let report = try link.run()
  #expect(report.result.isInSync)
  #expect(report.result.projectionsAgree)
}

/// What anybody may read of the log, as text.
func shown(_ replica: ReplicaCore) throws -> [String] {
  let events = try replica.events()
  var texts: [String] = []
  try events.forEachEvent(from: 1, through: events.highWaterMark) { position, event in
    let reading = try events.reading(event, at: position)
    texts.append(reading.sections.map { "\($0.fields)" }.joined())
    return true
  }
  return texts
}
