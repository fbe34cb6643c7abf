public import BinaryCoding
internal import HybridTime

/// The name of one company's log, drawn at random by `init`: 16 bytes, 32 hexadecimal digits.
public struct BookID: Hashable, Sendable, CustomStringConvertible {
  let high, low: UInt64

  /// A book named by two random words.
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
