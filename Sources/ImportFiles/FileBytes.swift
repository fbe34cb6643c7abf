#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The bytes of a file or of standard input, in chunks.
struct FileBytes: ~Copyable {
  /// How much one read asks for.
  static let chunkByteCount = 256 << 10

  private let descriptor: Int32
  private let isOwned: Bool

  /// How many bytes have been read.
  private(set) var offset = 0

  /// The size of a regular file, or nil for pipes and terminals.
  let byteCount: Int?

  private init(descriptor: Int32, isOwned: Bool) {
    self.descriptor = descriptor
    self.isOwned = isOwned
    var status = stat()
    // `status` outlives the call.
    let isKnown = unsafe fstat(descriptor, &status) == 0
    byteCount = isKnown && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  deinit {
    if isOwned { _ = close(descriptor) }
  }

  static func standardInput() -> FileBytes { FileBytes(descriptor: STDIN_FILENO, isOwned: false) }

  static func open(_ path: String) throws(InputFault) -> FileBytes {
    let descriptor = openForReading(path)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, code: errno) }
    return FileBytes(descriptor: descriptor, isOwned: true)
  }

  /// The next bytes, or none at the end.
  mutating func read() throws(InputFault) -> [UInt8] {
    var count = -1
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkByteCount) { buffer, filled in
      repeat {
        // At most the buffer's size is written, and `filled` says how much was.
        count = unsafe readBytes(descriptor, buffer.baseAddress, buffer.count)
      } while count < 0 && errno == EINTR
      filled = max(count, 0)
    }
    guard count >= 0 else { throw .cannotRead(offset: offset, code: errno) }
    offset += count
    return chunk
  }
}

/// The corresponding C function is `open`, with `O_RDONLY | O_CLOEXEC`.
private func openForReading(_ path: String) -> Int32 {
  // The string's bytes are valid during the call, and `open` keeps no pointer.
  unsafe open(path, O_RDONLY | O_CLOEXEC)
}

/// The corresponding C function is `read`.
@unsafe
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int)
  -> Int
{
  unsafe read(descriptor, buffer, count)
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
  // `strerror` returns a string of its own for every code.
  unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}
