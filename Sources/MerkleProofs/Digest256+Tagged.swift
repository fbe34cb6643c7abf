internal import Crypto

/// Digests of a few short parts, put side by side first: each further call of the hasher costs as
/// much as the copy of some hundred bytes.
extension Digest256 {
  /// `SHA-256(tag ‖ digest)`, 33 bytes.
  static func hash(tag: UInt8, _ digest: Digest256) -> Digest256 {
    // All 33 bytes are written, at offsets 0 and 1 ..< 33, before they are read.
    return unsafe withUnsafeTemporaryAllocation(byteCount: 33, alignment: 8) { buffer in
      unsafe buffer.storeBytes(of: tag, as: UInt8.self)
      unsafe digest.store(in: buffer, at: 1)
      return unsafe hash(UnsafeRawBufferPointer(buffer))
    }
  }

  /// `SHA-256(tag ‖ digest ‖ byte)`, 34 bytes.
  static func hash(tag: UInt8, _ digest: Digest256, _ byte: UInt8) -> Digest256 {
    // All 34 bytes are written, at offsets 0, 1 ..< 33 and 33, before they are read.
    return unsafe withUnsafeTemporaryAllocation(byteCount: 34, alignment: 8) { buffer in
      unsafe buffer.storeBytes(of: tag, as: UInt8.self)
      unsafe digest.store(in: buffer, at: 1)
      unsafe buffer.storeBytes(of: byte, toByteOffset: 33, as: UInt8.self)
      return unsafe hash(UnsafeRawBufferPointer(buffer))
    }
  }

  /// `SHA-256(tag ‖ left ‖ right)`, 65 bytes.
  static func hash(tag: UInt8, _ left: Digest256, _ right: Digest256) -> Digest256 {
    // All 65 bytes are written, at offsets 0, 1 ..< 33 and 33 ..< 65, before they are read.
    return unsafe withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
      unsafe buffer.storeBytes(of: tag, as: UInt8.self)
      unsafe left.store(in: buffer, at: 1)
      unsafe right.store(in: buffer, at: 33)
      return unsafe hash(UnsafeRawBufferPointer(buffer))
    }
  }

  /// `SHA-256(tag ‖ bytes)`.
  static func hash(tag: UInt8, _ bytes: Span<UInt8>) -> Digest256 {
    // All bytes are written, at offsets 0 and 1 onwards, before they are read.
    unsafe withUnsafeTemporaryAllocation(byteCount: 1 + bytes.count, alignment: 8) { buffer in
      unsafe buffer.storeBytes(of: tag, as: UInt8.self)
      unsafe bytes.copy(to: buffer, at: 1)
      return unsafe hash(UnsafeRawBufferPointer(buffer))
    }
  }

  /// `SHA-256(digest ‖ bytes)`: a commitment to `bytes` when the digest is a secret salt.
  ///
  /// - Parameters:
  ///   - salt: 32 bytes; whoever lacks them cannot test a guess of the bytes.
  ///   - bytes: What is committed to.
  /// - Returns: The commitment.
  public static func commitment(salt: Digest256, to bytes: Span<UInt8>) -> Digest256 {
    // All bytes are written, at offsets 0 ..< 32 and 32 onwards, before they are read.
    unsafe withUnsafeTemporaryAllocation(byteCount: 32 + bytes.count, alignment: 8) { buffer in
      unsafe salt.store(in: buffer, at: 0)
      unsafe bytes.copy(to: buffer, at: 32)
      return unsafe hash(UnsafeRawBufferPointer(buffer))
    }
  }

  /// The digest that swift-crypto made.
  init(_ digest: SHA256Digest) {
    // A SHA-256 digest is 32 bytes; each load lies within them.
    self = unsafe digest.withUnsafeBytes { raw in
      unsafe Digest256(
        UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
    }
  }

  /// Unsafe: the buffer must have 32 bytes from `offset` on. It is read and not kept.
  private func store(in buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
    unsafe buffer.storeBytes(of: word0.bigEndian, toByteOffset: offset, as: UInt64.self)
    unsafe buffer.storeBytes(of: word1.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
    unsafe buffer.storeBytes(of: word2.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
    unsafe buffer.storeBytes(of: word3.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
  }

  private static func hash(_ buffer: UnsafeRawBufferPointer) -> Digest256 {
    var hasher = SHA256()
    // The hasher reads the buffer during the call and does not keep it.
    unsafe hasher.update(bufferPointer: buffer)
    return Digest256(hasher.finalize())
  }
}

extension Span<UInt8> {
  /// Unsafe: the buffer must have room for the span from `offset` on.
  fileprivate func copy(to buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
    // The pointer is used only inside the closure and covers exactly the span.
    unsafe withUnsafeBytes { bytes in
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]).copyMemory(from: bytes)
    }
  }
}
