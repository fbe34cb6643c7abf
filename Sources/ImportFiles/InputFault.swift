/// Why an input could not be read, or not to its end.
package enum InputFault: Error, Equatable, Sendable {
  /// The file could not be opened; `code` is the system's error number.
  case cannotOpen(path: String, code: Int32)
  /// Reading failed after `offset` bytes; `code` is the system's error number.
  case cannotRead(offset: Int, code: Int32)
  /// The compressed data ends too early; everything before has been delivered.
  case truncated(Compression)
  /// The compressed data is damaged at or before this offset of the compressed input; everything
  /// before the damage has been delivered.
  case damaged(Compression, offset: Int)
  /// There is no memory for a decompressor.
  case outOfMemory
}

extension InputFault: CustomStringConvertible {
  /// What is wrong, where, and what to do.
  package var description: String {
    switch self {
    case .cannotOpen(let path, let code): "\(path): \(systemMessage(code))"
    case .cannotRead(let offset, let code):
      "reading failed after \(offset) bytes: \(systemMessage(code)); import again to go on"
    case .truncated(let compression):
      "the \(compression.rawValue) input ends too early; all before its end is in, "
        + "get the whole file and import it again"
    case .damaged(let compression, let offset):
      "the \(compression.rawValue) input is damaged near byte \(offset); all before it is in, "
        + "get a sound copy and import it again"
    case .outOfMemory: "not enough memory to decompress the input; free some and import again"
    }
  }
}

/// How an input is compressed.
package enum Compression: String, Sendable {
  case none = "plain"
  case gzip
  case zstd

  /// Recognises the first bytes of an input.
  init(firstBytes: ArraySlice<UInt8>) {
    if firstBytes.starts(with: [0x1f, 0x8b]) {
      self = .gzip
    } else if firstBytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
      self = .zstd
    } else {
      self = .none
    }
  }
}
