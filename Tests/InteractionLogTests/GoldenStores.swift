import BookRules
import DurableFiles
import EventModel
import EventStorage
import InteractionLog
import SyntheticWorkload

/// The stores of this version that lie in `Golden`, made anew: all of it follows from seeds.
///
/// | directory | what it shows |
/// | --- | --- |
/// | `rows` | a segment of rows, write-ahead frames of own and foreign events, echoes |
/// | `columns` | a segment of columns with every kind of column, store and form; erased sections |
/// | `blocks` | a segment of columns with two blocks |
/// | `uuids-U`, `uuids-q` | source ids in the other two forms of UUID |
/// | `backup` | two generations, and a ledger of what was erased between them |
struct GoldenStores {
  static let names = ["rows", "columns", "blocks", "uuids-U", "uuids-q", "backup"]

  private let world = TestWorld(seed: 20_261_101)

  /// The files of every directory by their path in `Golden`, without locks and keys.
  let files: [String: [UInt8]]

  init() throws {
    try Self.makeRows(world)
    try Self.makeColumns(world)
    try Self.makeBlocks(world)
    try Self.makeUUIDs(world, "uuids-U", .uuidWithoutDashes)
    try Self.makeUUIDs(world, "uuids-q", .anyUUID)
    var files: [String: [UInt8]] = [:]
    for (path, bytes) in world.disk.namedContents {
      let parts = path.split(separator: "/")
      guard Self.names.contains(String(parts[0])), parts[1] != "keys", parts[1] != "LOCK" else {
        continue
      }
      files[parts.joined(separator: "/")] = bytes
    }
    self.files = files
  }

  private static func makeRows(_ world: TestWorld) throws {
    let hub = try world.makeReplica("rows")
    let till = try world.join("till", hub)
    let shared = try rating(4, id: "both", of: ["user:u-9"])
    _ = try hub.append(makeDrafts(12, seed: 1) + [shared])
    _ = try till.append(
      [shared, try rating(5, id: "both", of: ["user:u-9"])] + makeDrafts(4, seed: 2))
    try sync(hub, till)
    _ = try hub.append(makeDrafts(2, seed: 9))
    _ = try till.append(makeDrafts(3, seed: 10))
    try sync(hub, till)
    try hub.seal()
    _ = try hub.append(makeDrafts(3, seed: 3))
    _ = try till.append(makeDrafts(2, seed: 4))
    try sync(hub, till)
    _ = try hub.append([try rating(1, id: "both", of: ["user:u-9"])])
    try till.close()
    try hub.close()
  }

  private static func makeColumns(_ world: TestWorld) throws {
    let hub = try world.makeReplica("columns")
    var drafts = GoldenDrafts(seed: 5, ids: .uuid)
    var batch: [EventDraft] = []
    for index in 0..<360 {
      batch.append(
        index % 3 == 0 ? try drafts.call(of: index % 40) : try drafts.order(of: index * 7 % 40))
    }
    _ = try hub.append(batch)
    _ = try hub.append(
      try (0..<8).map { try rating(2, id: "ana-\($0)", of: ["email:ana@example.com"]) })
    _ = try hub.compact(all: true)
    _ = try hub.backup(to: "/backup")
    _ = try hub.erase(ErasureWorld.ana, reason: "asked", request: "r-1")
    _ = try hub.removeErased()
    _ = try hub.compact(all: true)
    _ = try hub.backup(to: "/backup")
    try hub.close()
  }

  private static func makeBlocks(_ world: TestWorld) throws {
    let hub = try world.makeReplica("blocks")
    var drafts = GoldenDrafts(seed: 6, ids: .numbered)
    var random = SeededGenerator(seed: 7)
    var page = 0
    var batch: [EventDraft] = []
    // By turns a visitor reads one page for a while, and others look here and there; so do the last.
    var isReading = true
    var left = 0
    for index in 0..<4_110 {
      if left == 0 {
        isReading.toggle()
        left = Int.random(in: 10...30, using: &random)
      }
      left -= 1
      if index >= 4_096 || !isReading { page = Int.random(in: 0..<300, using: &random) }
      batch.append(try drafts.view(page: page))
    }
    for start in stride(from: 0, to: batch.count, by: 1_024) {
      _ = try hub.stage(Array(batch[start..<min(start + 1_024, batch.count)]))
    }
    try hub.flush()
    _ = try hub.compact(all: true)
    try hub.close()
  }

  private static func makeUUIDs(
    _ world: TestWorld, _ name: String, _ ids: GoldenDrafts.IDs
  ) throws {
    let hub = try world.makeReplica(name)
    var drafts = GoldenDrafts(seed: 8, ids: ids)
    _ = try hub.append(try (0..<20).map { try drafts.view(page: $0 % 3) })
    _ = try hub.compact(all: true)
    try hub.close()
  }
}
