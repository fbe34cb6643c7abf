public import BinaryCoding

/// The size of a tree and its root.
public struct TreeHead: Hashable, Sendable {
  /// How many leaves.
  public let size: UInt64
  /// The RFC 6962 root of these leaves.
  public let root: Digest256

  /// A head as it is claimed.
  public init(size: UInt64, root: Digest256) {
    self.size = size
    self.root = root
  }

  /// The head of a tree.
  public init(_ frontier: MerkleFrontier) { self.init(size: frontier.size, root: frontier.root) }

  /// Writes the size as a varint and the root.
  public func write(to writer: inout ByteWriter) {
    writer.writeVarint(size)
    root.write(to: &writer)
  }

  /// Reads what ``write(to:)`` wrote.
  ///
  /// - Parameter reader: Stands at the size.
  /// - Throws: ``DecodingFault`` when bytes are missing or malformed, or the size is above 2⁶².
  public init(from reader: inout ByteReader) throws(DecodingFault) {
    let start = reader.offset
    size = try reader.readVarint()
    guard size <= MerkleFrontier.sizeMax else {
      throw .tooLarge(value: size, max: MerkleFrontier.sizeMax, at: start)
    }
    root = try Digest256(from: &reader)
  }
}
