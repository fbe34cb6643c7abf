internal import CZlib

/// Decompresses gzip as it comes, members one after the other as one stream.
///
/// A class because zlib's state points back at itself and so must not move; safe because nothing
/// outside sees the pointer.
///
/// Source: RFC 1952.
@safe
final class GzipDecoder {
  /// The most one call returns.
  static let chunkByteCount = 256 << 10

  private let stream: UnsafeMutablePointer<z_stream>

  /// Whether all members that were begun have ended.
  private(set) var isAtEnd = false

  /// A decoder before the first member, or nil if memory is short.
  init?() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for a gzip header. The corresponding C macro is `inflateInit2`.
    let code = unsafe inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      unsafe stream.deallocate()
      return nil
    }
  }

  deinit {
    // Initialised in `init`, and nothing else holds the pointer.
    _ = unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Decompresses from `input`, from `offset` on, until it or the chunk is used up.
  ///
  /// - Parameters:
  ///   - input: Compressed bytes; may be empty to fetch what zlib still holds.
  ///   - offset: Where to go on; moved past what was used.
  /// - Returns: Up to ``chunkByteCount`` bytes, or nil if the input is damaged at `offset`.
  func decode(_ input: [UInt8], from offset: inout Int) -> [UInt8]? {
    if isAtEnd, !startMember(input, from: &offset) { return offset == input.count ? [] : nil }
    var code = Z_OK
    var used = 0
    let output = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkByteCount) { out, filled in
      // Both buffers outlive the call; zlib's pointers are cleared after it.
      unsafe input.withUnsafeBufferPointer { source in
        let rest = unsafe UnsafeBufferPointer(rebasing: source[offset...])
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: rest.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(rest.count)
        unsafe stream.pointee.next_out = out.baseAddress
        unsafe stream.pointee.avail_out = UInt32(out.count)
        code = unsafe inflate(stream, Z_NO_FLUSH)
        used = unsafe rest.count - Int(stream.pointee.avail_in)
        filled = unsafe out.count - Int(stream.pointee.avail_out)
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.next_out = nil
      }
    }
    offset += used
    isAtEnd = code == Z_STREAM_END
    let isDamaged = code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR
    return isDamaged && output.isEmpty ? nil : output
  }

  /// Begins the member at `offset`, after any padding of zeros, if there is one.
  private func startMember(_ input: [UInt8], from offset: inout Int) -> Bool {
    while offset < input.count, input[offset] == 0 { offset += 1 }
    guard offset < input.count, input[offset] == 0x1f else { return false }
    isAtEnd = false
    return unsafe inflateReset(stream) == Z_OK
  }
}
