internal import BinaryCoding
internal import DurableFiles
internal import EventModel
internal import MerkleProofs

/// The names of a backup's files.
///
/// Source: `docs/format/backup.md`.
struct BackupFiles: Sendable {
  /// The backup's directory.
  let directory: String

  var lock: String { directory + "/LOCK" }
  var content: String { directory + "/files" }
  var secrets: String { directory + "/secrets" }
  var ledgers: [String] { [directory + "/ledger", directory + "/ledger.bak"] }
  var salts: [String] { [secrets + "/salts", secrets + "/salts.bak"] }
  var bookSecret: String { secrets + "/book" }

  static func generationName(_ number: UInt64) -> String {
    "backup-" + StoreFiles.padded(number)
  }

  func generation(_ number: UInt64) -> String {
    directory + "/" + Self.generationName(number)
  }

  func file(_ digest: Digest256) -> String { content + "/\(digest)" }

  /// The number in the name of a generation.
  static func generationNumber(_ name: String) -> UInt64? {
    name.hasPrefix("backup-") ? UInt64(name.dropFirst(7)) : nil
  }

  /// A path as messages show it: from the backup's directory on.
  func relative(_ path: String) -> String {
    path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
  }
}

/// A file that is known by its bytes.
struct StoredFile: Hashable, Sendable {
  let byteCount: UInt64
  let digest: Digest256
}

extension StoredFile {
  private static let pieceByteCount = 1 << 20

  /// Reads a file to its end, piece by piece.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - body: Gets each piece and where it lies.
  /// - Throws: ``FileFault``, also what `body` throws.
  init(
    reading file: any DurableFile,
    _ body: ([UInt8], UInt64) throws(FileFault) -> Void = { _, _ in }
  ) throws(FileFault) {
    var hasher = DigestBuilder()
    var offset: UInt64 = 0
    while true {
      let piece = try file.read(count: Self.pieceByteCount, at: offset)
      if piece.isEmpty { break }
      hasher.update(piece)
      try body(piece, offset)
      offset += UInt64(piece.count)
    }
    byteCount = offset
    digest = hasher.finish()
  }

  /// What some bytes are as a file.
  init(_ bytes: [UInt8]) {
    byteCount = UInt64(bytes.count)
    digest = Digest256.hash(bytes)
  }
}

extension [UInt8] {
  /// These bytes and their CRC32C.
  var checked: [UInt8] {
    var writer = ByteWriter()
    writer.write(self)
    writer.write(CRC32C.checksum(self))
    return writer.bytes
  }

  /// Bytes without the checksum behind them, if it is theirs.
  init?(checked bytes: [UInt8]) {
    guard bytes.count >= 4 else { return nil }
    let content = Array(bytes.dropLast(4))
    guard content.checked == bytes else { return nil }
    self = content
  }
}
