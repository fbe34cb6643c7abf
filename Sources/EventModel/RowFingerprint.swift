public import BinaryCoding
internal import MerkleProofs

/// The content of a row that came without an id of its own.
///
/// Its idempotency key is this and the row's occurrence number within the import, so that two equal
/// sales are two events and importing the file again adds none.
public struct RowFingerprint: Hashable, Sendable {
  private let digest: Digest256

  /// Takes the fingerprint of a row's bytes, as they were sent.
  public init(of row: Span<UInt8>) { digest = Digest256.hash(row) }

  /// A 64-bit key for tables that count occurrences.
  public var indexKey: UInt64 { digest.prefix64 }

  /// Writes the source id `sha256-`, 32 hexadecimal digits, `#`, occurrence number.
  ///
  /// - Parameters:
  ///   - occurrence: How many equal rows the import has had, this one included.
  ///   - writer: Where the ASCII goes.
  public func writeSourceID(occurrence: Int, to writer: inout ByteWriter) {
    writer.write(Array("sha256-\(digest.description.prefix(32))#\(occurrence)".utf8))
  }
}
