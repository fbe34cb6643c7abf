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
    keys.reserveCapacity(count)
    var upper: UInt64 = 0
    var offset = 0
    for step in steps {
      var ones = step
      var passed = 0
      while ones != 0, keys.count < count {
        let zeros = ones.trailingZeroBitCount
        upper &+= UInt64(zeros &- passed)
        passed = zeros &+ 1
        ones &= ones &- 1
        keys.append(
          Key(
            upper: upper &<< UInt64(rest) | bits.bits(at: offset, width: rest),
            lower: bits.bits(at: offset &+ rest, width: form.wideBits.lower)))
        offset &+= width
      }
      upper &+= UInt64(8 &- passed)
    }
    try require(keys.count == count, "steps of keys")
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
