internal import BinaryCoding
internal import EventModel
package import HybridTime
package import MerkleProofs

// ledger := mark `DAYBKLDG`, version u32 = 0, generation varint, book 16 bytes, origin count varint,
//           (origin 40 bytes, event count varint, event*)*, checksum u32
// event  := sequence delta varint, sections varint, known varint, commitment 32 bytes*

/// What is erased in a book, kept apart from its backups so that none of them brings it back. Only grows.
///
/// With the commitment of a section its content can be removed from an event when its salt is gone.
///
/// Source: `docs/format/backup.md`.
package struct ErasureLedger: Equatable, Sendable {
  /// What is erased of an event.
  fileprivate struct Entry: Equatable, Sendable {
    /// One bit for each section.
    var sections: UInt16 = 0
    /// What is left of them, where it is known.
    var commitments: [Int: Digest256] = [:]
  }

  private var entries: [Dot: Entry] = [:]
  /// Grows by one each time it is written; 0 if it never was.
  package internal(set) var generation: UInt64 = 0

  static let mark = [UInt8]("DAYBKLDG".utf8)
  static let byteCountMax = 1 << 30

  /// A ledger of nothing.
  package init() {}

  /// Adds an erased section.
  ///
  /// - Parameters:
  ///   - section: Its number; one above 15 is passed over.
  ///   - dot: Its event.
  ///   - commitment: What is left of it, if that is known here.
  package mutating func add(section: Int, of dot: Dot, commitment: Digest256?) {
    guard (0..<16).contains(section) else { return }
    entries[dot, default: Entry()].sections |= 1 << UInt16(section)
    if let commitment { entries[dot]?.commitments[section] = commitment }
  }

  /// Adds all that another one has.
  mutating func formUnion(_ other: ErasureLedger) {
    for (dot, more) in other.entries {
      entries[dot, default: Entry()].sections |= more.sections
      entries[dot]?.commitments.merge(more.commitments) { first, _ in first }
    }
  }

  /// How many sections it names.
  package var sectionCount: Int { entries.values.reduce(0) { $0 + $1.sections.nonzeroBitCount } }

  /// What it names, ascending.
  package var erased: [EventSections] {
    entries.sorted { $0.key < $1.key }.map { dot, entry in
      EventSections(dot, entry.numbers, commitments: entry.commitments)
    }
  }

  func encoded(book: BookID) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.mark)
    writer.write(UInt32(0))
    writer.writeVarint(generation)
    book.write(to: &writer)
    let origins = Dictionary(grouping: entries.keys, by: \.origin)
    writer.writeVarint(UInt64(origins.count))
    for (origin, dots) in origins.sorted(by: { $0.key < $1.key }) {
      origin.write(to: &writer)
      writer.writeVarint(UInt64(dots.count))
      var last: UInt64 = 0
      for dot in dots.sorted() {
        writer.writeVarint(dot.sequence - last)
        entries[dot]?.write(to: &writer)
        last = dot.sequence
      }
    }
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }
}

extension ErasureLedger.Entry {
  /// The numbers of its sections, ascending.
  fileprivate var numbers: [Int] { (0..<16).filter { sections & 1 << UInt16($0) != 0 } }

  fileprivate func write(to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(sections))
    let known = commitments.keys.reduce(UInt16(0)) { $0 | 1 << UInt16($1) }
    writer.writeVarint(UInt64(known))
    for number in numbers { commitments[number]?.write(to: &writer) }
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingFault) {
    let bits = try reader.readVarint()
    let known = try reader.readVarint()
    guard bits > 0, bits <= 0xffff, known & ~bits == 0 else {
      throw .notCanonical(field: "erased sections", at: reader.offset)
    }
    sections = UInt16(bits)
    for number in numbers where known & 1 << UInt64(number) != 0 {
      commitments[number] = try Digest256(from: &reader)
    }
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
      guard next > sequence, !overflow, next <= EventLimits.sequenceMax else {
        throw .notCanonical(field: "sequence", at: reader.offset)
      }
      entries[Dot(origin: origin, sequence: next)] = try Entry(from: &reader)
      sequence = next
    }
  }
}
