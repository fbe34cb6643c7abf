public import BinaryCoding
public import HybridTime
internal import MerkleProofs

/// The name of one company's log: 16 bytes, 32 hexadecimal digits.
///
/// It follows from the book's ``BookFounding``, so whoever has both can check that they belong together.
public struct BookID: Hashable, Sendable, CustomStringConvertible {
  let high, low: UInt64

  /// A book named by two words.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads 16 bytes.
  ///
  /// - Parameter reader: Stands at the first of them.
  /// - Throws: ``DecodingFault/truncated(needed:available:at:)``.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    high = try reader.readUInt64BigEndian()
    low = try reader.readUInt64BigEndian()
  }

  /// Writes 16 bytes.
  public func write(to writer: inout ByteWriter) {
    writer.writeBigEndian(high)
    writer.writeBigEndian(low)
  }

  /// Thirty-two lowercase hexadecimal digits.
  public var description: String { hexadecimal(high) + hexadecimal(low) }
}

/// What makes a book: the key that owns it, and chance, so that a key can own many.
///
/// The owner's key is the device key of the replica that made the book.
public struct BookFounding: Hashable, Sendable {
  /// The key whose grants need no grant.
  public let owner: DeviceKey
  private let nonceHigh, nonceLow: UInt64

  /// A founding by `owner`; two random words tell its books apart.
  public init(owner: DeviceKey, nonceHigh: UInt64, nonceLow: UInt64) {
    self.owner = owner
    self.nonceHigh = nonceHigh
    self.nonceLow = nonceLow
  }

  /// The name of the book: the first 16 bytes of
  /// `SHA-256("daybook book 1\n" ‖ owner 32 bytes ‖ nonce 16 bytes)`.
  public var book: BookID {
    var writer = ByteWriter()
    writer.write("daybook book 1\n")
    write(to: &writer)
    let digest = Digest256.hash(writer.bytes).bytes
    var reader = ByteReader(digest.span)
    guard let book = try? BookID(from: &reader) else {
      preconditionFailure("a digest has 16 bytes and more")
    }
    return book
  }

  /// Reads 48 bytes.
  ///
  /// - Parameter reader: Stands at the first of them.
  /// - Throws: ``DecodingFault/truncated(needed:available:at:)``.
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    owner = try DeviceKey(from: &reader)
    nonceHigh = try reader.readUInt64BigEndian()
    nonceLow = try reader.readUInt64BigEndian()
  }

  /// Writes 48 bytes: the owner's key, then the nonce.
  public func write(to writer: inout ByteWriter) {
    owner.write(to: &writer)
    writer.writeBigEndian(nonceHigh)
    writer.writeBigEndian(nonceLow)
  }
}
