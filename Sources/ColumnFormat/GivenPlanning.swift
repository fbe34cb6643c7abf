internal import BinaryCoding

extension LeafColumn {
  /// How many bytes mixing numbers has to save of so many leaves, for the time it takes to read them.
  ///
  /// Few entries cost next to nothing by themselves, and others may go by them.
  func mixingPrice(_ count: Int) -> Int {
    let isPlain = entries.count < 256
    return MixedValues.price(
      bits: count * (isPlain ? bitLength(UInt64(entries.count)) : 16),
      contexts: 2 * plan.givens.count + (isPlain ? 0 : 3))
  }
}

extension BlockWriter {
  /// Mixes the numbers of columns, each by those that tell most of it, where that takes fewer bytes.
  mutating func planGivens(
    _ leaves: inout SegmentLeaves, costs: inout [Int]
  ) throws(ColumnFault) {
    let mixable = costs.indices.filter {
      costs[$0] > leaves.rowCount / 64 + 64 && !leaves.columns[$0].numbers.isEmpty
    }
    // First those that may be keys: with few entries, or many.
    for column in mixable {
      try tryNumbers(column, [], &leaves, cost: &costs[column], slack: 1.02)
    }
    for column in mixable.sorted(by: { (costs[$1], $0) < (costs[$0], $1) }) {
      let ranked = leaves.givens(ofColumn: column)
      var chosen: [ColumnPlan.Given] = []
      for given in ranked {
        if try tryNumbers(column, chosen + [given], &leaves, cost: &costs[column], slack: 1) {
          chosen.append(given)
        }
      }
    }
  }

  /// Mixes a column's numbers by others if that takes fewer bytes.
  @discardableResult
  private mutating func tryNumbers(
    _ column: Int, _ givens: [ColumnPlan.Given], _ leaves: inout SegmentLeaves,
    cost best: inout Int, slack: Double
  ) throws(ColumnFault) -> Bool {
    let before = leaves.columns[column]
    if !leaves.columns[column].plan.store.hasDictionary {
      leaves.columns[column].tableByteCount =
        try packer.dictionary(of: leaves.columns[column], in: leaves.records.span).count
    }
    leaves.columns[column].plan.store = .numbers
    leaves.columns[column].plan.predictor = .none
    leaves.columns[column].plan.givens = givens
    let found = try cost(column, leaves)
    if Double(found) < Double(best) * slack {
      best = min(best, found)
      leaves.columns[column].map = []
      leaves.columns[column].words = nil
      return true
    }
    leaves.columns[column].plan = before.plan
    leaves.columns[column].tableByteCount = before.tableByteCount
    return false
  }
}

extension SegmentLeaves {
  /// The columns that tell most of another one's numbers, best first, the four best.
  func givens(ofColumn index: Int) -> [ColumnPlan.Given] {
    let column = columns[index]
    guard let block = column.sampleBlocks(1).first else { return [] }
    let symbols = Array(column.numbers[column.range(ofBlock: block)])
    let alone = CodeLengths.of(symbols, beside: [UInt32](repeating: 0, count: symbols.count))
    var found: [(given: ColumnPlan.Given, length: Double)] = []
    for key in keys(ofColumn: index) where columns[key].plan.store.hasDictionary {
      let known = self.symbols(of: key, besideColumn: index, block: block)
      found.append(
        (
          ColumnPlan.Given(key: key, isLast: false),
          CodeLengths.of(symbols, beside: known)
        ))
      found.append(
        (
          ColumnPlan.Given(key: key, isLast: true),
          CodeLengths.of(symbols, beside: Self.last(symbols, beside: known))
        ))
    }
    found = found.filter { $0.length < alone * 0.97 }
    found.sort {
      $0.length != $1.length ? $0.length < $1.length : $0.given.key < $1.given.key
    }
    return found.prefix(ColumnLimits.givensMax).map(\.given)
  }

  /// What each symbol was when the same one was beside it last: one more, or 0.
  private static func last(_ symbols: [UInt32], beside known: [UInt32]) -> [UInt32] {
    var last: [UInt32: UInt32] = [:]
    return zip(symbols, known).map { symbol, key in
      defer { last[key] = symbol + 1 }
      return last[key, default: 0]
    }
  }
}
