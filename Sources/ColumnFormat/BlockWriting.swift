internal import BinaryCoding

// part      := directory, stream*
// directory := count varint, (number delta varint, length varint)*
//
// Numbers ascend, the first counting from 0. A stream that is empty is not listed.
//
//   0 shapes    ints: each row's shape from 1, 0 a record as it is     facts
//   1 origins   ints: each row's origin                                facts
//   2 sequences varint of each origin in the block, ascending, less 1; ints: each row's sequence
//               less that of the row of the same origin before          facts
//   3 recorded  ints                                                    facts
//   4 records   of rows as they are: ints of the lengths, bytes
//   5 + n       column n

enum StreamNumber {
  static let shapes = 0
  static let origins = 1
  static let sequences = 2
  static let recorded = 3
  static let records = 4
  static let columns = 5
}

/// The streams of one part of a block.
struct PartWriter {
  private var directory = ByteWriter()
  private var streams = ByteWriter()
  private var count = 0
  private var last = 0

  mutating func add(_ number: Int, _ stream: [UInt8]) {
    guard !stream.isEmpty else { return }
    directory.writeVarint(UInt64(number - last))
    directory.writeVarint(UInt64(stream.count))
    streams.write(stream)
    last = number
    count += 1
  }

  func finish() -> [UInt8] {
    var writer = ByteWriter(capacity: streams.count + directory.count + 4)
    writer.writeVarint(UInt64(count))
    writer.write(directory.bytes)
    writer.write(streams.bytes)
    return writer.bytes
  }
}

/// Writes blocks of a segment.
struct BlockWriter: ~Copyable {
  var packer: StreamPacker

  init() throws(ColumnFault) { packer = try StreamPacker() }

  /// Writes a block.
  ///
  /// - Parameters:
  ///   - block: The block's number.
  ///   - leaves: The segment, with plans.
  ///   - asRecords: Whether all rows are stored as they are.
  /// - Returns: The block.
  /// - Throws: ``ColumnFault/compression(_:)``.
  mutating func write(
    _ block: Int, of leaves: borrowing SegmentLeaves, asRecords: Bool
  ) throws(ColumnFault) -> EncodedBlock {
    let rows = leaves.rows(ofBlock: block)
    var facts = PartWriter()
    var persons = PartWriter()
    let symbols = rows.map { asRecords ? 0 : leaves.symbols[$0] }
    facts.add(StreamNumber.shapes, try stream(symbols))
    facts.add(StreamNumber.origins, try stream(rows.map { leaves.rowOrigins[$0] }))
    facts.add(StreamNumber.sequences, try sequences(rows, leaves))
    facts.add(StreamNumber.recorded, try stream(rows.map { leaves.recorded[$0] }))
    let whole = rows.filter { symbols[$0 - rows.lowerBound] == 0 }
    facts.add(StreamNumber.records, try records(whole, leaves, part: .facts))
    persons.add(StreamNumber.records, try records(whole, leaves, part: .persons))
    var sourceIDByteCount = 0
    if !asRecords {
      for column in leaves.columns.indices {
        let stream = try stream(ofColumn: column, block: block, leaves)
        if leaves.columns[column].isSourceID { sourceIDByteCount = stream.count }
        if leaves.columns[column].place.part == .facts {
          facts.add(StreamNumber.columns + column, stream)
        } else {
          persons.add(StreamNumber.columns + column, stream)
        }
      }
    }
    return EncodedBlock(
      facts: facts.finish(), persons: persons.finish(), rowCount: rows.count,
      sourceIDByteCount: sourceIDByteCount)
  }

  private mutating func stream(_ values: [Int64]) throws(ColumnFault) -> [UInt8] {
    var writer = ByteWriter()
    try packer.write(values, to: &writer)
    return writer.bytes
  }

  private mutating func sequences(
    _ rows: Range<Int>, _ leaves: borrowing SegmentLeaves
  ) throws(ColumnFault) -> [UInt8] {
    var last: [Int64: Int64] = [:]
    var deltas: [Int64] = []
    for row in rows where last[leaves.rowOrigins[row]] == nil {
      last[leaves.rowOrigins[row]] = leaves.sequences[row] &- 1
    }
    var writer = ByteWriter()
    for origin in last.keys.sorted() {
      writer.writeVarint(UInt64(bitPattern: last[origin, default: 0]))
    }
    for row in rows {
      deltas.append(leaves.sequences[row] &- last[leaves.rowOrigins[row], default: 0])
      last[leaves.rowOrigins[row]] = leaves.sequences[row]
    }
    try packer.write(deltas, to: &writer)
    return writer.bytes
  }

  /// Records as they are, behind their time: up to the end of section 0, and the rest.
  private mutating func records(
    _ rows: [Int], _ leaves: borrowing SegmentLeaves, part: ColumnPart
  ) throws(ColumnFault) -> [UInt8] {
    var texts: [Range<Int>] = []
    for row in rows {
      let body = leaves.bodies[row]..<leaves.ends[row]
      let split = body.lowerBound + Self.factsCount(leaves.records.span.extracting(body))
      texts.append(part == .facts ? body.lowerBound..<split : split..<body.upperBound)
    }
    var writer = ByteWriter()
    try packer.write(texts: texts, in: leaves.records.span, forms: [], to: &writer)
    return writer.bytes
  }

  /// How many bytes of a record belong to the facts; none if that cannot be told.
  private static func factsCount(_ body: Span<UInt8>) -> Int {
    var reader = ByteReader(body)
    do throws(DecodingFault) {
      _ = try reader.readByte()
      _ = try reader.readLengthPrefixedRange(max: 255)
      _ = try reader.readRange(count: 32)
      _ = try reader.readVarint()
      let facts = try reader.readLengthPrefixedRange(max: ColumnLimits.recordBytesMax)
      if facts.isEmpty { _ = try reader.readRange(count: 32) }
      return reader.offset
    } catch {
      return 0
    }
  }
}
