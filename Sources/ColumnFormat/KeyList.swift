internal import BinaryCoding

// keys := letter u8 of the form (u, U or q), key count varint, bytes of the upper halves' steps, the
//         rest of each key, packed
//
// Keys ascend and differ. The upper part of a key are its first ⌊log₂ count⌋ bits. Steps are one bit 1
// for each key, and before it one bit 0 for each 1 that its upper part is more than the last one's
// (Elias 1974, Fano 1971); their length in bytes stands before them as a varint.

/// The different source ids of a segment, if all are UUIDs: sorted, so that an id costs what it would
/// by itself and yet can be looked up.
struct KeyList: Sendable {
  let form: TextForm
  private(set) var keys: [Key] = []

  /// The two words of a key, side by side: reading rows meets keys in no order.
  struct Key: Comparable {
    let upper: UInt64
    let lower: UInt64

    static func < (left: Key, right: Key) -> Bool {
      left.upper != right.upper ? left.upper < right.upper : left.lower < right.lower
    }
  }

  var count: Int { keys.count }

  /// Sorts keys.
  init(form: TextForm, keys: [Key]) {
    self.form = form
    for key in keys.sorted() where self.keys.last != key { self.keys.append(key) }
  }

  /// The rank of a key, from 0; O(log keys).
  func rank(of key: Key) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low < count && keys[low] == key ? low : nil
  }

  /// How many bits of the upper word are not in the upper part.
  private static func restBits(_ form: TextForm, count: Int) -> Int {
    form.wideBits.upper - max(0, bitLength(UInt64(count)) - 1)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(form.letter)
    writer.writeVarint(UInt64(count))
    let rest = Self.restBits(form, count: count)
    var steps = BitWriter()
    var bits = BitWriter(capacity: count * 16)
    var last: UInt64 = 0
    for key in keys {
      while last < key.upper >> UInt64(rest) {
        steps.write(0, width: 1)
        last += 1
      }
      steps.write(1, width: 1)
      bits.write(key.upper & (1 << UInt64(rest) - 1), width: rest)
      bits.write(key.lower, width: form.wideBits.lower)
    }
    writer.writeLengthPrefixed(steps.finish())
    writer.write(bits.finish())
  }

  init(from reader: inout SpanReader) throws(ColumnFault) {
    form = TextForm(letter: try reader.byte())
    try require(form.isWide, "form of keys")
    let count = try reader.count(max: ColumnLimits.rowsMax)
    let rest = Self.restBits(form, count: count)
    let steps = try reader.lengthPrefixed(max: count / 2 + 8)
    let width = rest + form.wideBits.lower
    let bits = reader.bytes.extracting(try reader.range(packedByteCount(count, width: width)))
    var at = 0
    var upper: UInt64 = 0
    for index in 0..<count {
      while at < steps.count * 8, steps[at >> 3] >> UInt8(at & 7) & 1 == 0 {
        upper += 1
        at += 1
      }
      try require(at < steps.count * 8, "steps of keys")
      at += 1
      keys.append(
        Key(
          upper: upper << UInt64(rest) | bits.bits(at: index * width, width: rest),
          lower: bits.bits(at: index * width + rest, width: form.wideBits.lower)))
    }
  }
}

extension LeafColumn {
  /// Whether the column is that of source ids.
  var isSourceID: Bool {
    place.scope == 0 && place.section == 1 && place.kind == .text
      && place.path == ColumnPaths.sourceID
  }

  /// Makes the list of keys and gives each leaf its rank, if all are of one form that has one.
  mutating func listKeys(in records: Span<UInt8>) -> KeyList? {
    guard isSourceID, plan.store != .constant, let form = plan.forms.first, form.isWide else {
      return nil
    }
    var keys: [KeyList.Key] = []
    keys.reserveCapacity(leaves.count)
    for index in leaves.indices {
      let text = records.extracting(text(index, in: records, prefixCount: 0))
      guard let key = form.value(of: text) else { return nil }
      keys.append(KeyList.Key(upper: key.upper, lower: key.lower))
    }
    let list = KeyList(form: form, keys: keys)
    numbers = keys.map { UInt32(list.rank(of: $0) ?? 0) }
    plan.store = .ranks
    plan.forms = []
    return list
  }
}

extension ColumnTables {
  /// The column of source ids, if its ids are listed.
  private var keyColumn: Int? { columns.firstIndex { $0.plan.store == .ranks } }

  /// Whether source ids are listed, so that ``rank(ofSourceID:)`` knows all that are not in blocks
  /// with something unlisted.
  package var hasKeys: Bool { keys != nil }

  /// The rank of a source id among those of the segment.
  ///
  /// - Parameter text: The source id, of any source.
  /// - Returns: Its rank from 0, or nothing if the segment has no such row, but for blocks with
  ///   something unlisted.
  /// - Complexity: O(log rows).
  package func rank(ofSourceID text: Span<UInt8>) -> Int? {
    guard let keys, let key = keys.form.value(of: text) else { return nil }
    return keys.rank(of: KeyList.Key(upper: key.upper, lower: key.lower))
  }

  /// The rank of each row's source id; much cheaper than reading the rows.
  ///
  /// - Parameters:
  ///   - facts: The block's facts part.
  ///   - persons: The block's persons part.
  ///   - rowCount: How many rows the block has.
  /// - Returns: A rank a row; -1 where there is none.
  /// - Throws: ``ColumnFault`` if the block breaks a rule of the format.
  package func ranks(
    facts: Span<UInt8>, persons: Span<UInt8>, rowCount: Int
  ) throws(ColumnFault) -> [Int] {
    var reader = try BlockReader.make(self, facts: facts, persons: persons, rowCount: rowCount)
    guard let keyColumn else { return [Int](repeating: -1, count: rowCount) }
    let ranks = try reader.ranks(keyColumn)
    let perShape = columns[keyColumn].perShape
    var next = 0
    return reader.symbols[0].map { symbol in
      guard symbol > 0, perShape[Int(symbol) - 1] > 0 else { return -1 }
      defer { next += Int(perShape[Int(symbol) - 1]) }
      return Int(ranks[next])
    }
  }
}
