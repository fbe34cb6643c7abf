public import BinaryCoding
public import MerkleProofs

// A section's canonical encoding, version 1, is that of an object without its tag:
//
//   section := count varint, (name length varint, name UTF-8, value)* in byte order of the names
//
// Names that begin with '@' are reserved (``ReservedName``) and sort before letters.
// Valid as ``Value`` is; a section's names and values together fit the event's 1 MiB.

/// One section of an event: the facts, or what is known of one person.
///
/// Kept in its canonical encoding; fields are looked up by walking it. Sections have few fields, and
/// most are never asked for. Of a section that was erased, or that was not sent along, only the
/// commitment is left: it has no fields, and header and id of its event stay what they were.
public struct Section: Hashable, Sendable {
  /// The canonical encoding; when ``isErased``, the 32 bytes of the commitment.
  public let bytes: [UInt8]
  /// Whether the content is gone.
  public let isErased: Bool

  /// A section without fields.
  public static let empty = Section(unchecked: [0])

  /// Takes over bytes that ``SectionBuilder`` made or that were checked before.
  public init(unchecked bytes: [UInt8]) {
    self.bytes = bytes
    isErased = false
  }

  /// What is left of a section whose content is gone.
  public init(erased commitment: Digest256) {
    bytes = commitment.bytes
    isErased = true
  }

  /// The commitment that is left when ``isErased``.
  public var commitment: Digest256? { isErased ? Digest256(bytes: bytes) : nil }

  /// Takes over bytes after checking every rule of the encoding.
  ///
  /// - Parameter bytes: A whole section and nothing else.
  /// - Throws: ``DecodingFault`` when the bytes are not a canonical section.
  public init(checking bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    _ = try Value.readFields(from: &reader, depth: 1)
    try reader.expectEnd()
    self.init(unchecked: bytes)
  }

  /// The section with these fields; each name once.
  public init(_ fields: [Value.Field]) {
    var writer = ByteWriter()
    Value.write(fields, to: &writer)
    self.init(unchecked: writer.bytes)
  }

  /// How many fields there are.
  public var fieldCount: Int {
    guard !isErased else { return 0 }
    var reader = ByteReader(bytes.span)
    return (try? reader.readCount(max: bytes.count)) ?? 0
  }

  /// Every field, decoded, in order.
  public var fields: [Value.Field] {
    guard !isErased else { return [] }
    var reader = ByteReader(bytes.span)
    return (try? Value.readFields(from: &reader, depth: 1)) ?? []
  }

  /// The value of the field `name`, decoded. O(bytes).
  public func value(_ name: StaticString) -> Value? {
    guard let range = range(of: name) else { return nil }
    var reader = ByteReader(bytes.span.extracting(range))
    return try? Value(from: &reader)
  }

  /// The value of the field `name`, decoded. O(bytes).
  public func value(named name: String) -> Value? {
    fields.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// The text of the field `name`, when it holds text.
  public func text(_ name: StaticString) -> String? { value(name)?.text }

  /// The integer of the field `name`, when it holds one. Allocates nothing.
  public func integer(_ name: StaticString) -> Int64? {
    range(of: name).flatMap { Self.integer(encodedIn: bytes.span.extracting($0)) }
  }

  /// The integer that a value's encoding holds, if it is one.
  static func integer(encodedIn value: Span<UInt8>) -> Int64? {
    var reader = ByteReader(value)
    guard let tag = try? reader.readByte(), tag == ValueTag.integer else { return nil }
    return try? reader.readSignedVarint()
  }

  /// The UTF-8 of the field `name` within ``bytes``, when it holds text. Allocates nothing.
  public func textRange(_ name: StaticString) -> Range<Int>? {
    range(of: name).flatMap(textRange(in:))
  }

  /// The UTF-8 of the value that lies at `range` of ``bytes``, when it is text. Allocates nothing.
  public func textRange(in range: Range<Int>) -> Range<Int>? {
    guard bytes[range.lowerBound] == ValueTag.text else { return nil }
    var reader = ByteReader(bytes.span.extracting(range))
    guard (try? reader.readByte()) != nil, (try? reader.readVarint()) != nil else { return nil }
    return (range.lowerBound + reader.offset)..<range.upperBound
  }

  /// Where the encoded value of the field `name` lies within ``bytes``.
  public func range(of name: StaticString) -> Range<Int>? {
    var found: Range<Int>?
    forEachRange { nameRange, valueRange in
      guard bytes.isEqual(to: name, in: nameRange) else { return true }
      found = valueRange
      return false
    }
    return found
  }

  /// Where the encoded values lie within ``bytes`` that the log's indexes list, each if it is there.
  public struct IndexedRanges {
    /// Of ``ReservedName/source``.
    public fileprivate(set) var source: Range<Int>?
    /// Of ``ReservedName/sourceID``.
    public fileprivate(set) var sourceID: Range<Int>?
    /// Of ``ReservedName/identifiers``.
    public fileprivate(set) var identifiers: Range<Int>?
  }

  /// What the log's indexes list of this section, found in one walk that ends behind the last of it.
  public var indexedRanges: IndexedRanges {
    var ranges = IndexedRanges()
    forEachRange { name, value in
      let name = bytes.span.extracting(name)
      guard name.count > 0, name[0] >= UInt8(ascii: "@") else { return true }
      // In order: nothing that is looked for stands behind names that begin with a letter.
      guard name[0] == UInt8(ascii: "@") else { return false }
      if name.isEqual(to: ReservedName.sourceID) {
        ranges.sourceID = value
      } else if name.isEqual(to: ReservedName.identifiers) {
        ranges.identifiers = value
      } else if name.isEqual(to: ReservedName.source) {
        ranges.source = value
        return false
      }
      return true
    }
    return ranges
  }

  /// Calls `body` with the ranges of each field's name and encoded value within ``bytes``, in order,
  /// until it returns false.
  public func forEachRange(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool) {
    if !isErased { Self.forEachRange(of: bytes.span, body) }
  }

  /// Calls `body` with the ranges of each field's name and encoded value within the encoding of a
  /// section, in order, until it returns false.
  static func forEachRange(
    of encoded: Span<UInt8>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool
  ) {
    var reader = ByteReader(encoded)
    guard let count = try? reader.readCount(max: encoded.count) else { return }
    for _ in 0..<count {
      guard let name = try? reader.readLengthPrefixedRange(max: encoded.count) else { return }
      let start = reader.offset
      guard (try? Value.skip(from: &reader)) != nil else { return }
      if !body(name, start..<reader.offset) { return }
    }
  }
}

extension [UInt8] {
  /// Whether the bytes in `range` spell `name`.
  package func isEqual(to name: StaticString, in range: Range<Int>) -> Bool {
    span.extracting(range).isEqual(to: name)
  }
}

/// Field names that mean the same in every event. They begin with '@'; a source's own name that does
/// is written with a second '@' before it.
public enum ReservedName {
  /// Facts: when it happened by the source, in milliseconds since 1970; may be negative.
  public static let occurred: StaticString = "@occurred"
  /// Facts: when the source says it sent the message, in milliseconds since 1970.
  public static let sent: StaticString = "@sent"
  /// Facts: when a collector before us says it got the message, in milliseconds since 1970.
  public static let received: StaticString = "@received"
  /// Facts: by how many milliseconds the source's time was corrected.
  public static let skew: StaticString = "@skew"
  /// Facts: the surface within the channel, such as `checkout help`.
  public static let touchpoint: StaticString = "@touchpoint"
  /// Section 1: the name of the source system.
  public static let source: StaticString = "@source"
  /// Section 1: the source's own name for the interaction.
  public static let sourceID: StaticString = "@id"
  /// Person: identifiers as an array of `kind:value` texts in byte order, each once.
  public static let identifiers: StaticString = "@identifiers"
  /// Person: attributes the source states about the person, an object.
  public static let traits: StaticString = "@traits"
  /// Person: circumstances of the message, an object.
  public static let context: StaticString = "@context"
}
