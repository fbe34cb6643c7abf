internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import MerkleProofs

// trees := mark 8 bytes `DAYBKTRE`, version u32 = 0, book 16 bytes, origin count varint,
//          (origin 40 bytes, frontier)*, checksum u32
//
// Origins ascend. Derivable: missing or damaged, the trees are computed from the events.

/// For each origin, the right edge of its Merkle tree over the events held without a gap.
struct OriginTrees {
  private(set) var frontiers: [OriginID: MerkleFrontier] = [:]
  /// How long the saved form is; 0 if none is.
  var savedByteCount: UInt64 = 0
  /// Whether the trees have grown since they were saved.
  var isChanged = false

  static let mark = [UInt8]("DAYBKTRE".utf8)
  static let byteCountMax = 256 << 20

  init() {}

  /// The tree of an origin.
  subscript(origin: OriginID) -> MerkleFrontier { frontiers[origin] ?? MerkleFrontier() }

  /// Adds an event if it is the next of its origin; nothing without its salts.
  mutating func add(_ event: Event, book: BookID, salts: EventSalts) {
    guard isNext(event.dot), let id = event.id(book: book, salts: salts) else { return }
    append(id, of: event.dot.origin)
  }

  /// Adds the event of a record that was checked before, if it is the next of its origin; nothing
  /// without its salts.
  mutating func add(
    record: Span<UInt8>, hasher: inout RecordHasher, salts: (Dot) -> EventSalts
  ) throws(DecodingFault) {
    let (dot, id) = try hasher.identify(record, salts: salts)
    if let id, isNext(dot) { append(id, of: dot.origin) }
  }

  func isNext(_ dot: Dot) -> Bool { dot.sequence == self[dot.origin].size + 1 }

  mutating func append(_ leaf: Digest256, of origin: OriginID) {
    frontiers[origin, default: MerkleFrontier()].append(leaf)
    isChanged = true
  }

  /// Takes over what another computation of the same trees has got further with.
  mutating func take(_ other: OriginTrees) {
    for (origin, tree) in other.frontiers where tree.size > self[origin].size {
      frontiers[origin] = tree
      isChanged = true
    }
  }

  /// Forgets the trees that reach beyond what is held.
  mutating func keep(within held: HeldVector) {
    frontiers = frontiers.filter { $0.value.size <= held[$0.key].contiguous }
  }

  /// Whether every tree equals the other's, or is smaller: then the other has grown since.
  func isPrefix(of other: OriginTrees) -> Bool {
    frontiers.allSatisfy { origin, tree in
      tree.size < other[origin].size || tree == other[origin]
    }
  }

  func encoded(book: BookID) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.mark)
    writer.write(UInt32(0))
    book.write(to: &writer)
    writer.writeVarint(UInt64(frontiers.count))
    for (origin, frontier) in frontiers.sorted(by: { $0.key < $1.key }) {
      origin.write(to: &writer)
      frontier.write(to: &writer)
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  init(_ bytes: [UInt8], book: BookID) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    guard try reader.readBytes(count: Self.mark.count) == Self.mark,
      try reader.readUInt32() == 0, try BookID(from: &reader) == book
    else { throw .notCanonical(field: "mark, version or book", at: 0) }
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      let origin = try OriginID(from: &reader)
      frontiers[origin] = try MerkleFrontier(from: &reader)
    }
    let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
    let expected = try reader.readUInt32()
    guard found == expected else {
      throw .checksum(expected: expected, found: found, at: reader.offset)
    }
    try reader.expectEnd()
    savedByteCount = UInt64(bytes.count)
  }
}
