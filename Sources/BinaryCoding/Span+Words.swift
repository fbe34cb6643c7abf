/// Runs of bytes compared and read eight at a time.
extension Span<UInt8> {
  /// Whether the bytes spell `name`. Makes no string.
  ///
  /// - Parameter name: A name that the program is made with.
  /// - Returns: True if the bytes are its UTF-8, no more and no less.
  @inlinable
  public func isEqual(to name: StaticString) -> Bool {
    guard count == name.utf8CodeUnitCount else { return false }
    // Both have the same count, and the buffer is used only inside the closure.
    return name.withUTF8Buffer { text in
      for index in indices where unsafe self[index] != text[index] { return false }
      return true
    }
  }
  /// The eight bytes from `offset` on as a little-endian integer; all eight must be there.
  @inlinable
  public func word(at offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset <= count &- 8, "eight bytes from the offset on")
    // In bounds by the precondition.
    return UInt64(
      littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// Whether the bytes are those of `other`.
  ///
  /// - Parameter other: What to compare with.
  /// - Returns: True if both have the same bytes, no more and no less.
  /// - Complexity: O(bytes), eight at a time.
  @inlinable
  public func isEqual(to other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    var offset = 0
    while offset &+ 8 <= count {
      if word(at: offset) != other.word(at: offset) { return false }
      offset &+= 8
    }
    while offset < count {
      if self[offset] != other[offset] { return false }
      offset &+= 1
    }
    return true
  }
}
