import DurableFiles
import EventModel
import EventStorage
internal import Foundation
import HybridTime
import InteractionLog
import MerkleProofs
import MerkleProofsTests
import Testing
import ZstdCompression

/// `Golden/v1`: stores and a backup as this version writes them. Old versions are never deleted;
/// `tools/regenerate-golden` writes them anew, on purpose. `tools/check-format-pages` reads them in
/// Python, from the pages of `docs/format` alone.
@Suite("Golden stores")
struct GoldenStoreTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden/v1")
  /// What is made now; nothing if making it fails, which the tests then say.
  private static let made = Result { try GoldenStores() }

  private static var isRegenerating: Bool {
    ProcessInfo.processInfo.environment["DAYBOOK_REGENERATE_GOLDEN"] == "1"
  }

  @Test("Written anew from the same seeds they are the same to the byte")
  func written() throws {
    let made = try Self.made.get()
    let version = ZstdCompressor.libraryVersion
    if Self.isRegenerating {
      try? FileManager.default.removeItem(at: Self.folder)
      for (path, bytes) in made.files { try Self.write(bytes, path) }
      for name in GoldenStores.names where name != "backup" {
        try Self.write(Array(try Self.list(of: name).utf8), name + ".records")
      }
      try Self.write(Array("\(version)\n".utf8), "zstd-version")
    }
    let found = try Self.read()
    #expect(found.keys.sorted() == made.files.keys.sorted())
    // Another version of libzstd may compress to other bytes, which every name and length depends on.
    let isSameZstd = try Self.text("zstd-version") == "\(version)\n"
    for (path, bytes) in made.files where isSameZstd || !Self.dependsOnZstd(path) {
      // Compared outside: a failure names the file and does not print it.
      let isSame = found[path] == bytes
      #expect(isSame, "\(path)")
    }
  }

  private static func dependsOnZstd(_ path: String) -> Bool {
    path.hasPrefix("backup/") || path.hasSuffix(".seg") || path.contains("MANIFEST")
  }

  @Test(
    "Every event of theirs is read as listed, and nothing in them is damaged",
    arguments: GoldenStores.names.filter { $0 != "backup" })
  func read(name: String) throws {
    #expect(try Self.list(of: name) == Self.text(name + ".records"))
    let report = try verify(directory: "/" + name, fileSystem: try Self.disk())
    #expect(report.damages == [])
  }

  @Test(
    "Both generations of the backup are restored, without who was erased since", arguments: [1, 2])
  func restored(generation: UInt64) throws {
    let disk = try Self.disk()
    var request = RestoreRequest(directory: "/restored")
    request.generation = generation
    let report = try ReplicaCore.restore(
      from: "/backup", request,
      environment: TestWorld(seed: 9).environment(disk: disk) { $0 })
    #expect(report.erasedSections == (generation == 1 ? 8 : 0))
    #expect(report.events == (generation == 1 ? 368 : 370))
    #expect(try verify(directory: "/restored", fileSystem: disk).isSound)
  }

  /// A line for each record: its place, the event's name and id, when it was received, and its digest.
  /// Of many every sixty-fourth; the last line has the digest of all.
  private static func list(of name: String) throws -> String {
    let log = try EventLog.open(
      at: "/" + name, fileSystem: try disk(), makeSeed: { Digest256.hash([]) })
    let snapshot = log.snapshot()
    var lines: [String] = []
    try snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { position, event in
      let id = snapshot.id(of: event).map { "\($0)" } ?? "-"
      let received = snapshot.received(at: position)?.rawValue ?? 0
      let origin = [UInt8](writing: event.dot.origin.write).hexadecimal
      lines.append(
        "\(position.rawValue) \(origin.prefix(16))/\(event.dot.sequence) \(id) \(received)"
          + " \(Digest256.hash(event.encoded))")
      return true
    }
    try log.close()
    let all = Digest256.hash(Array(lines.map { $0 + "\n" }.joined().utf8))
    let shown = lines.enumerated().filter { $0.offset < 40 || $0.offset % 64 == 0 }.map(\.element)
    return (shown + ["all \(lines.count) \(all)"]).map { $0 + "\n" }.joined()
  }

  // MARK: Files

  /// The golden files, without the lists and texts beside the directories.
  private static func read() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    where path.contains("/") {
      let file = folder.appendingPathComponent(path)
      guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
        continue
      }
      found[path] = [UInt8](try Data(contentsOf: file))
    }
    return found
  }

  private static func disk() throws -> MemoryFileSystem {
    let disk = MemoryFileSystem()
    for (path, bytes) in try read().sorted(by: { $0.key < $1.key }) {
      var directory = ""
      for part in path.split(separator: "/").dropLast() {
        directory += "/" + part
        try disk.makeDirectory(directory)
      }
      try disk.replaceFile("/" + path, with: bytes)
    }
    return disk
  }

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  private static func write(_ bytes: [UInt8], _ path: String) throws {
    let file = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }
}
