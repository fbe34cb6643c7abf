internal import BinaryCoding
internal import EventModel
package import HybridTime

// ledger := mark `DAYBKLDG`, version u32 = 0, generation varint, book 16 bytes, origin count varint,
//           (origin 40 bytes, event count varint, (sequence delta varint, sections varint)*)*,
//           checksum u32

/// What is erased in a book, kept apart from its backups so that none of them brings it back. Only grows.
///
/// Source: `docs/format/backup.md`.
package struct ErasureLedger: Equatable, Sendable {
  /// The erased sections of each event, one bit for each.
  package private(set) var sections: [Dot: UInt16] = [:]
  /// Grows by one each time it is written; 0 if it never was.
  package internal(set) var generation: UInt64 = 0

  static let mark = [UInt8]("DAYBKLDG".utf8)
  static let byteCountMax = 1 << 30

  /// A ledger of nothing.
  package init() {}

  /// Adds erased sections of an event.
  ///
  /// - Parameters:
  ///   - more: One bit for each section.
  ///   - dot: The event.
  package mutating func add(_ more: UInt16, of dot: Dot) {
    if more != 0 { sections[dot, default: 0] |= more }
  }

  /// Adds all that another one has.
  mutating func formUnion(_ other: ErasureLedger) {
    for (dot, more) in other.sections { add(more, of: dot) }
  }

  /// How many sections it names.
  package var sectionCount: Int { sections.values.reduce(0) { $0 + $1.nonzeroBitCount } }

  func encoded(book: BookID) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.mark)
    writer.write(UInt32(0))
    writer.writeVarint(generation)
    book.write(to: &writer)
    let origins = Dictionary(grouping: sections.keys, by: \.origin)
    writer.writeVarint(UInt64(origins.count))
    for (origin, dots) in origins.sorted(by: { $0.key < $1.key }) {
      origin.write(to: &writer)
      writer.writeVarint(UInt64(dots.count))
      var last: UInt64 = 0
      for dot in dots.sorted() {
        writer.writeVarint(dot.sequence - last)
        writer.writeVarint(UInt64(sections[dot] ?? 0))
        last = dot.sequence
      }
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }
}

extension ErasureLedger {
  /// Reads a copy and checks it.
  init(_ bytes: [UInt8], book: BookID) throws(DecodingFault) {
    var reader = ByteReader(bytes.span)
    guard try reader.readBytes(count: Self.mark.count) == Self.mark,
      try reader.readUInt32() == 0
    else { throw .notCanonical(field: "mark or version", at: 0) }
    generation = try reader.readVarint()
    guard try BookID(from: &reader) == book else { throw .notCanonical(field: "book", at: 12) }
    var lastOrigin: OriginID?
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      let origin = try OriginID(from: &reader)
      if let lastOrigin, origin <= lastOrigin {
        throw .notCanonical(field: "order of origins", at: reader.offset)
      }
      lastOrigin = origin
      try readEvents(of: origin, from: &reader)
    }
    let found = CRC32C.checksum(bytes.span.extracting(0..<reader.offset))
    let place = reader.offset
    let expected = try reader.readUInt32()
    guard found == expected else {
      throw .checksum(expected: expected, found: found, at: place)
    }
    try reader.expectEnd()
  }

  private mutating func readEvents(
    of origin: OriginID, from reader: inout ByteReader
  ) throws(DecodingFault) {
    var sequence: UInt64 = 0
    for _ in 0..<(try reader.readCount(max: reader.remaining)) {
      let (next, overflow) = sequence.addingReportingOverflow(try reader.readVarint())
      let bits = try reader.readVarint()
      guard next > sequence, !overflow, next <= EventLimits.sequenceMax, bits > 0, bits <= 0xffff
      else { throw .notCanonical(field: "erased sections", at: reader.offset) }
      sections[Dot(origin: origin, sequence: next)] = UInt16(bits)
      sequence = next
    }
  }
}
