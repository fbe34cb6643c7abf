internal import CZstd

/// Decompresses a `.zst` file of any size piece by piece, in bounded memory.
///
/// Accepts what the `zstd` tool writes: any number of zstd frames, one after another, with a window
/// of up to 128 MiB (`--long=27`). Call ``decompress(_:into:)`` with the input not yet consumed
/// until it is used up, then ``finish()``.
///
/// ```swift
/// var start = 0
/// while start < input.count || stream.isHoldingOutput {
///   start += try stream.decompress(input.span.extracting(start..<input.count), into: &output)
///   // … use `output`, empty it
/// }
/// try stream.finish()
/// ```
///
/// Safe and sendable because it has one owner, and only exclusive access reaches the context.
@safe
package struct ZstdStreamDecompressor: ~Copyable, @unchecked Sendable {
  /// The most bytes that one call appends to its output.
  package static let outputBytesMax = 128 << 10

  private static let windowBitsMax: Int32 = 27

  private let context: OpaquePointer
  /// Whether the input so far ends with a whole zstd frame; an empty file is none.
  private var isAtFrameEnd = false
  /// Whether libzstd may hold output back because the last call's output was full.
  private var hasMoreOutput = false

  private init(context: OpaquePointer) {
    // Owned from here on; freed once, in deinit.
    unsafe self.context = context
  }

  // The context was made by `make` and nothing else frees it.
  deinit { unsafe _ = ZSTD_freeDCtx(context) }

  /// Makes a decompressor at the start of a file. The corresponding C function is
  /// `ZSTD_createDCtx`.
  ///
  /// - Returns: The decompressor.
  /// - Throws: ``ZstdFault/outOfMemory``.
  package static func make() throws(ZstdFault) -> ZstdStreamDecompressor {
    guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
    // The context is fresh and has no other owner.
    unsafe _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowBitsMax)
    return unsafe ZstdStreamDecompressor(context: context)
  }

  /// Decompresses from the front of `input`. The corresponding C function is
  /// `ZSTD_decompressStream`.
  ///
  /// - Parameters:
  ///   - input: The next bytes of the file. Empty input fetches output that was held back.
  ///   - output: Where to append content, at most ``outputBytesMax`` bytes a call.
  /// - Returns: How many bytes of `input` were consumed; the rest must be given again.
  /// - Throws: ``ZstdFault/corrupt(code:)`` or ``ZstdFault/outOfMemory``.
  package mutating func decompress(
    _ input: Span<UInt8>, into output: inout [UInt8]
  ) throws(ZstdFault) -> Int {
    var consumed = 0
    var result = 0
    // The library reads within the input buffer, writes at most the output buffer's capacity, and
    // says how far it got in both.
    let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.outputBytesMax) {
      target, filled in
      unsafe input.withUnsafeBytes { source in
        var outBuffer = unsafe ZSTD_outBuffer(
          dst: target.baseAddress, size: Self.outputBytesMax, pos: 0)
        var inBuffer = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
        result = unsafe ZSTD_decompressStream(context, &outBuffer, &inBuffer)
        consumed = unsafe inBuffer.pos
        filled = unsafe outBuffer.pos
      }
    }
    guard ZSTD_isError(result) == 0 else { throw fault(result) }
    output.append(contentsOf: piece)
    hasMoreOutput = piece.count == Self.outputBytesMax
    if consumed > 0 || !piece.isEmpty { isAtFrameEnd = result == 0 }
    return consumed
  }

  /// Whether a call with no further input may yield more output.
  package var isHoldingOutput: Bool { hasMoreOutput && !isAtFrameEnd }

  /// Says that the file ends here.
  ///
  /// - Throws: ``ZstdFault/truncated`` if it ends inside a zstd frame.
  package func finish() throws(ZstdFault) {
    guard isAtFrameEnd else { throw .truncated }
  }

  private func fault(_ result: Int) -> ZstdFault {
    switch ZSTD_getErrorCode(result) {
    case ZSTD_error_memory_allocation: .outOfMemory
    case let code: .corrupt(code: code.rawValue)
    }
  }
}
