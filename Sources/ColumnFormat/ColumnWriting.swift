internal import BinaryCoding

// column := flags of the leaves that are predicted, if the plan has a predictor;
//           then the others by the plan's store
// flags  := 0 all are | 1 none is | 2, bytes of one bit a leaf | 3, bytes of one byte a leaf

enum FlagCodec {
  static let all: UInt8 = 0
  static let none: UInt8 = 1
  static let bits: UInt8 = 2
  static let bytes: UInt8 = 3
}

extension BlockWriter {
  /// The stream of a column in a block, by the column's plan.
  mutating func stream(
    ofColumn index: Int, block: Int, _ leaves: borrowing SegmentLeaves
  ) throws(ColumnFault) -> [UInt8] {
    let column = leaves.columns[index]
    let range = column.range(ofBlock: block)
    guard column.plan.store != .constant, !range.isEmpty else { return [] }
    let hits = leaves.hits(ofColumn: index, block: block)
    var writer = ByteWriter()
    if !hits.isEmpty { try write(flags: hits, to: &writer) }
    let kept =
      hits.isEmpty
      ? column.leaves[range] : zip(column.leaves[range], hits).filter { !$1 }.map(\.0)[...]
    switch column.plan.store {
    case .values:
      guard !kept.isEmpty else { break }
      try packer.write(
        leaves: kept, of: column.place, plan: column.plan, in: leaves.records.span, to: &writer)
    case .dictionary: try write(numbersOf: column, block: block, hits: hits, to: &writer)
    case .words:
      guard let list = column.words else { break }
      try packer.write(wordsOf: kept, list: list, in: leaves.records.span, to: &writer)
    case .constant: break
    }
    return writer.bytes
  }

  private mutating func write(flags: [Bool], to writer: inout ByteWriter) throws(ColumnFault) {
    let count = flags.count { $0 }
    guard count > 0, count < flags.count else {
      return writer.write(count > 0 ? FlagCodec.all : FlagCodec.none)
    }
    var bits = BitWriter()
    for flag in flags { bits.write(flag ? 1 : 0, width: 1) }
    let packed = bits.finish()
    let asBits = try packer.pack(packed.span)
    let whole = flags.map { UInt8($0 ? 1 : 0) }
    let asBytes = try packer.pack(whole.span)
    writer.write(asBits.count <= asBytes.count ? FlagCodec.bits : FlagCodec.bytes)
    writer.write(asBits.count <= asBytes.count ? asBits : asBytes)
  }

  private mutating func write(
    numbersOf column: LeafColumn, block: Int, hits: [Bool], to writer: inout ByteWriter
  ) throws(ColumnFault) {
    let range = column.range(ofBlock: block)
    var ages = NumberAges(next: column.entryStarts[block])
    writer.writeVarint(UInt64(ages.next))
    var values: [Int64] = []
    values.reserveCapacity(range.count)
    for index in range {
      if !hits.isEmpty, hits[index - range.lowerBound] {
        ages.see(Int64(column.numbers[index]))
      } else {
        values.append(ages.age(of: column.numbers[index]))
      }
    }
    try packer.write(values, to: &writer)
  }
}

extension StreamUnpacker {
  /// Reads the flags of `count` leaves, 1 for those that are predicted.
  mutating func flags(_ reader: inout SpanReader, count: Int) throws(ColumnFault) -> [UInt8] {
    switch try reader.byte() {
    case FlagCodec.all: return [UInt8](repeating: 1, count: count)
    case FlagCodec.none: return [UInt8](repeating: 0, count: count)
    case FlagCodec.bits:
      let bits = try unpack(&reader, count: (count + 7) / 8)
      return (0..<count).map { bits[$0 >> 3] >> UInt8($0 & 7) & 1 }
    case FlagCodec.bytes:
      let flags = try unpack(&reader, count: count)
      for flag in flags { try require(flag < 2, "flag") }
      return flags
    default: throw .bounds("codec of flags")
    }
  }
}
