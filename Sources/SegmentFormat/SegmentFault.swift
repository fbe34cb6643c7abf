package import BinaryCoding
package import ZstdCompression

/// Where and why a segment's bytes are not what they should be.
package struct SegmentFault: Error, Equatable, Sendable {
  /// A part of a segment file.
  package enum Part: Equatable, Sendable {
    case header, tables, keys, identifiers, footer, trailer
    case block(Int)
  }

  /// What is wrong with it.
  package enum Reason: Equatable, Sendable {
    /// It does not begin or end with the format's mark.
    case notASegment
    /// Another version of the format wrote it.
    case version(UInt32)
    /// Its checksum does not match its bytes.
    case checksum(expected: UInt32, found: UInt32)
    /// The bytes break a rule of the format.
    case decoding(DecodingFault)
    /// It does not decompress to what it should.
    case compression(ZstdFault)
    /// Its columns break a rule of their format; says which.
    case columns(String)
    /// Two places that must agree do not; names the property.
    case disagreement(String)
  }

  /// Which part.
  package let part: Part
  /// What is wrong.
  package let reason: Reason

  /// A fault of `part`.
  ///
  /// - Parameters:
  ///   - part: Which part of the segment.
  ///   - reason: What is wrong with it.
  package init(_ part: Part, _ reason: Reason) {
    self.part = part
    self.reason = reason
  }
}
