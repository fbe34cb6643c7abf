#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// One open file descriptor; also serves as a lock, which the system drops with the descriptor.
///
/// Positional calls share no state, so any thread may use it.
final class POSIXFile: DurableFile, FileLock {
  let path: String
  private let descriptor: Int32

  /// Takes over `descriptor`, which it alone closes.
  init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  // The result is of no use: what matters was synced, and the descriptor is gone in any case.
  deinit { _ = close(descriptor) }

  /// The corresponding C function is `pread`.
  func read(count: Int, at offset: UInt64) throws(FileFault) -> [UInt8] {
    // No file reaches this far; the system would call the offset invalid.
    guard let start = off_t(exactly: offset), start <= off_t.max - off_t(count) else { return [] }
    var errorNumber: Int32 = 0
    // The calls write only to the buffer's unfilled rest, and `filled` counts what they wrote.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      (filled, errorNumber) = transferring(count) { done in
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[done..<count])
        return unsafe pread(descriptor, rest.baseAddress, rest.count, start + off_t(done))
      }
    }
    guard errorNumber == 0 else { throw FileFault(.read, path, errorNumber: errorNumber) }
    return bytes
  }

  /// The corresponding C function is `pwrite`.
  func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(FileFault) {
    guard let start = off_t(exactly: offset), start <= off_t.max - off_t(bytes.count) else {
      throw FileFault(.write, path, errorNumber: EFBIG)
    }
    // The pointer is used only inside the closure and the buffer covers exactly the span.
    let (written, errorNumber) = unsafe bytes.withUnsafeBytes { buffer in
      transferring(buffer.count) { done in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
        return unsafe pwrite(descriptor, rest.baseAddress, rest.count, start + off_t(done))
      }
    }
    guard errorNumber == 0 else { throw FileFault(.write, path, errorNumber: errorNumber) }
    // Nothing was taken, and no reason given.
    guard written == bytes.count else { throw FileFault(.write, path, errorNumber: ENOSPC) }
  }

  /// The corresponding C function is `fstat`.
  func byteCount() throws(FileFault) -> UInt64 {
    var status = stat()
    // The structure outlives the call, which fills it.
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileFault(.measure, path, errorNumber: errno)
    }
    return UInt64(clamping: status.st_size)
  }

  /// The corresponding C function is `ftruncate`.
  func truncate(to byteCount: UInt64) throws(FileFault) {
    let errorNumber = repeatingInterrupted { ftruncate(descriptor, off_t(clamping: byteCount)) }
    guard errorNumber == 0 else { throw FileFault(.truncate, path, errorNumber: errorNumber) }
  }

  /// The corresponding C function is `fdatasync`; on Apple systems, where that stops at the
  /// drive's cache, `fcntl` with `F_FULLFSYNC`.
  func syncData() throws(FileFault) {
    #if canImport(Darwin)
      let errorNumber = repeatingInterrupted { fcntl(descriptor, F_FULLFSYNC) == -1 ? -1 : 0 }
    #else
      let errorNumber = repeatingInterrupted { fdatasync(descriptor) }
    #endif
    guard errorNumber == 0 else { throw FileFault(.sync, path, errorNumber: errorNumber) }
  }
}
