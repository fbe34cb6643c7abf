internal import BinaryCoding
internal import EventModel
internal import HybridTime
internal import MerkleProofs

// heads := mark 8 bytes `DAYBKHDS`, version u32 = 0, generation varint, book 16 bytes,
//          head count varint, (origin 40 bytes, prefix varint, signed head, digest*)*,
//          fork count varint, (origin 40 bytes, fork proof)*, checksum u32
//
// Both lists ascend by origin. Two copies, `log/heads` and `log/heads.bak`; the one with the higher
// generation counts. Not derivable: no replica can sign the heads of others.

/// For each origin its largest verified head, and for those that forked the proof.
struct HeadTable: Equatable, Sendable {
  private(set) var heads: [OriginID: OriginHead] = [:]
  private(set) var forks: [OriginID: ForkProof] = [:]
  /// Grows by one with each change that is saved.
  private(set) var generation: UInt64 = 0
  /// How long the saved form is; 0 if none is.
  private(set) var savedByteCount: UInt64 = 0
  /// Whether it has changed since it was saved.
  private(set) var isChanged = false

  static let mark = [UInt8]("DAYBKHDS".utf8)
  static let byteCountMax = 256 << 20
  /// Bytes of fork proofs that are kept; about fifteen of the longest.
  static let forksByteCountMax = 64 << 10

  init() {}

  /// The largest head known of an origin.
  subscript(origin: OriginID) -> OriginHead? { heads[origin] }

  /// Adds a head if it says more than the one known: it is larger, or its rest begins later.
  mutating func add(_ head: OriginHead) {
    if let known = heads[head.origin], (known.size, known.prefix) >= (head.size, head.prefix) {
      return
    }
    heads[head.origin] = head
    isChanged = true
  }

  /// Forgets heads that their origin's device did not sign for the book.
  mutating func keepSigned(in book: BookID) {
    let count = heads.count
    heads = heads.filter { origin, head in
      origin.verifier(in: book).map { head.head.isValid(by: $0) } ?? false
    }
    if heads.count < count { isChanged = true }
  }

  /// Keeps the proof of a fork, one an origin, while there is room.
  mutating func add(_ fork: ForkProof, of origin: OriginID) {
    guard forks[origin] == nil,
      forkByteCount + Self.byteCount(of: fork) <= Self.forksByteCountMax
    else { return }
    forks[origin] = fork
    isChanged = true
  }

  private var forkByteCount: Int { forks.values.reduce(0) { $0 + Self.byteCount(of: $1) } }

  private static func byteCount(of fork: ForkProof) -> Int {
    var writer = ByteWriter()
    fork.write(to: &writer)
    return OriginID.byteCount + writer.count
  }
}

extension HeadTable {
  /// The saved form of the next generation.
  func encoded(book: BookID) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.mark)
    writer.write(UInt32(0))
    writer.writeVarint(generation + 1)
    book.write(to: &writer)
    writer.writeVarint(UInt64(heads.count))
    for head in heads.values.sorted(by: { $0.origin < $1.origin }) { head.write(to: &writer) }
    writer.writeVarint(UInt64(forks.count))
    for (origin, fork) in forks.sorted(by: { $0.key < $1.key }) {
      origin.write(to: &writer)
      fork.write(to: &writer)
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// Takes note that ``encoded(book:)`` was saved.
  mutating func noteSaved(byteCount: Int) {
    generation += 1
    savedByteCount = UInt64(byteCount)
    isChanged = false
  }

  /// Reads a copy and checks its form; signatures are checked by `verify`.
  init(_ bytes: [UInt8], book: BookID) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    guard try reader.readBytes(count: Self.mark.count) == Self.mark,
      try reader.readUInt32() == 0
    else { throw .notCanonical(field: "mark or version", at: 0) }
    generation = try reader.readVarint()
    guard try BookID(from: &reader) == book else { throw .notCanonical(field: "book", at: 12) }
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      add(try OriginHead(from: &reader))
    }
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      let origin = try OriginID(from: &reader)
      forks[origin] = try ForkProof(from: &reader)
    }
    let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
    let place = reader.offset
    let expected = try reader.readUInt32()
    guard found == expected else {
      throw .checksum(expected: expected, found: found, at: place)
    }
    try reader.expectEnd()
    savedByteCount = UInt64(bytes.count)
    isChanged = false
  }
}
