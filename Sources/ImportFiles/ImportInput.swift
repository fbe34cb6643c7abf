/// One input of an import: a file or standard input, decompressed as it is read.
///
/// The compression is recognised by the first bytes, not by the name. Memory is bounded by a few
/// chunks. A class because it owns an open file and a decompressor's state.
package final class ImportInput {
  private enum Decoder {
    case plain
    case gzip(GzipDecoder)
  }

  private var file: FileBytes
  private var decoder: Decoder?
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
  /// - Parameters:
  ///   - path: Where the file lies.
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
    let decoder = try decoder ?? start()
    while true {
      if inputOffset == input.count, !holdsOutput {
        input = try file.read()
        inputOffset = 0
        if input.isEmpty { return try finish(decoder) }
      }
      let chunk = try decode(with: decoder)
      if !chunk.isEmpty { return chunk }
    }
  }

  private func start() throws(InputFault) -> Decoder {
    while input.count < 4 {
      let more = try file.read()
      if more.isEmpty { break }
      input += more
    }
    compression = Compression(firstBytes: input.prefix(4))
    let decoder: Decoder
    switch compression {
    case .none, .zstd: decoder = .plain
    case .gzip:
      guard let gzip = GzipDecoder() else { throw .damaged(.gzip, offset: 0) }
      decoder = .gzip(gzip)
    }
    self.decoder = decoder
    return decoder
  }

  private func decode(with decoder: Decoder) throws(InputFault) -> [UInt8] {
    switch decoder {
    case .plain:
      defer {
        input = []
        inputOffset = 0
      }
      return input
    case .gzip(let gzip):
      guard let chunk = gzip.decode(input, from: &inputOffset) else {
        throw .damaged(.gzip, offset: file.offset - input.count + inputOffset)
      }
      holdsOutput = chunk.count == GzipDecoder.chunkByteCount
      return chunk
    }
  }

  private func finish(_ decoder: Decoder) throws(InputFault) -> [UInt8]? {
    switch decoder {
    case .plain: return nil
    case .gzip(let gzip):
      guard gzip.isAtEnd else { throw .truncated(.gzip) }
      return nil
    }
  }
}
