internal import CZlib
internal import ZstdCompression

/// A library that importing stands on, as `doctor` shows it.
package struct LibraryVersion: Hashable, Sendable {
  /// The library's name.
  package let name: String
  /// The version in use.
  package let version: String
  /// The oldest version that is known to work.
  package let required: String
  /// Whether the version in use is not older.
  package let isSupported: Bool

  init(name: String, version: String, required: String) {
    self.name = name
    self.version = version
    self.required = required
    isSupported = !Self.parts(version).lexicographicallyPrecedes(Self.parts(required))
  }

  /// zlib and libzstd.
  package static var all: [LibraryVersion] {
    [
      // The corresponding C function is `zlibVersion`, which returns a constant string.
      LibraryVersion(
        name: "zlib", version: unsafe zlibVersion().map { unsafe String(cString: $0) } ?? "unknown",
        required: "1.2.11"),
      LibraryVersion(name: "zstd", version: ZstdCompressor.libraryVersion, required: "1.5.4"),
    ]
  }

  /// The numbers of a version, such as 1, 5 and 4.
  private static func parts(_ version: String) -> [Int] {
    version.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
  }
}
