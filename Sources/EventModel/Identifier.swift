internal import BinaryCoding
internal import MerkleProofs

/// A normalised value that names a customer, such as `email:jane@example.com`.
public struct Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// What sort of name it is: `email`, `phone`, `user`, `device`, `anonymous`, `loyalty`, `handle` or
  /// another lower-case word.
  public let kind: String
  /// The name itself, normalised.
  public let value: String

  /// An identifier from its parts.
  public init(kind: String, value: String) {
    self.kind = kind
    self.value = value
  }

  /// An identifier from `KIND:VALUE`, or nothing when the text is not of that form.
  ///
  /// The kind is 1 to 32 lowercase letters, digits and underscores; the value is not empty.
  public init?(_ text: String) {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let kind = text[..<colon]
    let value = text[text.utf8.index(after: colon)...]
    guard Self.isKind(kind), !value.isEmpty else { return nil }
    self.kind = String(kind)
    self.value = String(value)
  }

  /// Whether `text` can be a kind.
  public static func isKind(_ text: some StringProtocol) -> Bool {
    (1...32).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
  }

  /// `KIND:VALUE`, the form in which an event carries it.
  public var description: String { kind + ":" + value }

  /// In byte order of ``description``, which is the canonical order within a section.
  public static func < (left: Identifier, right: Identifier) -> Bool {
    left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
  }

  /// The UTF-8 of ``description``: what indexes are asked for.
  public var name: [UInt8] { Array(description.utf8) }
}

extension Section {
  /// The identifiers of the person this section is about, in canonical order.
  public var identifiers: [Identifier] {
    guard case .array(let values)? = value(ReservedName.identifiers),
      values.allSatisfy({ $0.text != nil })
    else { return [] }
    return values.compactMap { $0.text.flatMap { Identifier($0) } }
  }

  /// Calls `body` with the UTF-8 range within ``bytes`` of each identifier. Allocates nothing.
  public func forEachIdentifierRange(_ body: (Range<Int>) -> Void) {
    forEachIdentifierRange(in: range(of: ReservedName.identifiers), body)
  }

  /// Calls `body` with the UTF-8 range within ``bytes`` of each identifier of the value at `range`; a
  /// list with anything but texts in it is none. Allocates nothing.
  public func forEachIdentifierRange(in range: Range<Int>?, _ body: (Range<Int>) -> Void) {
    guard let range else { return }
    var reader = ByteReader(bytes.span.extracting(range))
    guard let tag = try? reader.readByte(), tag == ValueTag.array,
      let count = try? reader.readCount(max: range.count)
    else { return }
    var texts = ByteReader(
      bytes.span.extracting(range.lowerBound + reader.offset..<range.upperBound))
    for _ in 0..<count {
      guard let tag = try? texts.readByte(), tag == ValueTag.text,
        (try? texts.readLengthPrefixedRange(max: range.count)) != nil
      else { return }
    }
    for _ in 0..<count {
      guard (try? reader.readByte()) != nil,
        let text = try? reader.readLengthPrefixedRange(max: range.count)
      else { return }
      body((range.lowerBound + text.lowerBound)..<(range.lowerBound + text.upperBound))
    }
  }
}
