internal import BinaryCoding

// keys := letter u8 of the form (u, U or q), key count varint, bytes of the upper halves' steps, the
//         rest of each key, packed
//
// Keys ascend and differ. The upper part of a key are its first ⌊log₂ count⌋ bits. Steps are one bit 1
// for each key, and before it one bit 0 for each 1 that its upper part is more than the last one's
// (Elias 1974, Fano 1971); their length in bytes stands before them as a varint.

/// The different source ids of a segment, if all are UUIDs: sorted, so that their upper bits cost little.
struct KeyList: Sendable {
  let form: TextForm
  private(set) var keys: [Key] = []

  /// The two words of a key.
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
  static func restBits(_ form: TextForm, count: Int) -> Int {
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
}

/// A list of source ids as readers keep it: packed as it is on disk, since they meet few of its keys.
struct PackedKeys: Sendable {
  let form: TextForm
  let count: Int
  /// How many bits of the upper word are not in the upper part.
  private let restBits: Int
  private let steps: [UInt8]
  private let bits: [UInt8]
  /// Where the step of every 16th key lies.
  private var anchors: [UInt32] = []

  private static let keysPerAnchor = 16

  init(from reader: inout SpanReader) throws(ColumnFault) {
    form = TextForm(letter: try reader.byte())
    try require(form.isWide, "form of keys")
    count = try reader.count(max: ColumnLimits.rowsMax)
    restBits = KeyList.restBits(form, count: count)
    steps = try reader.lengthPrefixed(max: count / 2 + 8)
    let width = restBits + form.wideBits.lower
    bits = [UInt8](
      copying: reader.bytes, try reader.range(packedByteCount(count, width: width)))
    var found = 0
    for (index, byte) in steps.enumerated() {
      var ones = byte
      while ones != 0, found < count {
        if found % Self.keysPerAnchor == 0 {
          anchors.append(UInt32(index * 8 + ones.trailingZeroBitCount))
        }
        ones &= ones &- 1
        found += 1
      }
    }
    try require(found == count, "steps of keys")
  }

  /// About how many bytes of memory it takes.
  var byteCount: Int { steps.count + bits.count + 4 * anchors.count }

  /// The key of a rank below ``count``.
  func key(atRank rank: Int) -> KeyList.Key {
    // As many steps of 0 as the upper part is large lie before the key's own step.
    let upper = UInt64(step(ofRank: rank) &- rank)
    let offset = rank &* (restBits &+ form.wideBits.lower)
    return KeyList.Key(
      upper: upper &<< UInt64(restBits) | bits.span.bits(at: offset, width: restBits),
      lower: bits.span.bits(at: offset &+ restBits, width: form.wideBits.lower))
  }

  /// Where the step of a key lies: the `rank`-th bit 1, from 0.
  private func step(ofRank rank: Int) -> Int {
    var at = Int(anchors[rank / Self.keysPerAnchor])
    var passed = rank % Self.keysPerAnchor
    while true {
      var ones = steps.span.bits(at: at, width: 64)
      let found = ones.nonzeroBitCount
      if passed < found {
        for _ in 0..<passed { ones &= ones &- 1 }
        return at &+ ones.trailingZeroBitCount
      }
      passed &-= found
      at &+= 64
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
