import BinaryCoding
import DurableFiles
import EventModel
import EventStorage
import HybridTime
import InteractionLog
import MerkleProofs
import SyntheticWorkload

// Files of a store, given to everything that reads them: inspect, verify, open, repair.

extension FuzzEntry {
  static let storeFiles = [
    FuzzEntry(
      "manifest", rounds: 150, seeds: { [try GoldenFiles.bytes("rows/MANIFEST")] },
      mend: { bytes in
        var bytes = bytes
        // The length of the body, then the checksum.
        if bytes.count >= 20 {
          let length = bytes.count - 20
          for index in 0..<4 {
            bytes[12 + index] = UInt8(truncatingIfNeeded: length >> (8 * index))
          }
        }
        return bytes.resealed
      },
      decode: { readStore("rows", "MANIFEST", copy: "MANIFEST.bak", $0) }),
    FuzzEntry(
      "write-ahead-log", rounds: 150, seeds: { [try GoldenFiles.bytes("rows/log/wal-000002")] },
      mend: { rechained($0) }, decode: { readStore("rows", "log/wal-000002", $0) }),
    FuzzEntry(
      "salts", rounds: 100,
      seeds: {
        [try GoldenFiles.bytes("columns/log/salts"), try GoldenFiles.bytes("rows/log/salts")]
      },
      mend: { $0.resealed },
      decode: { readStore("columns", "log/salts", copy: "log/salts.bak", $0) }),
    FuzzEntry(
      "heads", rounds: 100, seeds: { [try GoldenFiles.bytes("rows/log/heads")] },
      mend: { $0.resealed }, decode: { readStore("rows", "log/heads", copy: "log/heads.bak", $0) }),
    FuzzEntry(
      "trees", rounds: 100, seeds: { [try GoldenFiles.bytes("rows/log/trees")] },
      mend: { $0.resealed }, decode: { readStore("rows", "log/trees", $0) }),
    FuzzEntry(
      "segment-of-rows", rounds: 80, seeds: { [try GoldenFiles.bytes("rows/log/000001.seg")] },
      mend: { segmentResealed($0) }, decode: { readStore("rows", "log/000001.seg", $0) }),
    FuzzEntry(
      "erasures", rounds: 60, seeds: { [try GoldenFiles.bytes("columns/erasures")] },
      mend: { $0.resealed }, decode: { openReplica("uuids-q", "erasures", $0) }),
    FuzzEntry(
      "dead-letters", rounds: 100, seeds: { [try deadLetters()] },
      mend: { lettersResealed($0) }, decode: { openReplica("uuids-q", "dead-letters/letters", $0) }),
  ]

  static let backupFiles = [
    FuzzEntry(
      "generation", rounds: 60, seeds: { [try GoldenFiles.bytes("backup/backup-000002")] },
      mend: { $0.resealed }, decode: { restore("backup-000002", $0) }),
    FuzzEntry(
      "ledger", rounds: 60, seeds: { [try GoldenFiles.bytes("backup/ledger")] },
      mend: { $0.resealed }, decode: { restore("ledger", copy: "ledger.bak", $0) }),
  ]

  /// Puts bytes in the place of a file, and reads the store in every way there is.
  private static func readStore(
    _ store: String, _ file: String, copy: String? = nil, _ input: Span<UInt8>
  ) {
    let bytes = [UInt8](copying: input, 0..<input.count)
    var changes: [String: [UInt8]?] = [file: bytes]
    if let copy { changes[copy] = .some(nil) }
    let directory = "/" + store
    for detail in [InspectionDetail.parts, .streams, .strings] {
      guard let disk = try? GoldenFiles.disk(store, changes) else { return }
      _ = try? inspect(file: directory + "/" + file, detail: detail, fileSystem: disk)
    }
    guard let disk = try? GoldenFiles.disk(store, changes) else { return }
    _ = try? verify(directory: directory, fileSystem: disk)
    if let log = try? EventLog.open(
      at: directory, fileSystem: disk, makeSeed: { Digest256.hash([1]) })
    {
      let snapshot = log.snapshot()
      try? snapshot.forEachEvent(from: .start, through: snapshot.highWaterMark) { _, event in
        _ = snapshot.id(of: event)
        return true
      }
      _ = try? snapshot.positions(naming: Array("user:u-9".utf8))
      _ = try? log.setRoot()
      try? log.close()
    }
    guard let broken = try? GoldenFiles.disk(store, changes) else { return }
    _ = try? repair(
      directory: directory, fileSystem: broken, isDryRun: false, makeSeed: { Digest256.hash([1]) })
  }

  private static func openReplica(_ store: String, _ file: String, _ input: Span<UInt8>) {
    guard let disk = try? GoldenFiles.disk(store, [file: [UInt8](copying: input, 0..<input.count)])
    else { return }
    let environment = ReplicaEnvironment(
      fileSystem: disk, wallMilliseconds: { 1_790_000_000_000 }, randomWord: { 1 },
      views: .inMemory)
    guard let replica = try? ReplicaCore.open(at: "/" + store, environment: environment) else {
      return
    }
    for number in replica.deadLetters.numbers.prefix(20) {
      _ = try? replica.deadLetters.letter(number)
    }
    try? replica.close()
  }

  private static func restore(_ file: String, copy: String? = nil, _ input: Span<UInt8>) {
    var changes: [String: [UInt8]?] = [file: [UInt8](copying: input, 0..<input.count)]
    if let copy { changes[copy] = .some(nil) }
    guard let disk = try? GoldenFiles.disk("backup", changes) else { return }
    let environment = ReplicaEnvironment(
      fileSystem: disk, wallMilliseconds: { 1_790_000_000_000 }, randomWord: { 1 },
      views: .inMemory)
    _ = try? ReplicaCore.restore(
      from: "/backup", RestoreRequest(directory: "/restored"), environment: environment)
  }

  // MARK: Checksums

  /// A write-ahead log whose header, frame headers and chain are right, as far as its lengths lead.
  private static func rechained(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes.resealed(0..<88)
    guard bytes.count >= 92 else { return bytes }
    let header = Array(bytes[..<92])
    let salt = Array(Digest256.hash(header).bytes.prefix(8).reversed())
    var chain = CRC32C.checksum(header)
    var start = 92
    while start + 36 <= bytes.count {
      bytes.replaceSubrange(start..<start + 8, with: salt)
      bytes = bytes.resealed(start..<start + 28)
      guard let length = bytes.word(at: start + 8), start + 36 + length <= bytes.count else {
        break
      }
      let end = start + 32 + length
      var checksum = CRC32C(continuing: chain)
      checksum.update(bytes.span.extracting(start..<end))
      chain = checksum.value
      for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: chain >> (8 * index)) }
      start = end + 4
    }
    return bytes
  }

  /// A segment whose header, footer and trailer are right.
  static func segmentResealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes.resealed(0..<48)
    guard bytes.count >= 80, let offset = bytes.word(at: bytes.count - 28) else { return bytes }
    let trailer = bytes.count - 28
    if offset < trailer {
      let checksum = CRC32C.checksum(Array(bytes[offset..<trailer]))
      let length = trailer - offset
      for index in 0..<4 {
        bytes[trailer + 8 + index] = UInt8(truncatingIfNeeded: length >> (8 * index))
        bytes[trailer + 12 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index))
      }
    }
    return bytes.resealed(trailer..<trailer + 16)
  }

  private static func lettersResealed(_ bytes: [UInt8]) -> [UInt8] {
    guard let length = bytes.word(at: 4), 12 + length <= bytes.count else { return bytes }
    let checksum = CRC32C.checksum(Array(bytes[12..<12 + length]))
    return Array(bytes[..<8]) + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }
      + Array(bytes[12...])
  }

  private static func deadLetters() throws -> [UInt8] {
    let disk = MemoryFileSystem()
    try disk.makeDirectory("/letters")
    let queue = try DeadLetterQueue(directory: "/letters", fileSystem: disk)
    let letters = (1...3).map { line in
      DeadLetter(
        file: "made-up.ndjson", line: line, format: "segment", source: "", channel: "web",
        code: "malformed", reason: "no object", remedy: "send one", raw: Array("[\(line)]".utf8),
        milliseconds: 1_790_000_000_000)
    }
    _ = try queue.add(letters)
    return try disk.readFile("/letters/letters", byteCountMax: 1 << 20)
  }
}
