internal import CZstd

extension ZstdCompressor {
  /// The version of the library in use, such as `1.5.4`.
  ///
  /// The corresponding C function is `ZSTD_versionNumber`.
  package static var libraryVersion: String {
    let number = ZSTD_versionNumber()
    return "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
  }
}
