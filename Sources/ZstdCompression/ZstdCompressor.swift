internal import CZstd

/// A compression level that Daybook may use.
///
/// Levels stop at 15: libzstd 1.5.4, which Debian 12 ships, can write damaged output with the
/// optimal parser of the levels above (fixed in 1.5.5), so they are never used.
package struct ZstdLevel: Equatable, Sendable {
  /// libzstd's number for the level, 1 (fast) to 15 (small).
  package let rawValue: Int32

  private init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// For work in a hurry: level 1.
  package static let fast = ZstdLevel(1)
  /// For streams worth more time: level 3.
  package static let balanced = ZstdLevel(3)
  /// For what is written once and read often: level 9.
  package static let small = ZstdLevel(9)

  /// The nearest allowed level.
  ///
  /// - Parameter level: The wish; below 1 counts as 1, above 15 as 15.
  package init(clamping level: Int) { rawValue = Int32(min(max(level, 1), 15)) }
}

/// Compresses runs of bytes, each into one zstd frame that states its content's size.
///
/// Owns a libzstd context, about 1 MiB at level 3, which is kept between runs; make one per writer.
///
/// Safe and sendable because it has one owner, and only exclusive access reaches the context.
@safe
package struct ZstdCompressor: ~Copyable, @unchecked Sendable {
  private let context: OpaquePointer
  private let level: ZstdLevel

  private init(context: OpaquePointer, level: ZstdLevel) {
    // Owned from here on; freed once, in deinit.
    unsafe self.context = context
    self.level = level
  }

  // The context was made by `make` and nothing else frees it.
  deinit { unsafe _ = ZSTD_freeCCtx(context) }

  /// Makes a compressor. The corresponding C function is `ZSTD_createCCtx`.
  ///
  /// - Parameter level: How hard to try.
  /// - Returns: The compressor.
  /// - Throws: ``ZstdFault/outOfMemory``.
  package static func make(level: ZstdLevel = .balanced) throws(ZstdFault) -> ZstdCompressor {
    guard let context = unsafe ZSTD_createCCtx() else { throw .outOfMemory }
    // The context is fresh and has no other owner.
    return unsafe ZstdCompressor(context: context, level: level)
  }

  /// Compresses `bytes`. The corresponding C function is `ZSTD_compressCCtx`.
  ///
  /// - Parameter bytes: What to compress; may be empty.
  /// - Returns: One zstd frame.
  /// - Throws: ``ZstdFault/outOfMemory``.
  package mutating func compress(_ bytes: Span<UInt8>) throws(ZstdFault) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    var result = 0
    // The library writes at most `bound` bytes, the buffer's capacity, and says how many.
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, filled in
      result = unsafe bytes.withUnsafeBytes { source in
        unsafe ZSTD_compressCCtx(
          context, target.baseAddress, target.count, source.baseAddress, source.count,
          level.rawValue)
      }
      filled = ZSTD_isError(result) == 0 ? result : 0
    }
    guard ZSTD_isError(result) == 0 else { throw .outOfMemory }
    return frame
  }
}
