internal import BinaryCoding

// postings := ints, one a block: how many entries were first used in it;
//             ints, one an entry: in how many later blocks it was used;
//             ints, one for each of these: by how many blocks, less 1, it lies behind the one before

/// Which blocks use which entry of a column's dictionary.
struct Postings: Sendable {
  /// The first block of each entry.
  private var firsts: [UInt32] = []
  /// Where the later blocks of each entry begin, and the end.
  private var starts: [UInt32] = [0]
  private var later: [UInt32] = []

  /// The blocks that use an entry, ascending.
  func blocks(of entry: Int) -> [Int] {
    [Int(firsts[entry])] + later[Int(starts[entry])..<Int(starts[entry + 1])].map { Int($0) }
  }

  init(
    from reader: inout SpanReader, entryCount: Int, blockCount: Int,
    unpacker: inout StreamUnpacker
  ) throws(ColumnFault) {
    let perBlock = try unpacker.integers(&reader, count: blockCount)
    for (block, count) in perBlock.enumerated() {
      try require(0...Int64(entryCount - firsts.count) ~= count, "entries of a block")
      firsts.append(contentsOf: repeatElement(UInt32(block), count: Int(count)))
    }
    try require(firsts.count == entryCount, "entries of blocks")
    let counts = try unpacker.integers(&reader, count: entryCount)
    var total = 0
    for count in counts {
      try require(0..<Int64(max(1, blockCount)) ~= count, "blocks of an entry")
      total += Int(count)
      try require(total <= Self.latersMax, "postings")
    }
    let gaps = try unpacker.integers(&reader, count: total)
    var next = 0
    for (entry, count) in counts.enumerated() {
      var block = Int64(firsts[entry])
      for _ in 0..<count {
        try require(0..<Int64(blockCount) ~= gaps[next], "gap of postings")
        block += gaps[next] + 1
        try require(block < Int64(blockCount), "block of postings")
        later.append(UInt32(block))
        next += 1
      }
      starts.append(UInt32(next))
    }
  }

  /// Most later blocks of all entries of a column.
  private static let latersMax = 1 << 24
}

extension StreamPacker {
  /// The postings of a column with a dictionary.
  mutating func postings(of column: LeafColumn) throws(ColumnFault) -> [UInt8] {
    let blockCount = column.blockStarts.count - 1
    var last = [Int32](repeating: -1, count: column.entries.count)
    var counts = [Int64](repeating: 0, count: column.entries.count)
    var perBlock = [Int64](repeating: 0, count: blockCount)
    var pairs: [UInt64] = []
    for block in 0..<blockCount {
      for number in column.numbers[column.range(ofBlock: block)] {
        let before = last[Int(number)]
        guard before < Int32(block) else { continue }
        last[Int(number)] = Int32(block)
        if before < 0 {
          perBlock[block] += 1
        } else {
          counts[Int(number)] += 1
          pairs.append(
            UInt64(number) << 32 | UInt64(block) << 16 | UInt64(Int32(block) - before - 1))
        }
      }
    }
    var writer = ByteWriter()
    try write(perBlock, to: &writer)
    try write(counts, to: &writer)
    try write(pairs.sorted().map { Int64($0 & 0xffff) }, to: &writer)
    return writer.bytes
  }
}

/// An identifier as a segment's tables know it.
package struct IdentifierRank: Equatable, Sendable {
  /// The column.
  let column: Int
  /// Its number in the column's dictionary.
  let number: Int
}

extension ColumnTables {
  /// Where the tables list an identifier.
  ///
  /// - Parameter identifier: `kind:value`.
  /// - Returns: Its number in the dictionary of each section that has it, of none if the segment does
  ///   not, but for blocks with something unlisted.
  /// - Complexity: O(different identifiers of the kind), about a nanosecond each.
  package func ranks(ofIdentifier identifier: Span<UInt8>) -> [IdentifierRank] {
    var found: [IdentifierRank] = []
    var leaf = LeafSink(bytesMax: ColumnLimits.recordBytesMax)
    guard let colon = identifier.indices.first(where: { identifier[$0] == UInt8(ascii: ":") }),
      (try? leaf.add(
        text: identifier, LeafHead(ColumnPlace(scope: 0, section: 0, path: [], kind: .text))))
        != nil
    else { return [] }
    let kind = [UInt8](copying: identifier, 0..<colon + 1)
    for (index, column) in columns.enumerated()
    where column.place.kind == .identifier && column.head.prefix == kind {
      if let number = entry(leaf.bytes, in: column) {
        found.append(IdentifierRank(column: index, number: number))
      }
    }
    return found
  }

  private func entry(_ leaf: [UInt8], in column: TableColumn) -> Int? {
    let bytes = entries.bytes
    if column.plan.store == .constant { return column.plan.constant == leaf ? 0 : nil }
    for number in 0..<column.entryCount {
      let place = Place(rawValue: entries.places[column.entryStart + number])
      if place.count == leaf.count, bytes.span.extracting(place.range).isEqual(to: leaf.span) {
        return number
      }
    }
    return nil
  }

  /// The blocks that hold an identifier.
  ///
  /// - Parameter rank: What ``ranks(ofIdentifier:)`` gave.
  /// - Returns: Numbers of blocks, ascending.
  package func blocks(holding rank: IdentifierRank) -> [Int] {
    let column = columns[rank.column]
    guard column.plan.store == .dictionary else { return Array(0..<blockCount) }
    return column.postings?.blocks(of: rank.number) ?? Array(0..<blockCount)
  }

  private var blockCount: Int {
    (rowCount + ColumnLimits.blockRows - 1) / ColumnLimits.blockRows
  }
}
