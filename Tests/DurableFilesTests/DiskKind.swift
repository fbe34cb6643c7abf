import DurableFiles
import Foundation

/// The file systems that must keep the same contract.
enum DiskKind: CaseIterable, Sendable {
  case posix
  case memory

  /// Runs `body` with an empty directory of its own.
  func withDirectory(_ body: (any FileSystem, String) throws -> Void) throws {
    switch self {
    case .memory:
      try body(MemoryFileSystem(), "")
    case .posix:
      let directory = FileManager.default.temporaryDirectory
        .appending(path: "daybook-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: directory) }
      try body(POSIXFileSystem(), directory.path)
    }
  }
}

extension DurableFile {
  /// Writes text, for tests that care about where and when rather than what.
  func write(_ text: String, at offset: UInt64 = 0) throws(FileFault) {
    try write([UInt8](text.utf8).span, at: offset)
  }

  /// The whole content as text.
  func text() throws(FileFault) -> String {
    String(decoding: try read(count: 1 << 20, at: 0), as: UTF8.self)
  }
}

extension FileSystem {
  /// The content of a small file, or nil if there is none.
  func text(_ path: String) throws -> String? {
    guard try exists(path) else { return nil }
    return String(decoding: try readFile(path, byteCountMax: 1 << 20), as: UTF8.self)
  }
}
