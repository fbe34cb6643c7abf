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
    /// What is allowed beyond the type.
    public let bounds: FactBounds

    /// A fact from its parts.
    public init(name: String, kind: FactKind, bounds: FactBounds = .none) {
      self.name = name
      self.kind = kind
      self.bounds = bounds
    }

    /// The fact as a line of the document.
    var line: String { "\(name) \(kind.rawValue)" + (bounds == .none ? "" : " \(bounds)") }
  }

  /// How events of an older schema are read.
  public struct Upcast: Hashable, Sendable {
    /// The older schema.
    public let source: Digest256
    /// What to do with their facts, in order.
    public let steps: [UpcastStep]

    /// A way from an older schema.
    public init(from source: Digest256, steps: [UpcastStep]) {
      self.source = source
      self.steps = steps
    }
  }

  /// The event type it describes.
  public let type: EventType
  /// The names by which Segment's specifications know the event; empty when they do not.
  public let segmentNames: [String]
  /// The stage of the journey an event of this type belongs to.
  public let stage: JourneyStage?
  /// Whether the document says the stage; if not, the catalogue does.
  public let statesStage: Bool
  /// The declared facts, in byte order of their names.
  public let facts: [Fact]
  /// How events of older schemas of the type are read, ascending by their digests.
  public let upcasts: [Upcast]

  /// A schema from its parts.
  ///
  /// - Parameters:
  ///   - type: The event type.
  ///   - segmentNames: What Segment's specifications call it.
  ///   - stage: The stage of the journey.
  ///   - statesStage: Whether the document says the stage.
  ///   - facts: Each name once; put into order here.
  ///   - upcasts: Each older schema once; put into order here.
  public init(
    type: EventType, segmentNames: [String] = [], stage: JourneyStage? = nil,
    statesStage: Bool = false, facts: [Fact], upcasts: [Upcast] = []
  ) {
    self.type = type
    self.segmentNames = segmentNames
    self.stage = stage
    self.statesStage = statesStage
    self.facts = facts.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.upcasts = upcasts.sorted { $0.source < $1.source }
  }

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

  /// The schema as a document, in canonical form.
  ///
  /// Source: `docs/format/documents.md` §3.
  public var document: String {
    var lines = ["daybook schema 0", type.name] + facts.map(\.line)
    if statesStage { lines.append("@stage \(stage?.rawValue ?? "none")") }
    for upcast in upcasts {
      lines.append("@from \(upcast.source)")
      lines += upcast.steps.map(\.description)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The content address of ``document``; computed once for catalogue schemas.
  public var digest: Digest256 { Digest256.hash(Array(document.utf8)) }
}
