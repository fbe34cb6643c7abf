package import BinaryCoding
package import ZstdCompression

/// Why columns could not be written or read.
package enum ColumnFault: Error, Equatable, Sendable {
  /// The bytes end early, or a number breaks the rules of its encoding.
  case decoding(DecodingFault)
  /// A stream does not decompress to what it should.
  case compression(ZstdFault)
  /// A value lies outside of what the format or another part allows; names the value.
  case bounds(StaticString)
  /// The encoder was given more than a segment may hold.
  case tooMuch(StaticString)

  /// Whether both are the same fault.
  package static func == (left: ColumnFault, right: ColumnFault) -> Bool {
    switch (left, right) {
    case (.decoding(let one), .decoding(let other)): one == other
    case (.compression(let one), .compression(let other)): one == other
    case (.bounds(let one), .bounds(let other)): one.description == other.description
    case (.tooMuch(let one), .tooMuch(let other)): one.description == other.description
    default: false
    }
  }
}

/// Turns what reading integers throws into this target's fault.
func decoding<Result>(
  _ body: () throws(DecodingFault) -> Result
) throws(ColumnFault) -> Result {
  do throws(DecodingFault) { return try body() } catch { throw .decoding(error) }
}

/// Requires a bound to hold.
@inline(__always)
func require(_ holds: Bool, _ what: StaticString) throws(ColumnFault) {
  guard holds else { throw .bounds(what) }
}
