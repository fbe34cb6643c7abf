internal import BinaryCoding

// map := ints, one for each entry of the key's dictionary: 0 none, otherwise the age of the number
//        that goes with it: one more if it is not negative

/// For each leaf of a column, which leaf of another column in the same scope goes with it.
///
/// - Parameters:
///   - symbols: The shapes of the items, from 1; 0 has neither.
///   - perShape: How often each shape has the column.
///   - keyPerShape: How often each shape has the other column.
///   - count: How many leaves the column has there.
/// - Returns: The index of the first of the other column's leaves in the item, or -1.
func alignment(
  _ symbols: ArraySlice<Int64>, perShape: [UInt8], keyPerShape: [UInt8], count: Int
) -> [Int32] {
  var found: [Int32] = []
  found.reserveCapacity(count)
  var next: Int32 = 0
  for symbol in symbols where symbol > 0 {
    let shape = Int(symbol) &- 1
    let keys = keyPerShape[shape]
    for _ in 0..<perShape[shape] { found.append(keys > 0 ? next : -1) }
    next &+= Int32(keys)
  }
  return found
}

extension SegmentLeaves {
  /// The shapes of the items of a scope in a block.
  func symbols(ofScope scope: Int, block: Int) -> [Int64] {
    guard scope > 0 else { return Array(symbols[rows(ofBlock: block)]) }
    let column = columns[scopes[scope].elementColumn]
    return column.leaves[column.range(ofBlock: block)].map { Int64($0) }
  }

  /// For each leaf of a column in a block, the index of the key's leaf that goes with it, or -1.
  func keys(_ key: Int, ofColumn column: Int, block: Int) -> [Int32] {
    let symbols = symbols(ofScope: columns[column].place.scope, block: block)
    return alignment(
      symbols[...], perShape: columns[column].perShape, keyPerShape: columns[key].perShape,
      count: columns[column].range(ofBlock: block).count)
  }

  /// Which leaves of a column are what the column's plan predicts.
  func hits(ofColumn index: Int, block: Int) -> [Bool] {
    let column = columns[index]
    let range = column.range(ofBlock: block)
    switch column.plan.predictor {
    case .none: return []
    case .previous:
      return range.map { $0 > range.lowerBound && isEqual(column, $0, $0 - 1) }
    case .map(let key):
      let start = columns[key].range(ofBlock: block).lowerBound
      return zip(range, keys(key, ofColumn: index, block: block)).map { leaf, other in
        guard other >= 0 else { return false }
        let entry = Int(columns[key].numbers[start + Int(other)])
        return column.map[entry] == column.numbers[leaf] + 1
      }
    case .affix(let key, let prefix, let suffix):
      let start = columns[key].range(ofBlock: block).lowerBound
      let affix = Affix(column.place, key: columns[key].place, prefix: prefix, suffix: suffix)
      return zip(range, keys(key, ofColumn: index, block: block)).map { leaf, other in
        other >= 0
          && affix.joins(
            column.leaves[leaf], columns[key].leaves[start + Int(other)], in: records.span)
      }
    }
  }

  private func isEqual(_ column: LeafColumn, _ one: Int, _ other: Int) -> Bool {
    if !column.numbers.isEmpty { return column.numbers[one] == column.numbers[other] }
    let (left, right) = (Place(rawValue: column.leaves[one]), Place(rawValue: column.leaves[other]))
    return records.span.extracting(left.range).isEqual(to: records.span.extracting(right.range))
  }
}

/// A text as another text with something before and behind it.
struct Affix {
  private let kind: ColumnKind
  private let keyKind: ColumnKind
  private let skipped: Int
  private let keySkipped: Int
  var prefix: [UInt8]
  var suffix: [UInt8]

  init(_ place: ColumnPlace, key: ColumnPlace, prefix: [UInt8] = [], suffix: [UInt8] = []) {
    kind = place.kind
    keyKind = key.kind
    skipped = place.textPrefix.count
    keySkipped = key.textPrefix.count
    self.prefix = prefix
    self.suffix = suffix
  }

  private func text(_ leaf: UInt64, in records: Span<UInt8>) -> Range<Int> {
    textRange(of: Place(rawValue: leaf), kind: kind, prefixCount: skipped, in: records)
  }

  private func key(_ leaf: UInt64, in records: Span<UInt8>) -> Range<Int> {
    textRange(of: Place(rawValue: leaf), kind: keyKind, prefixCount: keySkipped, in: records)
  }

  /// Whether a leaf is the key's leaf with prefix and suffix.
  func joins(_ leaf: UInt64, _ other: UInt64, in records: Span<UInt8>) -> Bool {
    let text = records.extracting(text(leaf, in: records))
    let key = records.extracting(key(other, in: records))
    guard text.count == prefix.count + key.count + suffix.count else { return false }
    let end = prefix.count + key.count
    return text.extracting(prefix.count..<end).isEqual(to: key)
      && text.extracting(0..<prefix.count).isEqual(to: prefix.span)
      && text.extracting(end..<text.count).isEqual(to: suffix.span)
  }

  /// Takes prefix and suffix from a leaf that contains the key's leaf.
  mutating func learn(_ leaf: UInt64, _ other: UInt64, in records: Span<UInt8>) -> Bool {
    let text = records.extracting(text(leaf, in: records))
    let key = records.extracting(key(other, in: records))
    guard key.count >= 3, key.count <= text.count,
      text.count - key.count <= TextForm.affixBytesMax
    else {
      return false
    }
    for start in 0...text.count - key.count
    where text.extracting(start..<start + key.count).isEqual(to: key) {
      prefix = [UInt8](copying: text, 0..<start)
      suffix = [UInt8](copying: text, start + key.count..<text.count)
      return true
    }
    return false
  }
}

extension LeafColumn {
  /// Chooses what usually goes with each entry of a key: a number that more than half of the entry's
  /// rows have, if there is one (Boyer and Moore, *MJRTY*, 1981).
  mutating func vote(_ key: LeafColumn, pairs: (Int) -> [Int32], blocks: Range<Int>) {
    map = [UInt32](repeating: 0, count: key.entries.count)
    var votes = [UInt32](repeating: 0, count: key.entries.count)
    for block in blocks {
      let start = key.range(ofBlock: block).lowerBound
      for (leaf, other) in zip(range(ofBlock: block), pairs(block)) where other >= 0 {
        let entry = Int(key.numbers[start + Int(other)])
        let number = numbers[leaf] + 1
        if map[entry] == number {
          votes[entry] += 1
        } else if votes[entry] == 0 {
          map[entry] = number
          votes[entry] = 1
        } else {
          votes[entry] -= 1
        }
      }
    }
  }

  /// The map as integers.
  var mapAges: [Int64] {
    var ages = NumberAges(next: 0)
    return map.map { number in
      guard number > 0 else { return 0 }
      let age = ages.age(of: number - 1)
      return age >= 0 ? age + 1 : age
    }
  }
}
