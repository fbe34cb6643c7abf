/// Why bytes could not be read as what they claim to be.
///
/// Bytes come from disks, networks and users, so a fault is an ordinary answer, small enough to be
/// thrown often. Offsets count from the start of the span that was being read.
public enum DecodingFault: Error, Equatable, Sendable {
  /// The bytes end before the value does.
  case truncated(needed: Int, available: Int, at: Int)
  /// A variable-length integer is longer than 64 bits, or not in its shortest form.
  case malformedVarint(at: Int)
  /// A count or length exceeds what the format allows.
  case tooLarge(value: UInt64, max: UInt64, at: Int)
  /// A tag, version or field holds a value that the format does not know.
  case unknownValue(field: String, value: UInt64, at: Int)
  /// Text is not valid UTF-8.
  case invalidUTF8(at: Int)
  /// The value is readable but not in canonical form, such as fields out of order.
  case notCanonical(field: String, at: Int)
  /// Bytes follow where the value should have ended.
  case trailingBytes(count: Int, at: Int)
  /// A checksum does not match the bytes it covers.
  case checksum(expected: UInt32, found: UInt32, at: Int)
}
