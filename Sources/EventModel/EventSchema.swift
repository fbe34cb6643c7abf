public import MerkleProofs

/// How a declared fact is typed.
public enum FactKind: String, Hashable, Sendable {
  /// A short code or name that names no person: at most 256 bytes, without '@'.
  case text
  /// A 64-bit integer.
  case integer
  /// An exact decimal fraction.
  case decimal
  /// An amount in the currency of the event's `currency` fact.
  case money
  /// A truth value.
  case boolean
  /// A time in milliseconds since 1970.
  case time
  /// Order lines: an array of objects whose fields are all among ``EventSchema/lineFields``.
  case lines
}

/// A stage of the customer journey.
public enum JourneyStage: String, CaseIterable, Hashable, Sendable, Codable {
  case discovery, consideration, purchase, delivery, support, loyalty, advocacy
}

/// What is known of one event type: which fields are facts, where it stands in a journey, what other
/// vocabularies call it. Everything undeclared is personal.
public struct EventSchema: Hashable, Sendable {
  /// A declared fact.
  public struct Fact: Hashable, Sendable {
    /// The field's name.
    public let name: String
    /// Its type.
    public let kind: FactKind
  }

  /// The event type it describes.
  public let type: EventType
  /// The names by which Segment's specifications know the event; empty when they do not.
  public let segmentNames: [String]
  /// The stage of the journey an event of this type belongs to.
  public let stage: JourneyStage?
  /// The declared facts, in byte order of their names.
  public let facts: [Fact]

  /// The fields an order line may have as a fact.
  public static let lineFields: Set<String> = [
    "product_id", "sku", "variant", "category", "category_id", "brand", "quantity", "price",
    "discount", "tax", "shipping", "seller_id", "position", "coupon", "currency", "index",
  ]

  /// Schema of an event type that nothing is declared of: every field is personal.
  public static func undeclared(_ type: EventType) -> EventSchema {
    EventSchema(type: type, segmentNames: [], stage: nil, facts: [])
  }

  /// The kind of the fact `name`, or nothing when the field is personal.
  public func kind(of name: String) -> FactKind? { facts.first { $0.name == name }?.kind }

  /// The schema as a document: the type, then a line for each fact, sorted.
  public var document: String {
    "daybook schema 0\n\(type)\n" + facts.map { "\($0.name) \($0.kind.rawValue)\n" }.joined()
  }

  /// The content address of ``document``; computed once for catalogue schemas.
  public var digest: Digest256 { Digest256.hash(Array(document.utf8)) }
}
