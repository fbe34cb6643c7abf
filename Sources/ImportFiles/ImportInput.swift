internal import ZstdCompression

/// One input of an import: a file or standard input, decompressed as it is read.
///
/// The compression is recognised by the first bytes, not by the name. Memory is bounded by a few
/// chunks. A class because it owns an open file and a decompressor's state.
package final class ImportInput {
  private var file: FileBytes
  private var isStarted = false
  private var gzip: GzipDecoder?
  private var zstd: ZstdStreamDecompressor?
  /// Bytes of the file that are not decoded yet.
  private var input: [UInt8] = []
  private var inputOffset = 0
  private var holdsOutput = false

  /// How the input is compressed; known after the first chunk.
  package private(set) var compression = Compression.none

  /// The size of the file as it lies on disk, or nil if the input is a pipe.
  package var byteCount: Int? { file.byteCount }

  /// How many bytes of the file have been read, before decompression.
  package var bytesRead: Int { file.offset }

  private init(file: consuming FileBytes) { self.file = file }

  /// Opens a file, or standard input for the path `-`.
  ///
  /// - Parameter path: Where the file lies.
  /// - Returns: The input, at its first byte.
  /// - Throws: ``InputFault/cannotOpen(path:code:)``.
  package static func open(_ path: String) throws(InputFault) -> ImportInput {
    path == "-"
      ? ImportInput(file: .standardInput()) : ImportInput(file: try FileBytes.open(path))
  }

  /// The next decompressed bytes, at most 256 KiB, or nil at the end.
  ///
  /// - Returns: A chunk that is not empty, or nil.
  /// - Throws: ``InputFault``, after every byte before the fault has been returned.
  package func nextChunk() throws(InputFault) -> [UInt8]? {
    if !isStarted { try start() }
    while true {
      if inputOffset == input.count, !holdsOutput {
        input = try file.read()
        inputOffset = 0
        if input.isEmpty {
          try finish()
          return nil
        }
      }
      let chunk = try decode()
      if !chunk.isEmpty { return chunk }
    }
  }

  private func start() throws(InputFault) {
    isStarted = true
    while input.count < 4 {
      let more = try file.read()
      if more.isEmpty { break }
      input += more
    }
    compression = Compression(firstBytes: input.prefix(4))
    switch compression {
    case .none: break
    case .gzip:
      gzip = GzipDecoder()
      if gzip == nil { throw .outOfMemory }
    case .zstd:
      do { zstd = try ZstdStreamDecompressor.make() } catch { throw .outOfMemory }
    }
  }

  private func decode() throws(InputFault) -> [UInt8] {
    switch compression {
    case .none:
      defer {
        input = []
        inputOffset = 0
      }
      return input
    case .gzip: return try decodeGzip()
    case .zstd: return try decodeZstd()
    }
  }

  private func decodeGzip() throws(InputFault) -> [UInt8] {
    guard let chunk = gzip?.decode(input, from: &inputOffset) else { throw damage }
    holdsOutput = chunk.count == GzipDecoder.chunkByteCount
    return chunk
  }

  private func decodeZstd() throws(InputFault) -> [UInt8] {
    var chunk: [UInt8] = []
    let input = input
    do {
      inputOffset +=
        try zstd?.decompress(input.span.extracting(inputOffset..<input.count), into: &chunk)
        ?? (input.count - inputOffset)
    } catch .outOfMemory {
      throw .outOfMemory
    } catch {
      throw damage
    }
    holdsOutput = zstd?.isHoldingOutput ?? false
    return chunk
  }

  private var damage: InputFault {
    .damaged(compression, offset: file.offset - input.count + inputOffset)
  }

  private func finish() throws(InputFault) {
    switch compression {
    case .none: return
    case .gzip: if gzip?.isAtEnd != true { throw .truncated(.gzip) }
    case .zstd:
      do { try zstd?.finish() } catch { throw .truncated(.zstd) }
    }
  }
}
