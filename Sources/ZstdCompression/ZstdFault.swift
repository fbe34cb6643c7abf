/// Why bytes could not be compressed or decompressed.
package enum ZstdFault: Error, Equatable, Sendable {
  /// The library could not get the memory it needs.
  case outOfMemory
  /// The bytes are not a zstd frame, or a damaged one; `code` is libzstd's error code.
  case corrupt(code: UInt32)
  /// The content is, or claims to be, longer than the caller allows.
  case tooLarge(max: Int)
  /// The content is shorter than the caller was told.
  case wrongSize(expected: Int, found: Int)
  /// The input ends inside a zstd frame.
  case truncated
}
