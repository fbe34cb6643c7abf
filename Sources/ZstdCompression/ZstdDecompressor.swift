internal import CZstd

/// Decompresses single zstd frames whose size the caller knows, or bounds, beforehand.
///
/// Never allocates more than the caller allows, whatever the frame claims. Owns a libzstd context
/// of about 100 KiB, kept between frames.
///
/// Safe and sendable because it has one owner, and only exclusive access reaches the context.
@safe
package struct ZstdDecompressor: ~Copyable, @unchecked Sendable {
  private let context: OpaquePointer

  private init(context: OpaquePointer) {
    // Owned from here on; freed once, in deinit.
    unsafe self.context = context
  }

  // The context was made by `make` and nothing else frees it.
  deinit { unsafe _ = ZSTD_freeDCtx(context) }

  /// Makes a decompressor. The corresponding C function is `ZSTD_createDCtx`.
  ///
  /// - Returns: The decompressor.
  /// - Throws: ``ZstdFault/outOfMemory``.
  package static func make() throws(ZstdFault) -> ZstdDecompressor {
    guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
    // The context is fresh and has no other owner.
    return unsafe ZstdDecompressor(context: context)
  }

  /// Decompresses a frame whose content has exactly `byteCount` bytes.
  ///
  /// - Parameters:
  ///   - frame: One zstd frame and nothing after it.
  ///   - byteCount: The content's size, known from elsewhere and bounded by the caller.
  /// - Returns: The content.
  /// - Throws: ``ZstdFault/corrupt(code:)``, ``ZstdFault/tooLarge(max:)`` if there is more,
  ///   ``ZstdFault/wrongSize(expected:found:)`` if there is less.
  package mutating func decompress(
    _ frame: Span<UInt8>, byteCount: Int
  ) throws(ZstdFault) -> [UInt8] {
    let content = try decompress(frame, byteCountMax: byteCount)
    guard content.count == byteCount else {
      throw .wrongSize(expected: byteCount, found: content.count)
    }
    return content
  }

  /// Decompresses a frame whose content has at most `byteCountMax` bytes.
  ///
  /// The corresponding C function is `ZSTD_decompressDCtx`.
  ///
  /// - Parameters:
  ///   - frame: One zstd frame and nothing after it.
  ///   - byteCountMax: The most bytes to accept; at most this much memory is taken.
  /// - Returns: The content.
  /// - Throws: ``ZstdFault/corrupt(code:)`` or ``ZstdFault/tooLarge(max:)``.
  package mutating func decompress(
    _ frame: Span<UInt8>, byteCountMax: Int
  ) throws(ZstdFault) -> [UInt8] {
    let capacity = try capacity(for: frame, max: byteCountMax)
    var result = 0
    // The library writes at most the buffer's capacity, and says how many bytes it wrote.
    let content = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, filled in
      result = unsafe frame.withUnsafeBytes { source in
        unsafe ZSTD_decompressDCtx(
          context, target.baseAddress, min(target.count, capacity), source.baseAddress,
          source.count)
      }
      filled = ZSTD_isError(result) == 0 ? result : 0
    }
    guard ZSTD_isError(result) == 0 else { throw fault(result, max: byteCountMax) }
    return content
  }

  /// The room that a frame needs: what it claims, if that is allowed; else the maximum.
  private func capacity(for frame: Span<UInt8>, max: Int) throws(ZstdFault) -> Int {
    // The pointer is used only inside the closure and the buffer covers exactly the span.
    let claimed = unsafe frame.withUnsafeBytes {
      unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count)
    }
    // libzstd's ZSTD_CONTENTSIZE_ERROR and ZSTD_CONTENTSIZE_UNKNOWN, which are not imported.
    let isNotAFrame = claimed == UInt64.max - 1
    let isUnknown = claimed == UInt64.max
    if isNotAFrame { throw .corrupt(code: ZSTD_error_prefix_unknown.rawValue) }
    if isUnknown { return max }
    guard claimed <= UInt64(max) else { throw .tooLarge(max: max) }
    return Int(claimed)
  }

  private func fault(_ result: Int, max: Int) -> ZstdFault {
    switch ZSTD_getErrorCode(result) {
    case ZSTD_error_memory_allocation: .outOfMemory
    case ZSTD_error_dstSize_tooSmall: .tooLarge(max: max)
    case ZSTD_error_srcSize_wrong: .truncated
    case let code: .corrupt(code: code.rawValue)
    }
  }
}
