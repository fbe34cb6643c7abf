internal import BinaryCoding
internal import BookRules
internal import HybridTime
internal import IdentityResolution
internal import ProjectionEngine

/// When and where an identifier was seen. A commutative monoid like ``CustomerState``.
struct IdentifierSightings: Hashable {
  private(set) var firstMilliseconds: Int64
  private(set) var lastMilliseconds: Int64
  /// Its first appearance, which names it.
  private(set) var node: NodeKey
  /// The sources that named it: the first ``sourceCountMax`` in byte order.
  private(set) var sources: [ExactText]

  /// How many sources are remembered.
  static let sourceCountMax = 32

  init(key: FoldKey, place: Int, source: ExactText) {
    firstMilliseconds = key.effectiveMilliseconds
    lastMilliseconds = key.effectiveMilliseconds
    node = NodeKey(recorded: key.recorded, dot: key.dot, place: place)
    sources = [source]
  }

  /// Takes in another sighting.
  mutating func add(key: FoldKey, place: Int, source: ExactText) {
    firstMilliseconds = min(firstMilliseconds, key.effectiveMilliseconds)
    lastMilliseconds = max(lastMilliseconds, key.effectiveMilliseconds)
    node = min(node, NodeKey(recorded: key.recorded, dot: key.dot, place: place))
    if !sources.contains(source) { add(source) }
  }

  private mutating func add(_ source: ExactText) {
    sources.insert(source, at: sources.partitioningIndex { !($0 < source) })
    if sources.count > Self.sourceCountMax { sources.removeLast() }
  }
}

// sightings := first signed varint, last signed varint, recorded u64, origin 40 bytes,
//              sequence varint, place varint, source count varint, (length varint, UTF-8)*

extension IdentifierSightings {
  /// The stored form.
  var encoded: [UInt8] {
    var writer = ByteWriter(capacity: 96)
    writer.writeSignedVarint(firstMilliseconds)
    writer.writeSignedVarint(lastMilliseconds)
    writer.write(node.recorded.rawValue)
    node.dot.origin.write(to: &writer)
    writer.writeVarint(node.dot.sequence)
    writer.writeVarint(UInt64(node.place))
    writer.writeVarint(UInt64(sources.count))
    for source in sources { writer.writeLengthPrefixed(source.bytes) }
    return writer.bytes
  }

  /// Reads the stored form.
  init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    firstMilliseconds = try reader.readSignedVarint()
    lastMilliseconds = try reader.readSignedVarint()
    let recorded = HybridTimestamp(rawValue: try reader.readUInt64())
    let origin = try OriginID(from: &reader)
    let dot = Dot(origin: origin, sequence: try reader.readVarint())
    node = NodeKey(recorded: recorded, dot: dot, place: try reader.readCount(max: 1 << 24))
    sources = []
    for _ in 0..<(try reader.readCount(max: Self.sourceCountMax)) {
      sources.append(ExactText(try reader.readLengthPrefixedBytes(max: bytes.count)))
    }
    try reader.expectEnd()
  }
}
