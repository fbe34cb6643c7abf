import BinaryCoding
import DurableFiles
import Foundation
import MerkleProofs

/// The golden stores of this version, `Tests/InteractionLogTests/Golden/v1`, as seeds.
enum GoldenFiles {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("InteractionLogTests/Golden/v1")

  private static let all = Result { () throws -> [String: [UInt8]] in
    var found: [String: [UInt8]] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      let file = folder.appendingPathComponent(path)
      if try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
        found[path] = [UInt8](try Data(contentsOf: file))
      }
    }
    return found
  }

  /// A file's bytes.
  static func bytes(_ path: String) throws -> [UInt8] { try all.get()[path] ?? [] }

  /// The bytes of all files below a path.
  static func below(_ path: String) throws -> [[UInt8]] {
    try all.get().filter { $0.key.hasPrefix(path) }.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A disk with one of the directories, in which some files have other bytes or are gone.
  static func disk(_ name: String, _ changes: [String: [UInt8]?] = [:]) throws -> MemoryFileSystem {
    let disk = MemoryFileSystem()
    var files = try all.get().filter { $0.key.hasPrefix(name + "/") }
    for (path, bytes) in changes { files[name + "/" + path] = bytes }
    for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
      var directory = ""
      for part in path.split(separator: "/").dropLast() {
        directory += "/" + part
        try disk.makeDirectory(directory)
      }
      try disk.replaceFile("/" + path, with: bytes)
    }
    return disk
  }
}

extension [UInt8] {
  /// The bytes with their last four as the CRC32C of those before them.
  var resealed: [UInt8] {
    guard count >= 4 else { return self }
    var writer = ByteWriter()
    writer.write(Array(dropLast(4)))
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// The bytes with the CRC32C of `range` at its end.
  func resealed(_ range: Range<Int>) -> [UInt8] {
    guard range.upperBound + 4 <= count else { return self }
    return Array(self[..<range.lowerBound])
      + (Array(self[range]) + [0, 0, 0, 0]).resealed + Array(self[(range.upperBound + 4)...])
  }

  /// The little-endian integer of four bytes, if they are there.
  func word(at offset: Int) -> Int? {
    guard offset + 4 <= count else { return nil }
    return (0..<4).reduce(0) { $0 | Int(self[offset + $1]) << (8 * $1) }
  }
}
